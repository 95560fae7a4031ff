//! The two products of the backward pass, and the one place where their arithmetic is chosen.
//!
//! ```text
//! ∂L/∂a = ∂L/∂y · Ŵ      per chunk of images: gradients of patches, added to the pixels below them
//! ∂L/∂Ŵ = ∂L/∂yᵀ · A     per block of columns: patches expanded a few hundred rows at a time
//! ```
//!
//! Where the other operand is packed, a recipe may ask for integers (`integer.rs`) or for gradients
//! of 16 bits.
//!
//! Chunks and blocks depend on the shape alone, and each adds up in order, so that the result does
//! not depend on the number of threads.

use core::ops::Range;

use orthant_bits::Input;
use orthant_gemm::{Matrix, MatrixMut, multiply};
use orthant_kernels::GradientColumns;
use orthant_model::Columns;
use rayon::prelude::*;

use super::{Linear, bf16};
use crate::activations::Activations;
use crate::precision::Precision;
use crate::weights::{ForwardWeights, Quantized};

/// Positions that one product of a chunk of images spans.
const INPUT_ROWS: usize = 256;

/// Columns of a block of weights, where taps are narrower.
const BLOCK_COLUMNS: usize = 512;

/// Floats of the patches that are expanded at a time.
const PATCH_FLOATS: usize = 96 << 10;

/// Gradients of a linear map.
pub struct Gradient {
    /// `∂L/∂a`, `[batch, height, width, channels]`; `None` for the first layer.
    pub input: Option<Vec<f32>>,
    /// `∂L/∂Ŵ`.
    pub weights: WeightGradient,
}

/// `∂L/∂Ŵ` as its product left it.
pub enum WeightGradient {
    /// In blocks of columns, `[outputs of the group, columns]` each.
    Real {
        /// The blocks.
        blocks: Vec<(Columns, Vec<f32>)>,
        /// Of a group.
        outputs: usize,
        /// Of a group.
        channels: usize,
    },
    /// In blocks of outputs, as sums of rounded gradients.
    Integer {
        /// How the sums lie.
        columns: GradientColumns,
        /// Outputs and their sums.
        blocks: Vec<(Range<usize>, Vec<[i32; 64]>)>,
        /// What a sum of 1 stands for, one number an output.
        steps: Vec<f32>,
    },
}

impl WeightGradient {
    /// Copies the gradient of one filter to `out : [filter]`.
    pub fn filter(&self, output: usize, out: &mut [f32]) {
        match self {
            Self::Real {
                blocks,
                outputs,
                channels,
            } => {
                let [group, member] = [output / outputs, output % outputs];
                for (columns, block) in blocks.iter().filter(|(of, _)| of.group == group) {
                    let row = &block[member * columns.len()..][..columns.len()];
                    let rows = row.chunks_exact(columns.channels.len());
                    for (tap, from) in columns.taps.clone().zip(rows) {
                        let at = tap * channels + columns.channels.start;
                        out[at..at + from.len()].copy_from_slice(from);
                    }
                }
            }
            Self::Integer {
                columns,
                blocks,
                steps,
            } => {
                for (outputs, sums) in blocks.iter().filter(|(of, _)| of.contains(&output)) {
                    let member = output - outputs.start;
                    columns.filter(sums, outputs.len(), member, steps[output], out);
                }
            }
        }
    }
}

/// What a backward pass multiplies `∂L/∂y` with, and how.
pub struct Operands<'a> {
    /// What the layer was given.
    pub input: &'a Activations,
    /// The forward pass's weights and the latent ones that they were made from; without them the
    /// input's gradient is left out.
    pub weights: Option<(&'a ForwardWeights, &'a [f32])>,
    /// The arithmetic that the recipe asks for.
    pub precision: Precision,
    /// Keys of the roundings for the input's gradient and for the weights'.
    pub keys: [u64; 2],
}

