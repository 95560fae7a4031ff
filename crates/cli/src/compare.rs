//! Comparing two networks: what they hold, and what they compute from the same images.

mod content;
mod record;
mod report;

use anyhow::Result;
use orthant_data::Images;
use orthant_infer::{Runner, Watch};
use orthant_kernels::Kernels;
use orthant_model::{LayerInput, Packed, Tap};
use orthant_train::{Evaluator, class_of};

pub use report::{Report, print};

use crate::subject::Subject;
use content::differences;
use record::{Meeting, Record, Stage};

/// Images that are compared together.
const BATCH: usize = 50;

/// One of the two.
pub struct Side<'a> {
    packed: Packed<'static>,
    engine: Engine<'a>,
}

/// Who computes.
enum Engine<'a> {
    /// The trainer's own evaluation.
    Evaluator(Evaluator<'a>),
    /// The runner of packed networks.
    Runner(Box<Runner<'static>>),
}

impl<'a> Side<'a> {
    /// The side of a run or a model.
    pub fn new(kernels: Kernels, subject: &'a Subject) -> Result<Self> {
        let packed = subject.packed(kernels)?;
        let engine = match subject {
            Subject::Run(trained) => Engine::Evaluator(Evaluator::new(kernels, &trained.model)?),
            Subject::Model(_) => {
                let runner = Runner::new(kernels, &packed)?.with_images(BATCH)?;
                Engine::Runner(Box::new(runner))
            }
        };
        Ok(Self { packed, engine })
    }

    /// Logits, with a look at every layer's input and sums.
    fn tapped(&mut self, pixels: &[u8], tap: &mut dyn FnMut(Tap)) -> Result<Vec<f32>> {
        match &mut self.engine {
            Engine::Evaluator(evaluator) => Ok(evaluator.logits(pixels.to_vec(), tap)?),
            Engine::Runner(runner) => {
                let mut logits = logits_of(runner, pixels);
                runner.run_watched(pixels, &mut logits, Watch::Sums(tap))?;
                Ok(logits)
            }
        }
    }

    /// Logits as they are deployed, thresholds inside the products, with a look at every input;
    /// `None` for a run, which has no such path.
    fn fused(
        &mut self,
        pixels: &[u8],
        see: &mut dyn FnMut(usize, LayerInput),
    ) -> Result<Option<Vec<f32>>> {
        match &mut self.engine {
            Engine::Evaluator(_) => Ok(None),
            Engine::Runner(runner) => {
                let mut logits = logits_of(runner, pixels);
                runner.run_watched(pixels, &mut logits, Watch::Inputs(see))?;
                Ok(Some(logits))
            }
        }
    }
}

fn logits_of(runner: &Runner, pixels: &[u8]) -> Vec<f32> {
    let len: usize = runner.image().iter().product();
    vec![0.0; pixels.len() / len * runner.classes()]
}

/// Runs all images through both sides.
///
/// Where the two have the same layers, every input, sum and logit is compared, on the path that is
/// tapped and on the one that is deployed; where they have not, the labels alone.
pub fn compare(
    a: &mut Side,
    b: &mut Side,
    images: &Images,
    seen: &mut dyn FnMut(usize),
) -> Result<Report> {
    let same_layers = a.packed.network() == b.packed.network();
    let mut report = Report::new(&a.packed, differences(&a.packed, &b.packed), same_layers);
    let classes = a.packed.network().classes;
    for pixels in images.pixels().chunks(BATCH * images.image_len()) {
        let mut records = Vec::new();
        let expected = a.tapped(pixels, &mut |tap| records.push(Record::of(&tap)))?;
        let first = report.images;
        report.images += pixels.len() / images.image_len();
        let batch = report.images - first;
        let mut meet = |stage, meeting: Meeting| report.meet(stage, first, batch, meeting);
        let mut records_of = records.iter();
        let logits = b.tapped(pixels, &mut |tap| {
            let record = records_of.next().filter(|_| same_layers);
            if let Some(record) = record {
                meet(Stage::input(tap.layer), record.input(tap.input));
                meet(Stage::sums(tap.layer), record.sums(tap.sums));
            }
        })?;
        if same_layers {
            meet(Stage::logits(), record::reals(&expected, &logits));
        }
        let fused = b.fused(pixels, &mut |layer, input| {
            let record = records.iter().find(|record| record.layer() == layer);
            if let Some(record) = record.filter(|_| same_layers) {
                meet(Stage::input(layer).fused(), record.input(input));
            }
        })?;
        if let Some(logits) = fused.as_ref().filter(|_| same_layers) {
            meet(Stage::logits().fused(), record::reals(&expected, logits));
        }
        let deployed = fused.unwrap_or(logits);
        for (a, b) in expected
            .chunks_exact(classes)
            .zip(deployed.chunks_exact(classes))
        {
            report.labels_differ += usize::from(class_of(a) != class_of(b));
        }
        seen(report.images);
    }
    Ok(report)
}
