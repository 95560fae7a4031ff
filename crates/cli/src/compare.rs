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
use content::{compute_alike, differences};
use record::{Record, Stage};
use report::Chunk;

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

    /// Logits as they are deployed, with thresholds inside the products and a look at every input;
    /// a run is deployed as it is evaluated.
    fn deployed(
        &mut self,
        pixels: &[u8],
        see: &mut dyn FnMut(usize, LayerInput),
    ) -> Result<Vec<f32>> {
        match &mut self.engine {
            Engine::Evaluator(evaluator) => Ok(evaluator.logits(pixels.to_vec(), &mut |_| {})?),
            Engine::Runner(runner) => {
                let mut logits = logits_of(runner, pixels);
                runner.run_watched(pixels, &mut logits, Watch::Inputs(see))?;
                Ok(logits)
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
/// Where the two compute the same way, every input, sum and logit is compared, on the path that is
/// tapped and on the one that is deployed; where they do not, the labels alone.
pub fn compare<'s>(
    a: &mut Side<'s>,
    b: &mut Side<'s>,
    images: &Images,
    seen: &mut dyn FnMut(usize),
) -> Result<Report> {
    let content = differences(&a.packed, &b.packed);
    let alike = compute_alike(&a.packed, &b.packed);
    let mut report = Report::new(&a.packed, content, alike);
    let classes = a.packed.network().classes;
    for pixels in images.pixels().chunks(BATCH * images.image_len()) {
        let batch = pixels.len() / images.image_len();
        let chunk = report.begin(batch);
        let mut deployed = Vec::new();
        let tapped = match chunk.compares_layers {
            true => Some(compare_tapped(
                [&mut *a, &mut *b],
                pixels,
                &chunk,
                &mut report,
            )?),
            false => None,
        };
        for (at, side) in [&mut *a, &mut *b].into_iter().enumerate() {
            let Some(tapped) = &tapped else {
                deployed.push(side.deployed(pixels, &mut |_, _| {})?);
                continue;
            };
            if let Engine::Evaluator(_) = side.engine {
                // It is deployed as it was tapped.
                deployed.push(tapped.logits[at].clone());
                continue;
            }
            let logits = side.deployed(pixels, &mut |layer, input| {
                let meeting = tapped.records[layer].input(input);
                report.meet(Stage::input(layer).fused(), &chunk, meeting);
            })?;
            let meeting = record::reals(&tapped.logits[0], &logits);
            report.meet(Stage::logits().fused(), &chunk, meeting);
            deployed.push(logits);
        }
        let labels =
            |logits: &[f32]| -> Vec<usize> { logits.chunks_exact(classes).map(class_of).collect() };
        let pairs = labels(&deployed[0]).into_iter().zip(labels(&deployed[1]));
        report.labels_differ += pairs.filter(|(a, b)| a != b).count();
        seen(report.images);
    }
    Ok(report)
}

/// What the tapped paths gave.
struct Tapped {
    /// Inputs and sums of the first side.
    records: Vec<Record>,
    /// Logits of both.
    logits: [Vec<f32>; 2],
}

/// Compares inputs, sums and logits of both sides.
fn compare_tapped<'s>(
    [a, b]: [&mut Side<'s>; 2],
    pixels: &[u8],
    chunk: &Chunk,
    report: &mut Report,
) -> Result<Tapped> {
    let mut records = Vec::new();
    let expected = a.tapped(pixels, &mut |tap| records.push(Record::of(&tap)))?;
    let logits = b.tapped(pixels, &mut |tap| {
        let record: &Record = &records[tap.layer];
        report.meet(Stage::input(tap.layer), chunk, record.input(tap.input));
        report.meet(Stage::sums(tap.layer), chunk, record.sums(tap.sums));
    })?;
    report.meet(Stage::logits(), chunk, record::reals(&expected, &logits));
    Ok(Tapped {
        records,
        logits: [expected, logits],
    })
}
