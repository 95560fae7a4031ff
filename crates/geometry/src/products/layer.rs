//! One layer's part in the collection of products.

use orthant_bits::Input;
use orthant_gemm::Matrix;
use orthant_model::{Activation, Columns, LayerInput, Patches, Tap, Values, WeightQuantizer};
use rayon::prelude::*;

use super::ProductOptions;
use super::arcsine::predict;
use super::control::{Permutation, interior};
use super::grid::Grid;
use super::law::{FilterLaw, pooled};
use super::operands::Operands;
use super::pairs::{Block, Pairs, Scratch, blocks};
use super::report::{ActivationProducts, Correlation, FilterProducts, LayerProducts};
use super::samples::{Samples, spaced};
use super::spread::InputSums;
use super::sums::PairSums;
use crate::problem::note;
use crate::random::{Purpose, Stream};
use crate::subject::quantized;
use crate::{Problem, Spread, Subject};

/// Patches for each image that the permutation control looks at.
const PERMUTED: usize = 2;

/// What is collected of a layer.
pub(crate) struct LayerState<'a> {
    layer: usize,
    options: ProductOptions,
    problems: Vec<Problem>,
    images: u64,
    batches: u64,
    /// `None` where the layer cannot be analysed.
    seen: Option<Seen<'a>>,
}

struct Seen<'a> {
    operands: Operands<'a>,
    weights: Pairs,
    permuted: Pairs,
    /// `None` where the input is not quantized.
    activations: Option<Pairs>,
    inputs: InputSums,
    samples: Samples,
    interior: Vec<usize>,
}

impl<'a> LayerState<'a> {
    pub(crate) fn new(subject: &Subject<'a>, layer: usize, options: ProductOptions) -> Self {
        let mut state = Self {
            layer,
            options,
            problems: Vec::new(),
            images: 0,
            batches: 0,
            seen: None,
        };
        match subject.latent(layer) {
            Ok(latent) => state.seen = Some(Seen::new(subject, layer, latent, options)),
            Err(problem) => state.problems.push(problem),
        }
        state
    }

    /// Takes in a batch; `z` are the real activations that the input is quantized from.
    pub(crate) fn see(&mut self, subject: &Subject, tap: &Tap, z: Option<&[f32]>) {
        let plan = &subject.plans()[self.layer];
        let (expected, found) = (plan.sums_len(), tap.sums.len());
        let Some(seen) = &mut self.seen else {
            return;
        };
        if found == 0 || !found.is_multiple_of(expected) {
            note(
                &mut self.problems,
                Problem::TensorLength { expected, found },
            );
            return;
        }
        let images = found / expected;
        let contract = &subject.network().contract;
        let patches = Patches::new(seen.operands.shape, contract);
        let batch = Batch {
            layer: self.layer,
            number: self.batches,
            first: self.images,
            images,
            patches,
            seed: self.options.seed,
        };
        seen.inputs.see(tap.input, contract, images);
        seen.weights(&batch, tap);
        seen.permuted(&batch, tap.input, contract, plan.input_len());
        if seen.activations.is_some() {
            match z.filter(|z| z.len() == images * plan.input_len()) {
                Some(z) => seen.activations(&batch, tap, z),
                None => note(&mut self.problems, Problem::NoActivations),
            }
        }
        self.images += images as u64;
        self.batches += 1;
    }

    /// What was seen.
    pub(crate) fn finish(mut self, subject: &Subject) -> LayerProducts {
        let plan = &subject.plans()[self.layer];
        let name = subject.name(self.layer).to_string();
        let mut found = LayerProducts {
            name,
            d: plan.shape.map_or(0, |shape| shape.filter_len()),
            filters: plan.shape.map_or(0, |shape| shape.outputs),
            positions: plan
                .shape
                .map_or(0, |shape| shape.output().iter().product()),
            weights: Correlation::default(),
            r_predicted: None,
            gain: None,
            r_white: None,
            r_permuted: None,
            permuted: Correlation::default(),
            r_of_filters: None,
            permuted_histogram: None,
            histogram: None,
            per_filter: Vec::new(),
            activations: None,
            problems: Vec::new(),
        };
        if let Some(seen) = self.seen.take() {
            if self.images == 0 {
                note(&mut self.problems, Problem::NoTensor);
            } else {
                seen.report(subject, self.layer, &mut found, &mut self.problems);
            }
            // Two groups are the fewest that differ.
            let expected = self.options.images.max(2);
            if (1..expected).contains(&self.images) {
                let found = self.images;
                note(&mut self.problems, Problem::FewImages { expected, found });
            }
        }
        found.problems = self.problems;
        found
    }
}

/// A batch of a layer.
struct Batch<'p> {
    layer: usize,
    number: u64,
    /// Images before it.
    first: u64,
    images: usize,
    patches: Patches<'p>,
    seed: u64,
}

