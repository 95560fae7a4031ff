//! The network in float32.

use super::graph::{Attribute, Graph, Type};
use crate::images::{CHANNELS, SIDE};
use crate::network::{CLASSES, Layer, Network};

/// Convolutions with the norm in weights and bias, max-pool, rectifier; then matrix products.
///
/// Gains are positive, so that norm and max-pool commute; a rectifier after the max-pool has a
/// quarter of the numbers to look at.
pub fn float32(network: &Network, batch: usize) -> Vec<u8> {
    let mut graph = Graph::default();
    let mut value = String::from("input");
    let last = network.layers.len() - 1;
    for (index, layer) in network.layers.iter().enumerate() {
        let bias = graph.floats(&[layer.outputs], &layer.bias());
        value = if layer.is_dense() {
            dense(&mut graph, layer, &value, &bias)
        } else {
            convolution(&mut graph, layer, &value, &bias)
        };
        if index < last {
            value = graph.node("Relu", &[&value], &[]);
        }
    }
    graph.into_file(
        ("input", Type::F32, &[batch, CHANNELS, SIDE, SIDE]),
        (&value, Type::F32, &[batch, CLASSES]),
    )
}

fn convolution(graph: &mut Graph, layer: &Layer, input: &str, bias: &str) -> String {
    let weights = layer.channels_first(|output, weight| layer.gain[output] * f32::from(weight));
    let shape = [layer.outputs, layer.inputs, layer.kernel, layer.kernel];
    let weights = graph.floats(&shape, &weights);
    let sums = graph.node("Conv", &[input, &weights, bias], &convolved(&[1; 4]));
    if layer.pool {
        graph.node("MaxPool", &[&sums], &pooled())
    } else {
        sums
    }
}

fn dense(graph: &mut Graph, layer: &Layer, input: &str, bias: &str) -> String {
    let weights = layer.channels_first(|output, weight| layer.gain[output] * f32::from(weight));
    let weights = transposed(layer, &weights);
    let weights = graph.floats(&[layer.filter_len(), layer.outputs], &weights);
    let input = graph.node("Flatten", &[input], &[Attribute::Int("axis", 1)]);
    let product = graph.node("MatMul", &[&input, &weights], &[]);
    graph.node("Add", &[&product, bias], &[])
}

/// A 3 x 3 kernel and its border.
pub(super) fn convolved<'a>(border: &'a [i64; 4]) -> [Attribute<'a>; 2] {
    [
        Attribute::Ints("kernel_shape", &[3, 3]),
        Attribute::Ints("pads", border),
    ]
}

/// A 2 x 2 max-pool.
pub(super) fn pooled() -> [Attribute<'static>; 2] {
    [
        Attribute::Ints("kernel_shape", &[2, 2]),
        Attribute::Ints("strides", &[2, 2]),
    ]
}

/// A dense layer's numbers from `[outputs, inputs]` to `[inputs, outputs]`.
pub(super) fn transposed<T: Copy>(layer: &Layer, numbers: &[T]) -> Vec<T> {
    let inputs = layer.filter_len();
    let column = |input| numbers.iter().skip(input).step_by(inputs).copied();
    (0..inputs).flat_map(column).collect()
}
