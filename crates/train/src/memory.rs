//! What a training step holds in memory, before it is taken.
//!
//! ```text
//! always     latent weights, moments, data; quantized weights twice, since flips compare them
//! at layer l caches of the layers up to l, gradients of weights from l on, and of l itself:
//!            ∂L/∂z, ∂L/∂y before the pool, ∂L/∂a, the weights as floats, their gradient twice
//! ```

use orthant_bits::words_for;
use orthant_model::{LayerPlan, Values};

use crate::dropout::masked;
use crate::model::Model;
use crate::optimizer::Optimizer;
use crate::weights::ForwardWeights;

const FLOAT: u64 = size_of::<f32>() as u64;

/// What the program, its threads and its allocator take beside the tensors.
const BESIDE: u64 = 14 << 20;

/// Bytes that training holds at most on batches of so many images, without the data.
pub fn peak(
    model: &Model,
    optimizer: &Optimizer,
    weights: &[Option<ForwardWeights>],
    batch: usize,
) -> u64 {
    let parameters = model.parameters.iter().map(|own| {
        let norm = own.norm.as_ref().map_or(0, |norm| 4 * norm.beta.len());
        own.weight.len() + norm
    });
    let moments = optimizer.moments.iter().flat_map(|layer| {
        let all = [&layer.weight, &layer.gamma, &layer.beta];
        all.map(|moments| moments.first.len() + moments.second.len())
    });
    let floats = parameters.sum::<usize>() + moments.sum::<usize>();
    let quantized: u64 = weights.iter().flatten().map(ForwardWeights::bytes).sum();
    let always = BESIDE + FLOAT * floats as u64 + 2 * quantized;
    let plans = model.plans();
    let at = |layer: usize| {
        let caches = (0..=layer).map(|layer| cache(model, layer));
        let gradients = plans[layer..]
            .iter()
            .map(|plan| FLOAT * plan.weights() as u64);
        batch as u64 * (caches.sum::<u64>() + transient(&plans[layer], layer > 0))
            + gradients.sum::<u64>()
            + 2 * FLOAT * plans[layer].weights() as u64
    };
    always + (0..plans.len()).map(at).max().unwrap_or(0)
}

/// Bytes of what the forward pass of one image leaves for the way back.
fn cache(model: &Model, layer: usize) -> u64 {
    let plan = &model.plans()[layer];
    let [height, width, channels] = plan.input;
    let words = (height * width * words_for(channels) * size_of::<u64>()) as u64;
    let values = match model.training()[layer].dropout > 0.0 {
        true => masked(plan.values),
        false => plan.values,
    };
    let input = match values {
        Values::Pixels => plan.input_len() as u64,
        Values::Binary => words,
        Values::Ternary => 2 * words,
        Values::Float => FLOAT * plan.input_len() as u64,
    };
    let outputs = plan.output_len() as u64;
    let sum = match (plan.is_packed(), i16::try_from(plan.largest_sum)) {
        (true, Ok(_)) => 2,
        _ => FLOAT,
    };
    let places = if model.network().layers[layer].pool.is_some() {
        2
    } else {
        0
    };
    let z = if model.network().keeps_z(layer) {
        FLOAT
    } else {
        0
    };
    input + outputs * (sum + places + z)
}

/// Bytes that the way back through a layer holds for one image.
fn transient(plan: &LayerPlan, has_input: bool) -> u64 {
    let input = if has_input { plan.input_len() } else { 0 };
    let before_pool = if plan.sums_len() == plan.output_len() {
        0
    } else {
        plan.sums_len()
    };
    FLOAT * (plan.output_len() + before_pool + input) as u64
}