impl Linear<'_> {
    /// Both gradients from `dy : [batch, height, width, outputs]`.
    pub fn backward(&self, operands: &Operands, dy: &[f32]) -> Gradient {
        let [input_key, weight_key] = operands.keys;
        let packed = operands.input.view().packed();
        let packed = packed.filter(|input| !matches!(input, Input::Pixels(_)));
        let input_gradient = || {
            let (weights, latent) = operands.weights?;
            let is_packed = weights.quantized != Quantized::Float;
            Some(match operands.precision {
                Precision::Int8 if self.has_integer_input_gradient(weights) => {
                    self.integer_input_gradient(weights, dy, input_key)
                }
                Precision::Bf16 if is_packed => {
                    let weights_of = weights.to_f32(self, latent, false);
                    self.input_gradient(&weights_of, &bf16::round(dy, &weights.scale))
                }
                _ => self.input_gradient(&weights.to_f32(self, latent, true), dy),
            })
        };
        let weight_gradient = || match (operands.precision, packed) {
            (Precision::Int8, Some(input)) if self.has_integer_weight_gradient(dy) => {
                self.integer_weight_gradient(input, dy, weight_key)
            }
            (Precision::Bf16, Some(_)) => {
                self.weight_gradient(operands.input, &bf16::round(dy, &[]))
            }
            _ => self.weight_gradient(operands.input, dy),
        };
        let (input, weights) = rayon::join(input_gradient, weight_gradient);
        Gradient { input, weights }
    }

    fn input_gradient(&self, weights: &[f32], dy: &[f32]) -> Vec<f32> {
        let [height, width, outputs] = self.extent();
        let positions = height * width;
        let batch = dy.len() / (positions * outputs);
        let images = INPUT_ROWS.div_ceil(positions).min(batch);
        let len = self.plan.input_len();
        let mut dx = vec![0.0; batch * len];
        let tasks = dx.par_chunks_mut(images * len).enumerate();
        tasks.for_each_init(Vec::new, |patches, (task, dx)| {
            let first = task * images;
            let end = (first + dx.len() / len) * positions;
            for start in (first * positions..end).step_by(INPUT_ROWS) {
                let rows = start..(start + INPUT_ROWS).min(end);
                for group in 0..self.shape.groups {
                    let columns = Columns::all(&self.shape, group);
                    self.patch_gradient(weights, dy, rows.clone(), group, patches);
                    self.scatter(patches, rows.clone(), &columns, first, dx);
                }
            }
        });
        dx
    }

    /// `patches = dy · Ŵ` of a group at some positions.
    fn patch_gradient(
        &self,
        weights: &[f32],
        dy: &[f32],
        rows: Range<usize>,
        group: usize,
        patches: &mut Vec<f32>,
    ) {
        let (outputs, per_group) = (self.shape.outputs, self.shape.group_outputs());
        let filter = self.shape.filter_len();
        patches.resize(rows.len() * filter, 0.0);
        let weights = &weights[group * per_group * filter..][..per_group * filter];
        let dy = &dy[rows.start * outputs + group * per_group..];
        multiply(
            MatrixMut::new(patches, [rows.len(), filter]),
            Matrix::with_stride(dy, [rows.len(), per_group], outputs),
            Matrix::new(weights, [per_group, filter]),
            false,
        );
    }

    fn weight_gradient(&self, input: &Activations, dy: &[f32]) -> WeightGradient {
        let blocks = self.blocks().into_par_iter();
        WeightGradient::Real {
            blocks: blocks
                .map(|columns| {
                    let block = self.block_gradient(input, dy, &columns);
                    (columns, block)
                })
                .collect(),
            outputs: self.shape.group_outputs(),
            channels: self.shape.group_channels(),
        }
    }

    /// The filters' columns in blocks: several narrow taps, or parts of a wide one.
    fn blocks(&self) -> Vec<Columns> {
        let taps = self.shape.kernel[0] * self.shape.kernel[1];
        let channels = self.shape.group_channels();
        let pieces = channels.div_ceil(2 * BLOCK_COLUMNS);
        let parts = match pieces {
            1 => taps.div_ceil((BLOCK_COLUMNS / channels).max(1)),
            _ => taps,
        };
        let cut = |len: usize, parts: usize, at: usize| len * at / parts..len * (at + 1) / parts;
        let mut blocks = Vec::new();
        for group in 0..self.shape.groups {
            for part in 0..parts {
                for piece in 0..pieces {
                    blocks.push(Columns {
                        group,
                        taps: cut(taps, parts, part),
                        channels: cut(channels, pieces, piece),
                    });
                }
            }
        }
        blocks
    }

    fn block_gradient(&self, input: &Activations, dy: &[f32], columns: &Columns) -> Vec<f32> {
        let (outputs, per_group) = (self.shape.outputs, self.shape.group_outputs());
        let width = columns.len();
        let positions = dy.len() / outputs;
        let most = (PATCH_FLOATS / width).max(64);
        let mut patches = vec![0.0; most.min(positions) * width];
        let mut block = vec![0.0; per_group * width];
        for start in (0..positions).step_by(most) {
            let rows = start..(start + most).min(positions);
            let patches = &mut patches[..rows.len() * width];
            self.patches
                .gather(input.view(), rows.clone(), columns, patches);
            let dy = &dy[start * outputs + columns.group * per_group..];
            multiply(
                MatrixMut::new(&mut block, [per_group, width]),
                Matrix::with_stride(dy, [rows.len(), per_group], outputs).transposed(),
                Matrix::new(patches, [rows.len(), width]),
                start > 0,
            );
        }
        block
    }
}
