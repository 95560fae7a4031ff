//! Both products of a backward pass from packed bits and gradients of 8 bits.
//!
//! ```text
//! ∂L/∂a = step_image  · Σ round(∂L/∂y · scale / step_image) · Ŵ       step = largest / 127
//! ∂L/∂Ŵ = step_output · Σ round(∂L/∂y / step_output) · A
//! ```
//!
//! Numbers are rounded by chance, each by its place, so that means are kept and neither threads nor
//! chunks matter; sums are integers. A gradient that is not finite makes a step NaN, and so the sums
//! that it takes part in.

use core::ops::Range;

use orthant_bits::Input;
use orthant_kernels::{
    BitQuads, GradientTable, InputGradient, Rounding, WeightGradient as Sums, Weights,
};
use rayon::prelude::*;

use super::Linear;
use super::backward::WeightGradient;
use crate::weights::{ForwardWeights, Quantized};

/// Positions that a call spans at least, where the batch has them.
const INPUT_POSITIONS: usize = 64;

/// Outputs that a task of the weights' gradient sums.
const OUTPUTS: usize = 128;

/// Tasks that the weights' gradient is cut into at least, where there are chunks for them.
const TASKS: usize = 8;

/// Gradients of a call that 32-bit sums hold, doubled: 2 · 127 of each.
const MOST: usize = i32::MAX as usize / 254;

/// Why the kernels refuse nothing.
const CHECKED: &str = "lengths and ranges follow from the shape";

/// The largest rounded gradient.
const LARGEST: f32 = 127.0;

/// Steps of rounded gradients.
struct Scale {
    /// What a gradient is multiplied with before it is rounded.
    factor: f32,
    /// What a rounded gradient of 1 stands for.
    step: f32,
}

impl Scale {
    /// So that `largest` becomes 127.
    fn of(largest: f32) -> Self {
        let factor = LARGEST / largest;
        // Nothing but zeros, or numbers too small to divide by; and numbers that are none.
        let (factor, step) = match (factor.is_finite(), largest.is_finite()) {
            (true, true) => (factor, largest / LARGEST),
            (false, true) => (0.0, 0.0),
            _ => (0.0, f32::NAN),
        };
        Self { factor, step }
    }
}

