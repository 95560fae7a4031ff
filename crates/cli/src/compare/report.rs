//! What a comparison found.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use orthant_bits::{WORD_BITS, words_for};
use orthant_model::{LayerPlan, Packed, Values};
use serde_json::{Value, json};

use super::content::{Difference, Place};
use super::record::{Meeting, Stage};
use crate::answer::Answer;
use crate::output::output;

/// What a comparison found.
pub struct Report {
    names: Vec<String>,
    plans: Vec<LayerPlan>,
    content: Vec<Difference>,
    compares_layers: bool,
    stages: BTreeMap<Stage, Found>,
    /// Images that were compared.
    pub images: usize,
    /// Images that the two sides give different labels.
    pub labels_differ: usize,
}

/// Some images that are compared together.
pub struct Chunk {
    /// Images before them.
    first: usize,
    batch: usize,
    /// Whether more than labels is compared.
    pub compares_layers: bool,
}

/// The numbers of one stage.
#[derive(Default)]
struct Found {
    compared: usize,
    differ: usize,
    /// Image, place in it, both sides' numbers.
    first: Option<(usize, usize, f64, f64)>,
}

impl Report {
    /// Of two sides whose first is `expected`.
    pub fn new(expected: &Packed, content: Vec<Difference>, compares_layers: bool) -> Self {
        Self {
            names: expected.network().names(),
            plans: expected.plans().to_vec(),
            content,
            compares_layers,
            stages: BTreeMap::new(),
            images: 0,
            labels_differ: 0,
        }
    }

    /// The next images.
    pub fn begin(&mut self, batch: usize) -> Chunk {
        let first = self.images;
        self.images += batch;
        Chunk {
            first,
            batch,
            compares_layers: self.compares_layers,
        }
    }

    /// Adds what met at a stage in some images.
    pub fn meet(&mut self, stage: Stage, chunk: &Chunk, meeting: Meeting) {
        let numbers = chunk.batch * self.numbers_at(stage);
        let found = self.stages.entry(stage).or_default();
        found.compared += numbers;
        found.differ += meeting.differ;
        if let Some((place, a, b)) = meeting.first {
            let image = (meeting.places / chunk.batch).max(1);
            let at = (chunk.first + place / image, place % image, a, b);
            found.first.get_or_insert(at);
        }
    }

    /// Numbers of one image at a stage.
    fn numbers_at(&self, stage: Stage) -> usize {
        let Some(layer) = stage.layer() else {
            return self.plans.last().map_or(0, LayerPlan::output_len);
        };
        let plan = &self.plans[layer];
        match stage.what() {
            "sums" => plan.sums_len(),
            _ => plan.input_len(),
        }
    }

    /// Whether nothing differs at all.
    pub fn is_equal(&self) -> bool {
        self.compares_layers
            && self.content.is_empty()
            && self.labels_differ == 0
            && self.stages.values().all(|found| found.differ == 0)
    }

    /// The command's answer.
    pub fn answer(&self) -> Answer {
        match self.is_equal() {
            true => Answer::Yes,
            false => Answer::No,
        }
    }

    fn comparisons(&self) -> usize {
        self.stages.values().map(|found| found.compared).sum()
    }

    /// The earliest stage at which numbers differ.
    fn first(&self) -> Option<(Stage, &Found)> {
        let mut stages = self.stages.iter();
        stages
            .find(|(_, found)| found.differ > 0)
            .map(|(stage, found)| (*stage, found))
    }

    /// Where a stage's number lies: `pixel (y, x), channel c`.
    fn place(&self, stage: Stage, place: usize) -> String {
        let Some(layer) = stage.layer() else {
            return format!("class {place}");
        };
        let plan = &self.plans[layer];
        let [_, width, channels] = match stage.what() {
            "sums" => plan.sums_extent(),
            _ => plan.input,
        };
        let is_packed = matches!(plan.values, Values::Binary | Values::Ternary);
        let row = match stage.what() {
            "inputs" if is_packed => words_for(channels) * WORD_BITS,
            _ => channels,
        };
        let (pixel, channel) = (place / row, place % row);
        format!(
            "pixel ({}, {}), channel {channel}",
            pixel / width,
            pixel % width
        )
    }