impl<'a> Seen<'a> {
    fn new(
        subject: &Subject<'a>,
        layer: usize,
        latent: &'a [f32],
        options: ProductOptions,
    ) -> Self {
        let plan = &subject.plans()[layer];
        let shape = plan.shape.expect("what has latent weights has a shape");
        let filter = shape.filter_len();
        let filters = latent.chunks_exact(filter);
        let scales: Vec<f32> = filters.map(|filter| subject.scale(layer, filter)).collect();
        let unit = subject.unit(layer);
        let operands = Operands {
            shape,
            latent,
            quantized: quantized(plan.quantizer, latent),
            factors: scales.iter().map(|scale| scale / unit).collect(),
            scales,
        };
        let quantizes = matches!(plan.values, Values::Binary | Values::Ternary);
        let scaled = plan.quantizer == WeightQuantizer::SignScaled;
        let sums = if quantizes && !scaled {
            Grid::INTEGER
        } else {
            Grid::REAL
        };
        let patches = Patches::new(shape, &subject.network().contract);
        let pairs = |smallest| Pairs::new(shape.outputs, smallest);
        Self {
            operands,
            weights: pairs([sums, Grid::REAL]),
            permuted: pairs([sums, Grid::REAL]),
            activations: (quantizes && options.activations).then(|| pairs([Grid::REAL, sums])),
            inputs: InputSums::new(&shape),
            samples: Samples::new(filter),
            interior: interior(&shape, &patches),
        }
    }

    fn weights(&mut self, batch: &Batch, tap: &Tap) {
        let (operands, patches) = (&self.operands, &batch.patches);
        let positions = positions_of(patches);
        let fill = |block: &Block, scratch: &mut Scratch| {
            let Scratch {
                patches: buffer,
                x,
                y,
            } = scratch;
            operands.sums(tap.sums, block, x);
            operands.product(patches, tap.input, operands.latent, block, buffer, y);
        };
        let blocks = blocks(&operands.shape, batch.images * positions);
        let image_of = |row: usize| batch.first + (row / positions) as u64;
        self.weights.see(&blocks, image_of, fill);
        self.weights.images += batch.images as u64;
    }

    fn activations(&mut self, batch: &Batch, tap: &Tap, z: &[f32]) {
        let (operands, patches) = (&self.operands, &batch.patches);
        let positions = positions_of(patches);
        let fill = |block: &Block, scratch: &mut Scratch| {
            let Scratch {
                patches: buffer,
                x,
                y,
            } = scratch;
            let (z, weights) = (LayerInput::Float(z), &operands.quantized);
            operands.product(patches, z, weights, block, buffer, x);
            operands.scale(block, x);
            operands.sums(tap.sums, block, y);
        };
        let blocks = blocks(&operands.shape, batch.images * positions);
        let image_of = |row: usize| batch.first + (row / positions) as u64;
        if let Some(pairs) = &mut self.activations {
            pairs.see(&blocks, image_of, fill);
            pairs.images += batch.images as u64;
        }
        let columns = Columns::all(&operands.shape, 0);
        for image in 0..batch.images {
            let at = 2 * (batch.first + image as u64) + 1;
            let mut stream = Stream::of(batch.seed, Purpose::Positions, batch.layer, at);
            let interior = &self.interior;
            self.samples
                .offer(patches, &columns, z, image, interior, &mut stream);
        }
    }

    fn permuted(
        &mut self,
        batch: &Batch,
        input: LayerInput,
        contract: &orthant_bits::InputContract,
        input_len: usize,
    ) {
        let operands = &self.operands;
        let shape = &operands.shape;
        let filter = shape.filter_len();
        // Patches of all groups: [groups, taps, channels].
        let width = shape.groups * filter;
        let len = batch.images * input_len;
        // No entry is in two patches.
        let rows = (PERMUTED * batch.images).min(len / width);
        if rows == 0 {
            return;
        }
        let permutation = Permutation::new(batch.seed, batch.layer, batch.number, len);
        let mut shuffled = vec![0.0; rows * width];
        let tasks = shuffled.par_chunks_mut(width).enumerate();
        tasks.for_each(|(row, patch)| {
            for (at, to) in patch.iter_mut().enumerate() {
                let from = permutation.source(row * width + at);
                let (pixel, channel) = (from / shape.channels, from % shape.channels);
                *to = match input {
                    LayerInput::Packed(Input::Pixels(pixels)) => {
                        contract.real(channel, pixels[from])
                    }
                    LayerInput::Float(values) => values[from],
                    LayerInput::Packed(_) => {
                        let mut entry = [0.0];
                        let range = channel..channel + 1;
                        input.expand(contract, shape.channels, pixel, range, &mut entry);
                        entry[0]
                    }
                };
            }
        });
        let fill = |block: &Block, scratch: &mut Scratch| {
            let first = block.rows.start * width + block.group * filter;
            let rows = [block.rows.len(), filter];
            let rows = Matrix::with_stride(&shuffled[first..], rows, width);
            operands.multiply(rows, &operands.quantized, block, &mut scratch.x);
            operands.scale(block, &mut scratch.x);
            operands.multiply(rows, operands.latent, block, &mut scratch.y);
        };
        let blocks = blocks(shape, rows);
        let image_of = |row: usize| batch.first + (row * batch.images / rows) as u64;
        self.permuted.see(&blocks, image_of, fill);
        self.permuted.images += batch.images as u64;
    }

