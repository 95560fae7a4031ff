//! One layer's numbers, from its shapes.

use orthant_bits::words_for;

use super::energy::{self, Energy, Memory};
use super::{Elementwise, Ending, LayerCost, Macs, Twin};
use crate::format::threshold_bytes;
use crate::{Activation, LayerPlan, Network, ReadoutKind, Values, WeightLayout, WeightQuantizer};

/// Everything but the energy, which depends on the other layers' weights.
pub(super) fn count(
    network: &Network,
    plans: &[LayerPlan],
    last_uses: &[Option<usize>],
    at: usize,
) -> LayerCost {
    let (layer, plan) = (&network.layers[at], &plans[at]);
    let starts = last_uses[at].is_some();
    let ending = match network.readout(at, plan) {
        ReadoutKind::Bits | ReadoutKind::Ternary => Ending::Comparisons,
        ReadoutKind::Real | ReadoutKind::None => Ending::Real,
    };
    let channels = plan.output[2];
    let (macs, bops, words) = products(plan);
    let z_bytes = |plan: &LayerPlan| bytes(plan.output_len(), 4);
    let read = layer.shortcut.map_or(0, |from| z_bytes(&plans[from]));
    let written = if starts { z_bytes(plan) } else { 0 };
    let input_bytes = tensor_bytes(plan.input, plan.values);
    let output_bytes = tensor_bytes(plan.output, Values::of(layer.activation));
    // The last layer's z is its output.
    let own = (starts || layer.shortcut.is_some()) && layer.activation != Activation::None;
    // Layers before this one whose `z` is still to be added, here or later.
    let kept = plans[..at].iter().zip(last_uses);
    let kept = kept.filter(|(_, last)| **last >= Some(at));
    let kept = kept.map(|(plan, _)| z_bytes(plan));
    let kept = kept.fold(if own { z_bytes(plan) } else { 0 }, u64::saturating_add);
    LayerCost {
        name: layer.name.clone(),
        op: layer.op,
        plan: *plan,
        ending,
        learnt: layer
            .norm
            .map_or(0, |norm| channels * (1 + usize::from(norm.gamma))),
        running: layer.norm.map_or(0, |_| 2 * channels),
        macs,
        bops,
        words,
        other: elementwise(network, plans, at, ending),
        weight_bytes: weight_bytes(plan),
        constant_bytes: constant_bytes(network, plan, at, ending),
        input_bytes,
        output_bytes,
        shortcut_bytes: Twin::both(read.saturating_add(written)),
        live_bytes: input_bytes + output_bytes + Twin::both(kept),
        energy: Twin::default(),
    }
}

/// Energy of a layer in a network whose weights lie in `memory`.
pub(super) fn energy_of(layer: &LayerCost, memory: Twin<Memory>) -> Twin<Energy> {
    let still = layer.weight_bytes + layer.constant_bytes;
    let moving = layer.activation_bytes();
    let of_memory = |memory: Memory, still, moving, live| {
        memory.energy(still) + Memory::holding(live).energy(moving)
    };
    Twin {
        packed: Energy {
            arithmetic_pj: energy::packed(&layer.macs, layer.words, &layer.other.packed),
            memory_pj: of_memory(
                memory.packed,
                still.packed,
                moving.packed,
                layer.live_bytes.packed,
            ),
        },
        float32: Energy {
            arithmetic_pj: energy::float32(&layer.macs, &layer.other.float32),
            memory_pj: of_memory(
                memory.float32,
                still.float32,
                moving.float32,
                layer.live_bytes.float32,
            ),
        },
    }
}

/// Multiply-accumulates, the one-bit operations in them, and the words in which packed operands
/// meet.
fn products(plan: &LayerPlan) -> (Macs, u64, u64) {
    let (mut macs, total) = (Macs::default(), plan.macs());
    let Some(shape) = plan.shape.filter(|_| plan.is_packed()) else {
        macs.float = total;
        return (macs, 0, 0);
    };
    let ternary_weights = matches!(plan.quantizer, WeightQuantizer::Ternary { .. });
    if plan.values == Values::Pixels {
        macs.pixels = total;
        let planes = 8 * (1 + u64::from(ternary_weights));
        return (macs, total.saturating_mul(planes), 0);
    }
    let channels = shape.group_channels();
    let words = total / channels as u64 * words_for(channels) as u64;
    if ternary_weights || plan.values == Values::Ternary {
        macs.ternary = total;
        (macs, total.saturating_mul(2), words)
    } else {
        macs.binary = total;
        (macs, total, words)
    }
}

