//! What is truly 1-bit and what is not, in sentences.

use orthant_model::{Cost, Ending, LayerCost, Network, Op, WeightQuantizer};

use crate::figures::percent;

/// The sentences, the most important first.
pub fn notes(network: &Network, cost: &Cost) -> Vec<String> {
    let macs = cost.total(|layer| layer.macs);
    let share = |part| percent(part, macs.total());
    let list = |of: &dyn Fn(&LayerCost) -> bool| Names::new(cost, of);
    let mut notes = Vec::new();

    let one_bit = list(&|layer| layer.macs.binary > 0);
    notes.push(match macs.binary {
        0 => "No multiply-accumulate is 1-bit × 1-bit.".to_owned(),
        binary => format!(
            "{} of the multiply-accumulates are 1-bit × 1-bit: {}.",
            share(binary),
            one_bit.text
        ),
    });
    if macs.ternary > 0 {
        let names = list(&|layer| layer.macs.ternary > 0);
        let text = "have a ternary operand, two bits where a sign has one";
        notes.push(format!("{} {text}: {}.", share(macs.ternary), names.text));
    }
    if macs.pixels > 0 {
        let names = list(&|layer| layer.macs.pixels > 0);
        let text = "are additions and subtractions of 8-bit pixels";
        notes.push(format!("{} {text}: {}.", share(macs.pixels), names.text));
    }
    notes.extend(float(cost, &share));
    let padded = list(&|layer| {
        let bytes = layer.weight_bytes;
        layer.plan.is_packed() && bytes.packed >= bytes.float32
    });
    if padded.count > 0 {
        let verb = padded.verb("takes", "take");
        notes.push(format!(
            "{} {verb} no fewer bytes than float32: each tap's few channels fill a word of 64 \
             bits.",
            padded.text
        ));
    }
    notes.extend(endings(network, cost));
    let means = list(&|layer| layer.op == Op::MeanPool);
    if means.count > 0 {
        let verb = means.verb("averages", "average");
        notes.push(format!("{} {verb} in float32.", means.text));
    }
    notes
}

/// What is multiplied as 32-bit floats, and why.
fn float(cost: &Cost, share: &dyn Fn(u64) -> String) -> Vec<String> {
    let is_real = |layer: &LayerCost| layer.plan.quantizer == WeightQuantizer::None;
    let part = |real: bool| {
        let is_part = move |layer: &LayerCost| layer.macs.float > 0 && is_real(layer) == real;
        let layers = cost.layers.iter().filter(|&layer| is_part(layer));
        let macs: u64 = layers.map(|layer| layer.macs.float).sum();
        (macs, Names::new(cost, &is_part))
    };
    let mut notes = Vec::new();
    let (macs, names) = part(true);
    if macs > 0 {
        notes.push(format!(
            "{} have float32 weights: {}.",
            share(macs),
            names.text
        ));
    }
    let (macs, names) = part(false);
    if macs > 0 {
        notes.push(format!(
            "{} multiply float32 numbers by weights of one or two bits, which saves memory and no \
             multiplication: {}.",
            share(macs),
            names.text
        ));
    }
    notes
}

/// What becomes of packed layers' sums.
fn endings(network: &Network, cost: &Cost) -> Vec<String> {
    let mut notes = Vec::new();
    let compared = Names::new(cost, &|layer| layer.ending == Ending::Comparisons);
    if compared.count > 0 {
        let verb = compared.verb("computes", "compute");
        notes.push(format!(
            "{} {verb} nothing in float32: batch norm and activation are comparisons of integers.",
            compared.text
        ));
    }
    let is_real = |layer: &LayerCost| layer.plan.is_packed() && layer.ending == Ending::Real;
    let at = |layer: &LayerCost| cost.layers.iter().position(|one| one.name == layer.name);
    let joins = |layer: &LayerCost| {
        let at = at(layer);
        let is_target = at.is_some_and(|at| network.layers[at].shortcut.is_some());
        is_target
            || network
                .layers
                .iter()
                .any(|one| one.shortcut.is_some() && one.shortcut == at)
    };
    let shortcuts = Names::new(cost, &|layer| is_real(layer) && joins(layer));
    if shortcuts.count > 0 {
        let verb = shortcuts.verb("keeps", "keep");
        notes.push(format!(
            "{} {verb} a real scale and shift for shortcuts, which are added in float32.",
            shortcuts.text
        ));
    }
    let results = Names::new(cost, &|layer| is_real(layer) && !joins(layer));
    if results.count > 0 {
        let verb = results.verb("keeps", "keep");
        notes.push(format!(
            "{} {verb} a real scale and shift: what comes out is float32.",
            results.text
        ));
    }
    notes
}

/// Names of layers in a sentence.
struct Names {
    text: String,
    count: usize,
}

impl Names {
    /// Those of the layers that fit; three or more neighbours as `first to last`.
    fn new(cost: &Cost, fits: &dyn Fn(&LayerCost) -> bool) -> Self {
        let mut runs: Vec<Vec<&str>> = Vec::new();
        let mut count = 0;
        let mut is_run = false;
        for layer in &cost.layers {
            if fits(layer) {
                count += 1;
                match runs.last_mut().filter(|_| is_run) {
                    Some(run) => run.push(&layer.name),
                    None => runs.push(vec![&layer.name]),
                }
            }
            is_run = fits(layer);
        }
        let runs = runs.iter().map(|run| match run[..] {
            [first, _, .., last] => format!("{first} to {last}"),
            _ => run.join(", "),
        });
        Self {
            text: runs.collect::<Vec<_>>().join(", "),
            count,
        }
    }

    /// The verb's form for so many.
    fn verb(&self, one: &'static str, many: &'static str) -> &'static str {
        if self.count == 1 { one } else { many }
    }
}