    fn report(
        self,
        subject: &Subject,
        layer: usize,
        found: &mut LayerProducts,
        problems: &mut Vec<Problem>,
    ) {
        found.weights = Correlation::new(&self.weights);
        found.histogram = Some(self.weights.grid.histogram());
        problems_of(&self.weights, problems);
        self.laws(subject, found, problems);
        if self.permuted.images == 0 {
            note(problems, Problem::ShortInput);
        } else {
            found.permuted = Correlation::new(&self.permuted);
            found.r_permuted = found.permuted.r;
            found.permuted_histogram = Some(self.permuted.grid.histogram());
        }
        match &self.activations {
            // Pixels are what they are; no real numbers stand behind them.
            None if subject.plans()[layer].values == Values::Pixels => {}
            None => note(problems, Problem::InputNotQuantized),
            Some(pairs) if pairs.images == 0 => {}
            Some(pairs) => {
                found.activations = Some(ActivationProducts {
                    correlation: Correlation::new(pairs),
                    normal: self.normal(subject, layer),
                    histogram: Some(pairs.grid.histogram()),
                });
                problems_of(pairs, problems);
            }
        }
    }

    /// Angles, gains and what the law makes of them.
    fn laws(&self, subject: &Subject, found: &mut LayerProducts, problems: &mut Vec<Problem>) {
        let Operands {
            shape,
            latent,
            quantized,
            scales,
            ..
        } = &self.operands;
        let patches = Patches::new(*shape, &subject.network().contract);
        let spreads = (0..shape.groups).map(|group| self.inputs.spread(shape, &patches, group));
        let spreads: Vec<_> = spreads.collect();
        let filter = shape.filter_len();
        let filters = latent
            .chunks_exact(filter)
            .zip(quantized.chunks_exact(filter));
        let sums: Vec<PairSums> = self.weights.per_filter().collect();
        let laws: Vec<Option<FilterLaw>> = filters
            .clone()
            .enumerate()
            .map(|(at, (w, b))| {
                let spread = spreads[at / shape.group_outputs()];
                FilterLaw::new(w, b, scales[at], &sums[at], spread)
            })
            .collect();
        let angles = filters.map(|(w, b)| crate::cosine(w, b));
        found.per_filter = angles
            .zip(&sums)
            .zip(&laws)
            .map(|((cosine, sums), law)| FilterProducts {
                r: sums.r(),
                angle_deg: cosine.map(crate::angle_deg),
                gain: law.map(|law| law.gain()),
                r_predicted: law.map(|law| law.r()),
            })
            .collect();
        let without = found
            .per_filter
            .iter()
            .filter(|filter| filter.angle_deg.is_none())
            .count();
        if without > 0 {
            note(problems, Problem::NoAngle { filters: without });
        }
        let of_filters = found.per_filter.iter().filter_map(|filter| filter.r);
        let of_filters: Vec<f64> = of_filters.collect();
        found.r_of_filters = (of_filters.len() > 1).then(|| Spread::of(&of_filters));
        let known: Vec<(FilterLaw, PairSums)> = laws
            .into_iter()
            .zip(sums)
            .filter_map(|(law, sums)| law.map(|law| (law, sums)))
            .collect();
        let total = self.weights.total();
        if let Some(law) = pooled(&known, total.means()[1]).filter(|_| total.broken == 0) {
            found.r_predicted = Some(law.r);
            found.gain = Some(law.gain);
        }
        found.r_white = super::law::white(latent, quantized, scales, filter);
    }

    /// The law for jointly normal activations.
    fn normal(&self, subject: &Subject, layer: usize) -> Option<super::NormalActivations> {
        let Operands {
            shape, quantized, ..
        } = &self.operands;
        let threshold = match subject.network().layers[layer.checked_sub(1)?].activation {
            Activation::Ternary { threshold } => threshold,
            _ => 0.0,
        };
        let d = shape.filter_len();
        let filters = spaced(shape.group_outputs());
        let weights: Vec<f32> = filters
            .flat_map(|filter| quantized[filter * d..][..d].iter().copied())
            .collect();
        predict(&self.samples.patches, &weights, d, threshold)
    }
}

/// Output positions of an image.
fn positions_of(patches: &Patches) -> usize {
    patches.output().iter().product()
}

/// Notes what keeps a layer's pairs from having a correlation.
fn problems_of(pairs: &Pairs, problems: &mut Vec<Problem>) {
    let total = pairs.total();
    if total.broken > 0 {
        let (what, count) = ("products", total.broken);
        note(problems, Problem::NotFinite { what, count });
        return;
    }
    let constant = |sums: &PairSums| sums.variances().contains(&0.0);
    let filters = pairs.per_filter().filter(constant).count();
    if constant(&total) {
        note(problems, Problem::Constant);
    } else if filters > 0 {
        note(problems, Problem::ZeroVariance { filters });
    }
}