impl Linear<'_> {
    /// Whether integers hold the sums of `∂L/∂a`, and the weights are packed like the input.
    pub(super) fn has_integer_input_gradient(&self, weights: &ForwardWeights) -> bool {
        let packed = weights.quantized != Quantized::Float;
        let like_input = self.plan.row_len() == self.shape.group_channels();
        let filter = self.shape.kernel[0] * self.shape.kernel[1] * self.shape.group_outputs();
        packed && like_input && filter <= MOST
    }

    /// `∂L/∂a` from `dy : [batch, height, width, outputs]`.
    pub(super) fn integer_input_gradient(
        &self,
        weights: &ForwardWeights,
        dy: &[f32],
        key: u64,
    ) -> Vec<f32> {
        let [height, width, outputs] = self.extent();
        let positions = height * width;
        let batch = dy.len() / (positions * outputs);
        let images = INPUT_POSITIONS.div_ceil(positions).min(batch);
        let len = self.plan.input_len();
        let prepared = self.prepare(weights);
        let shape = self.shape;
        let [tables, magnitudes] = InputGradient::scratch_len(&shape, images).expect(CHECKED);
        let scratch = || {
            let tables = vec![GradientTable::ZERO; tables];
            let rounded = vec![0; images * positions * outputs];
            (tables, vec![0; magnitudes], rounded)
        };
        let mut dx = vec![0.0; batch * len];
        let tasks = dx
            .par_chunks_mut(images * len)
            .zip(dy.par_chunks(images * positions * outputs));
        tasks.enumerate().for_each_init(
            scratch,
            |(tables, magnitudes, rounded), (task, (dx, dy))| {
                let image_len = positions * outputs;
                let rounded = &mut rounded[..dy.len()];
                let parts = dy.chunks(image_len).zip(rounded.chunks_mut(image_len));
                let steps = parts.enumerate().map(|(image, (dy, rounded))| {
                    let rounding = Rounding {
                        key,
                        first: (task * images + image) * image_len,
                    };
                    self.round_image(&weights.scale, &rounding, dy, rounded)
                });
                let steps: Vec<f32> = steps.collect();
                let job = InputGradient {
                    shape,
                    weights: &prepared,
                    gradients: rounded,
                    steps: &steps,
                };
                let done = self.kernels.input_gradient(&job, tables, magnitudes, dx);
                done.expect(CHECKED);
            },
        );
        dx
    }

    /// Rounds an image's gradients, each times its output's scale; returns their step.
    fn round_image(
        &self,
        scale: &[f32],
        rounding: &Rounding,
        dy: &[f32],
        rounded: &mut [i8],
    ) -> f32 {
        let outputs = self.shape.outputs;
        let scale = |output: usize| scale.get(output).copied().unwrap_or(1.0);
        let mut largest = vec![0; outputs];
        let done = self.kernels.largest_magnitudes(dy, &mut largest);
        done.expect(CHECKED);
        let scaled = largest.iter().enumerate();
        let scaled = scaled.map(|(output, bits)| (f32::from_bits(*bits) * scale(output)).to_bits());
        let scale_of = Scale::of(f32::from_bits(scaled.max().unwrap_or(0)));
        let factors: Vec<f32> = (0..outputs).map(|o| scale(o) * scale_of.factor).collect();
        let done = self
            .kernels
            .round_gradients(rounding, &factors, dy, rounded);
        done.expect(CHECKED);
        scale_of.step
    }

    /// The weights as look-ups read them.
    fn prepare(&self, weights: &ForwardWeights) -> Vec<BitQuads> {
        let (weights, ternary) = match &weights.quantized {
            Quantized::Binary(bits) => (Weights::Binary(bits.words()), false),
            Quantized::Ternary(planes) => {
                let [sign, nonzero] = [planes.sign().words(), planes.nonzero().words()];
                (Weights::Ternary { sign, nonzero }, true)
            }
            Quantized::Float => unreachable!("real weights have a product of their own"),
        };
        let len = InputGradient::weights_len(&self.shape, ternary).expect(CHECKED);
        let mut prepared = vec![BitQuads::ZERO; len];
        let done = self
            .kernels
            .prepare_input_gradient(&self.shape, &weights, &mut prepared);
        done.expect(CHECKED);
        prepared
    }

    /// Whether integers hold the sums of `∂L/∂Ŵ`.
    pub(super) fn has_integer_weight_gradient(&self, dy: &[f32]) -> bool {
        dy.len() / self.shape.outputs <= MOST
    }

    /// `∂L/∂Ŵ` of a packed input.
    pub(super) fn integer_weight_gradient(
        &self,
        input: Input,
        dy: &[f32],
        key: u64,
    ) -> WeightGradient {
        let image = self.extent().iter().product::<usize>();
        let batch = dy.len() / image;
        let scales = self.output_scales(dy, image);
        let factors: Vec<f32> = scales.iter().map(|scale| scale.factor).collect();
        let mut rounded = vec![0i8; dy.len()];
        let images = rounded.par_chunks_mut(image).zip(dy.par_chunks(image));
        images.enumerate().for_each(|(at, (rounded, dy))| {
            let rounding = Rounding {
                key,
                first: at * image,
            };
            let done = self
                .kernels
                .round_gradients(&rounding, &factors, dy, rounded);
            done.expect(CHECKED);
        });
        let job = Sums {
            shape: self.shape,
            input,
            batch,
            gradients: &rounded,
        };
        let blocks = self.output_blocks();
        let chunks = job.positions().div_ceil(Sums::CHUNK);
        let parts = TASKS.div_ceil(blocks.len()).clamp(1, chunks.max(1));
        let columns = job.columns();
        let [tables, index] = columns.scratch_len();
        let scratch = || {
            (
                vec![GradientTable::ZERO; tables],
                vec![BitQuads::ZERO; index],
            )
        };
        let sums = blocks.into_par_iter().map(|outputs| {
            let parts = (0..parts)
                .into_par_iter()
                .map_init(scratch, |scratch, part| {
                    let (tables, index) = scratch;
                    let at =
                        |part: usize| (chunks * part / parts * Sums::CHUNK).min(job.positions());
                    let mut sums = vec![[0; 64]; columns.sums_len(outputs.len())];
                    let positions = at(part)..at(part + 1);
                    let (of, sums_of) = (outputs.clone(), &mut sums);
                    let done = self
                        .kernels
                        .weight_gradient(&job, of, positions, tables, index, sums_of);
                    done.expect(CHECKED);
                    sums
                });
            // Sums of integers are equal in any order.
            let sums = parts.reduce_with(|mut a, b| {
                let (to, from) = (a.as_flattened_mut(), b.as_flattened());
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                a
            });
            (outputs, sums.unwrap_or_default())
        });
        let blocks = sums.collect();
        let steps = scales.iter().map(|scale| scale.step).collect();
        WeightGradient::Integer {
            columns,
            blocks,
            steps,
        }
    }

    /// Outputs in blocks, each of one group.
    fn output_blocks(&self) -> Vec<Range<usize>> {
        let per_group = self.shape.group_outputs();
        let groups = (0..self.shape.groups).map(|group| group * per_group);
        let blocks = groups.flat_map(|first| {
            let starts = (0..per_group).step_by(OUTPUTS);
            starts.map(move |at| first + at..first + (at + OUTPUTS).min(per_group))
        });
        blocks.collect()
    }

    /// One scale an output, over the batch.
    fn output_scales(&self, dy: &[f32], image: usize) -> Vec<Scale> {
        let zero = || vec![0u32; self.shape.outputs];
        let largest = dy.par_chunks(image).fold(zero, |mut largest, dy| {
            let done = self.kernels.largest_magnitudes(dy, &mut largest);
            done.expect(CHECKED);
            largest
        });
        let largest = largest.reduce(zero, |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a = (*a).max(b));
            a
        });
        let scales = largest
            .into_iter()
            .map(|bits| Scale::of(f32::from_bits(bits)));
        scales.collect()
    }
}
