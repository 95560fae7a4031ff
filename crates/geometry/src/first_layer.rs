//! The first layer: what its patches are like, why r is low there, and what repairs it.
//!
//! Pixels of a patch are alike, so that a few directions hold most of their variance. A filter that
//! ignores these sees little, and what binarization adds to it sees as much as any direction does:
//! r is low though the angle is not. All of it follows from the covariance of patches.
//!
//! # Reference
//! Anderson & Berg 2018 (the input layer, the generalized binarization transform),
//! arXiv:1705.07199.

mod covariance;
mod families;
mod forms;
mod repairs;
mod report;
mod rotation;
mod spectrum;

use faer::Mat;
use orthant_bits::Input;
use orthant_model::{LayerInput, Patches, Tap, WeightQuantizer};

use crate::problem::note;
use crate::subject::quantized;
use crate::{Problem, Subject};
use covariance::PatchSums;
use families::Binarizer;
use spectrum::Eigen;

pub use report::{
    FilterFamily, FirstLayerReport, Operations, Repair, RepairedFamily, SpectrumReport,
};

/// Longest filters whose covariances are computed.
const LONGEST: usize = 1024;

/// Filters of a family that nobody has learnt.
const DRAWN: usize = 512;

/// A collector of the first layer's patches.
///
/// Null model: entries that are not correlated, of one variance. Their spectrum is flat, the
/// participation ratio is d, and r is the cosine of the angle for every family of filters.
pub struct FirstLayer<'a> {
    subject: &'a Subject<'a>,
    seed: u64,
    images_expected: u64,
    patches: Option<PatchSums>,
    problems: Vec<Problem>,
}

impl<'a> FirstLayer<'a> {
    /// Nothing seen yet; `seed` is of drawn filters and rotations, fewer images than expected are
    /// reported.
    pub fn new(subject: &'a Subject<'a>, seed: u64, images_expected: u64) -> Self {
        let mut problems = Vec::new();
        let shape = subject.plans().first().and_then(|plan| plan.shape);
        let patches = match shape {
            None => {
                problems.push(Problem::NoWeights);
                None
            }
            Some(shape) if shape.filter_len() > LONGEST => {
                let (limit, found) = (LONGEST, shape.filter_len());
                problems.push(Problem::LongFilter { limit, found });
                None
            }
            Some(shape) => Some(PatchSums::new(shape, &subject.network().contract)),
        };
        Self {
            subject,
            seed,
            images_expected,
            patches,
            problems,
        }
    }

    /// Looks at a layer of a batch; all but the first are passed over.
    pub fn see(&mut self, tap: &Tap) {
        let Some(sums) = self.patches.as_mut().filter(|_| tap.layer == 0) else {
            return;
        };
        let plan = &self.subject.plans()[0];
        let LayerInput::Packed(Input::Pixels(pixels)) = tap.input else {
            note(&mut self.problems, Problem::NoTensor);
            return;
        };
        if pixels.is_empty() || !pixels.len().is_multiple_of(plan.input_len()) {
            let (expected, found) = (plan.input_len(), pixels.len());
            note(
                &mut self.problems,
                Problem::TensorLength { expected, found },
            );
            return;
        }
        let contract = &self.subject.network().contract;
        let patches = Patches::new(*sums.shape(), contract);
        sums.see(pixels, &patches, contract);
    }

    /// What the patches have shown.
    pub fn finish(mut self) -> FirstLayerReport {
        let mut report = self.empty();
        let Some(sums) = self.patches.take() else {
            report.problems = self.problems;
            return report;
        };
        report.images = sums.images();
        report.samples = sums.samples();
        if sums.images() == 0 {
            note(&mut self.problems, Problem::NoTensor);
            report.problems = self.problems;
            return report;
        }
        let expected = self.images_expected.max(2);
        if sums.images() < expected {
            let found = sums.images();
            note(&mut self.problems, Problem::FewImages { expected, found });
        }
        let total = sums.total();
        match Eigen::new(&total.covariance()) {
            None => note(&mut self.problems, Problem::NoEigenvalues),
            Some(eigen) if eigen.values[0] <= 0.0 => note(&mut self.problems, Problem::Constant),
            Some(eigen) => {
                report.spectrum = Some(spectrum::report(&sums, &total, &eigen));
                self.filters(&sums, &eigen, &mut report);
            }
        }
        report.problems = self.problems;
        report
    }

    /// A report without numbers.
    fn empty(&self) -> FirstLayerReport {
        let shape = self.subject.plans().first().and_then(|plan| plan.shape);
        FirstLayerReport {
            name: self
                .subject
                .network()
                .layers
                .first()
                .map(|layer| layer.name.clone()),
            d: shape.map_or(0, |shape| shape.filter_len()),
            filters: shape.map_or(0, |shape| shape.outputs),
            images: 0,
            samples: 0,
            null_model: "entries without correlation: a flat spectrum, r the cosine of the angle",
            spectrum: None,
            families: Vec::new(),
            repairs: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Families of filters, and repairs of those that need one.
    fn filters(&mut self, sums: &PatchSums, eigen: &Eigen, report: &mut FirstLayerReport) {
        let moments = sums.moments();
        let quantizer = self.subject.plans()[0].quantizer;
        let mut binarizer = Binarizer::Sign;
        let mut learned = None;
        match self.subject.latent(0) {
            Err(problem) => note(&mut self.problems, problem),
            Ok(latent) => {
                if let WeightQuantizer::Ternary { threshold } = quantizer {
                    binarizer = Binarizer::like(latent, threshold);
                }
                let d = report.d;
                // Of several groups the first one's filters are those of these patches.
                let filters = sums.shape().group_outputs();
                let bits = quantized(quantizer, latent);
                let matrix = |weights: &[f32], scaled: bool| {
                    Mat::from_fn(filters, d, |row, column| {
                        let filter = &latent[row * d..][..d];
                        let scale = if scaled {
                            self.subject.scale(0, filter)
                        } else {
                            1.0
                        };
                        f64::from(weights[row * d + column]) * f64::from(scale)
                    })
                };
                learned = Some((matrix(latent, false), matrix(&bits, true)));
            }
        }
        let mut families = Vec::new();
        if let Some((latent, bits)) = &learned {
            families.push(families::family("learned", &moments, latent, bits));
        }
        let drawn = families::drawn(self.seed, eigen, DRAWN);
        for (name, latent) in &drawn {
            let bits = binarizer.matrix(latent);
            families.push(families::family(name, &moments, latent, &bits));
        }
        let without: u64 = families
            .iter()
            .map(|family| family.filters_without_angle)
            .sum();
        if without > 0 {
            let filters = without as usize;
            note(&mut self.problems, Problem::NoAngle { filters });
        }
        report.families = families;
        let dc_free = drawn
            .iter()
            .find(|(name, _)| *name == "dc-free")
            .map(|(_, latent)| latent);
        let learned = learned
            .as_ref()
            .map(|(latent, bits)| ("learned", latent, Some(bits)));
        let dc_free = dc_free.map(|latent| ("dc-free", latent, None));
        for (of, latent, bits) in learned.into_iter().chain(dc_free) {
            let plain = bits.cloned().unwrap_or_else(|| binarizer.matrix(latent));
            report.repairs.push(RepairedFamily {
                of,
                repairs: repairs::repairs(self.seed, &moments, eigen, latent, plain),
            });
        }
    }
}

#[cfg(test)]
mod tests;