    /// Why numbers differ at a stage, as far as the two networks say.
    fn cause(&self, stage: Stage) -> String {
        let differs = |place: Place| self.content.iter().find(|one| one.place == place);
        let own = match (stage.layer(), stage.what()) {
            // The inputs of the layer agree.
            (Some(layer), "sums") => differs(Place::Weights(layer)),
            // What a layer before made of its sums, or an earlier one by a shortcut.
            (layer, _) => (0..layer.unwrap_or(self.names.len()))
                .rev()
                .find_map(|layer| differs(Place::Readout(layer))),
        };
        match own {
            Some(difference) => difference.text.clone(),
            None if stage.path() == "deployed" => {
                "nothing that the two hold, and the sums agree; the product with built-in \
                 comparisons does not: compare with ORTHANT_ISA=scalar and report it"
                    .to_owned()
            }
            None => "nothing that the two hold; the arithmetic differs: compare with \
                     ORTHANT_ISA=scalar and report it"
                .to_owned(),
        }
    }

    fn to_json(&self) -> Value {
        let first = self.first().map(|(stage, found)| {
            let first = found.first.map(|(image, place, a, b)| {
                json!({
                    "image": image,
                    "place": self.place(stage, place),
                    "expected": a,
                    "found": b,
                })
            });
            json!({
                "layer": stage.layer().map(|layer| &self.names[layer]),
                "what": stage.what(),
                "path": stage.path(),
                "differ": found.differ,
                "compared": found.compared,
                "first": first,
                "cause": self.cause(stage),
            })
        });
        let content: Vec<_> = self.content.iter().map(|one| &one.text).collect();
        json!({
            "equal": self.answer() == Answer::Yes,
            "images": self.images,
            "labels_differ": self.labels_differ,
            "layers_compared": self.compares_layers,
            "comparisons": self.comparisons(),
            "first_difference": first,
            "content": content,
        })
    }
}

/// Prints a report of the sides `a`, whose numbers are expected, and `b`.
pub fn print(report: &Report, [a, b]: [&str; 2], json: bool) -> Result<()> {
    let mut out = output();
    if json {
        writeln!(out, "{:#}", report.to_json())?;
        return Ok(());
    }
    if report.answer() == Answer::Yes {
        writeln!(
            out,
            "equal: {} images through {} layers, every input, sum and logit ({} comparisons)",
            report.images,
            report.names.len(),
            report.comparisons()
        )?;
        return Ok(());
    }
    writeln!(out, "different: {a} (expected) and {b} (found)")?;
    if !report.compares_layers {
        writeln!(
            out,
            "  the networks are not the same; labels alone are compared"
        )?;
    }
    if let Some((stage, found)) = report.first() {
        let layer = match stage.layer() {
            Some(layer) => format!("{} of layer {}", stage.what(), report.names[layer]),
            None => "logits".to_owned(),
        };
        writeln!(
            out,
            "  first in the {layer}, {} path: {} of {} numbers in {} images",
            stage.path(),
            found.differ,
            found.compared,
            report.images
        )?;
        if let Some((image, place, a, b)) = found.first {
            let place = report.place(stage, place);
            writeln!(out, "  image {image}, {place}: {b}, expected {a}")?;
        }
        writeln!(out, "  cause: {}", report.cause(stage))?;
    } else if report.compares_layers {
        writeln!(out, "  no number of these images differs")?;
    }
    for difference in &report.content {
        writeln!(out, "  {}", difference.text)?;
    }
    writeln!(
        out,
        "  labels differ for {} of {} images",
        report.labels_differ, report.images
    )?;
    Ok(())
}
