//! The network in 8-bit integers: `ConvInteger` and `MatMulInteger`, a scale per output.
//!
//! ```text
//! x = scale · (u − 128)                  u : u8, activations; scale 1/127, that of pixels 2/255
//! w = gain / 63 · (v − zero)             v : 63 apart from zero on either side
//! u = 128 + round(127 · z), saturated    z = gain · scale / 63 · Σ (v − zero) · (u − 128) + bias
//! ```
//!
//! Weights have 7 bits: on CPUs without VNNI a pair of products is added in 16 bits, which 8 bits
//! would saturate. Convolutions take them unsigned, around 64, products of matrices signed: so the
//! engine has nothing to convert.

use super::float32::{convolved, pooled, transposed};
use super::graph::{Attribute, Graph, Type};
use crate::images::{CHANNELS, SIDE};
use crate::network::{CLASSES, Layer, Network};

/// What stands for 0 in activations.
const ZERO: u8 = 128;
/// How far a weight of ±1 lies from its zero.
const ONE: i8 = 63;
/// What stands for 0 in a convolution's weights.
const CONVOLUTION_ZERO: i8 = 64;
/// What a step of a pixel is worth; the middle, 127.5, is taken for 128.
const PIXEL: f32 = 2.0 / 255.0;
/// What a step of an activation is worth.
const ACTIVATION: f32 = 1.0 / 127.0;
/// `Cast`'s target: the number of float32.
const TO_FLOAT: [Attribute<'static>; 1] = [Attribute::Int("to", Type::F32 as i64)];

/// The network in two files, so that each can have the batch that suits it.
pub struct Parts {
    /// Pixels `u8 [1, 3, 32, 32]` to activations `u8 [1, 512, 4, 4]`.
    pub convolutions: Vec<u8>,
    /// Activations `u8 [batch, 8192]` to logits `f32 [batch, 10]`.
    pub dense: Vec<u8>,
}

/// Convolutions of one image, dense layers of a batch.
pub fn int8(network: &Network, batch: usize) -> Parts {
    let is_dense = |layer: &Layer| layer.is_dense();
    let (convolutions, dense) = network
        .layers
        .split_at(network.layers.partition_point(|layer| !is_dense(layer)));
    let (last, features) = (&convolutions[convolutions.len() - 1], dense[0].filter_len());
    Parts {
        convolutions: file(
            convolutions,
            PIXEL,
            (Type::U8, &[1, CHANNELS, SIDE, SIDE]),
            (Type::U8, &[1, last.outputs, last.side / 2, last.side / 2]),
        ),
        dense: file(
            dense,
            ACTIVATION,
            (Type::U8, &[batch, features]),
            (Type::F32, &[batch, CLASSES]),
        ),
    }
}

/// Layers that follow each other; real numbers that come out are not quantized.
fn file(
    layers: &[Layer],
    mut scale: f32,
    (input, input_shape): (Type, &[usize]),
    (output, output_shape): (Type, &[usize]),
) -> Vec<u8> {
    let mut graph = Graph::default();
    let mut value = String::from("input");
    let zero = graph.bytes(Type::U8, &[], &[ZERO]);
    let step = graph.float(ACTIVATION);
    for (index, layer) in layers.iter().enumerate() {
        value = if layer.is_dense() {
            dense(&mut graph, layer, &value, &zero, scale)
        } else {
            convolution(&mut graph, layer, &value, &zero, scale)
        };
        let is_output = index + 1 == layers.len();
        if !is_output || matches!(output, Type::U8) {
            value = graph.node("QuantizeLinear", &[&value, &step, &zero], &[]);
        }
        scale = ACTIVATION;
    }
    graph.into_file(
        ("input", input, input_shape),
        (&value, output, output_shape),
    )
}

/// Sums, max-pool of what the integers stand for, norm.
fn convolution(graph: &mut Graph, layer: &Layer, input: &str, zero: &str, scale: f32) -> String {
    let weights = layer.channels_first(|_, weight| (CONVOLUTION_ZERO + ONE * weight) as u8);
    let shape = [layer.outputs, layer.inputs, layer.kernel, layer.kernel];
    let weights = graph.bytes(Type::U8, &shape, &weights);
    let weight_zero = graph.bytes(Type::U8, &[], &[CONVOLUTION_ZERO as u8]);
    let inputs = [input, &weights, zero, &weight_zero];
    let sums = graph.node("ConvInteger", &inputs, &convolved(&[1; 4]));
    let mut sums = graph.node("Cast", &[&sums], &TO_FLOAT);
    if layer.pool {
        sums = graph.node("MaxPool", &[&sums], &pooled());
    }
    norm(graph, layer, &sums, scale, &[layer.outputs, 1, 1])
}

fn dense(graph: &mut Graph, layer: &Layer, input: &str, zero: &str, scale: f32) -> String {
    let weights = layer.channels_first(|_, weight| (ONE * weight) as u8);
    let weights = transposed(layer, &weights);
    let weights = graph.bytes(Type::I8, &[layer.filter_len(), layer.outputs], &weights);
    let weight_zero = graph.bytes(Type::I8, &[], &[0]);
    let inputs = [input, &weights, zero, &weight_zero];
    let sums = graph.node("MatMulInteger", &inputs, &[]);
    let sums = graph.node("Cast", &[&sums], &TO_FLOAT);
    norm(graph, layer, &sums, scale, &[layer.outputs])
}

/// The norm of sums of integers, with factors in this shape.
fn norm(graph: &mut Graph, layer: &Layer, sums: &str, scale: f32, shape: &[usize]) -> String {
    let scales = layer.gain.iter().map(|gain| gain * scale / f32::from(ONE));
    let scales = graph.floats(shape, &scales.collect::<Vec<_>>());
    let bias = graph.floats(shape, &layer.bias());
    let scaled = graph.node("Mul", &[sums, &scales], &[]);
    graph.node("Add", &[&scaled, &bias], &[])
}