fn elementwise(
    network: &Network,
    plans: &[LayerPlan],
    at: usize,
    ending: Ending,
) -> Twin<Elementwise> {
    let (layer, plan) = (&network.layers[at], &plans[at]);
    let outputs = plan.output_len() as u64;
    if plan.shape.is_none() {
        return Twin::both(Elementwise {
            additions: plan.input_len() as u64,
            multiplications: outputs,
            ..Elementwise::default()
        });
    }
    let pooled = layer.pool.map_or(0, |pool| {
        let places = pool.window[0] as u64 * pool.window[1] as u64;
        outputs.saturating_mul(places - 1)
    });
    let mut real = Elementwise::default();
    if layer.norm.is_some() {
        (real.multiplications, real.additions) = (outputs, outputs);
    }
    if let Some(from) = layer.shortcut {
        let source = &plans[from];
        real.additions = real.additions.saturating_add(source.output_len() as u64);
        if source.output[0] != plan.output[0] {
            let means = source.output_len() as u64;
            real.multiplications = real.multiplications.saturating_add(means);
        }
    }
    let float32 = Elementwise {
        float_comparisons: pooled.saturating_add(outputs * comparisons(layer.activation, true)),
        ..real
    };
    let packed = match ending {
        Ending::Comparisons => {
            let sums = plan.sums_len() as u64;
            Elementwise {
                integer_comparisons: sums.saturating_mul(comparisons(layer.activation, false)),
                ..Elementwise::default()
            }
        }
        Ending::Real => {
            let (integers, floats) = if plan.is_packed() {
                (pooled, 0)
            } else {
                (0, pooled)
            };
            let is_scaled = layer.weights == WeightQuantizer::SignScaled
                || (plan.values == Values::Pixels && plan.is_packed());
            let scales = if is_scaled { outputs } else { 0 };
            Elementwise {
                multiplications: real.multiplications.saturating_add(scales),
                additions: real.additions,
                float_comparisons: floats
                    .saturating_add(outputs * comparisons(layer.activation, false)),
                integer_comparisons: integers,
            }
        }
    };
    Twin { packed, float32 }
}

/// Comparisons of an activation; the float twin of a step is the hard tanh.
fn comparisons(activation: Activation, is_twin: bool) -> u64 {
    match activation {
        Activation::None => 0,
        Activation::Relu => 1,
        Activation::Sign if !is_twin => 1,
        Activation::Sign | Activation::Ternary { .. } | Activation::Clip => 2,
    }
}

fn weight_bytes(plan: &LayerPlan) -> Twin<u64> {
    let float32 = bytes(plan.weights(), 4);
    let rows = |rows: usize, cols: usize| bytes(rows, 8 * words_for(cols) as u64);
    let packed = match plan.weight_layout() {
        WeightLayout::None => 0,
        WeightLayout::Real { .. } => float32,
        WeightLayout::Binary { rows: count, cols } => rows(count, cols),
        WeightLayout::Ternary { rows: count, cols } => 2 * rows(count, cols),
    };
    Twin { packed, float32 }
}

/// Thresholds with a bit for each channel's direction, as a file holds them; or 32-bit scales and
/// shifts.
fn constant_bytes(network: &Network, plan: &LayerPlan, at: usize, ending: Ending) -> Twin<u64> {
    let (layer, channels) = (&network.layers[at], plan.output[2]);
    let norm = if layer.norm.is_some() {
        bytes(channels, 8)
    } else {
        0
    };
    let packed = match ending {
        Ending::Comparisons => {
            let threshold = threshold_bytes(plan.largest_sum) as u64;
            let per_channel = threshold * comparisons(layer.activation, false);
            bytes(channels, per_channel) + channels.div_ceil(8) as u64
        }
        Ending::Real if layer.weights == WeightQuantizer::SignScaled && plan.shape.is_some() => {
            norm + bytes(channels, 4)
        }
        Ending::Real => norm,
    };
    Twin {
        packed,
        float32: norm,
    }
}

fn tensor_bytes(extent: [usize; 3], values: Values) -> Twin<u64> {
    let [height, width, channels] = extent;
    let pixels = height * width;
    let planes = |planes: u64| bytes(pixels, 8 * planes * words_for(channels) as u64);
    let float32 = bytes(pixels * channels, 4);
    let packed = match values {
        // An image is bytes, whatever reads it.
        Values::Pixels => return Twin::both(bytes(pixels * channels, 1)),
        Values::Binary => planes(1),
        Values::Ternary => planes(2),
        Values::Float => float32,
    };
    Twin { packed, float32 }
}

/// Bytes of `count` numbers; the largest number where 64 bits do not hold them.
fn bytes(count: usize, each: u64) -> u64 {
    (count as u64).saturating_mul(each)
}
