//! Patches of the input as rows of floats, and their gradients back to the input.

use core::ops::Range;

use orthant_gemm::{Matrix, MatrixMut, multiply};

use super::Linear;
use crate::activations::Activations;

/// Some columns of a group's filters: whole taps, or some channels of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The group.
    pub group: usize,
    /// Taps, counted along the kernel's rows.
    pub taps: Range<usize>,
    /// Channels of the group.
    pub channels: Range<usize>,
}

impl Columns {
    /// Number of columns.
    pub fn len(&self) -> usize {
        self.taps.len() * self.channels.len()
    }
}

impl Linear<'_> {
    /// All columns of a group.
    pub fn all_columns(&self, group: usize) -> Columns {
        Columns {
            group,
            taps: 0..self.shape.kernel[0] * self.shape.kernel[1],
            channels: 0..self.shape.group_channels(),
        }
    }

    /// Pixel of the input, of all images, under a tap at an output position; `None` outside.
    #[inline(always)]
    fn under(&self, position: usize, tap: usize) -> Option<usize> {
        let shape = &self.shape;
        let [height, width] = self.output;
        let at = [position / width % height, position % width];
        let tap = [tap / shape.kernel[1], tap % shape.kernel[1]];
        let inside = |axis: usize, size: usize| {
            let at = at[axis] * shape.stride[axis] + tap[axis] * shape.dilation[axis];
            at.checked_sub(self.pads[axis]).filter(|at| *at < size)
        };
        let row = inside(0, shape.height)?;
        let column = inside(1, shape.width)?;
        let image = position / (height * width);
        Some((image * shape.height + row) * shape.width + column)
    }

    /// Fills `out : [positions, columns]` with what the taps read.
    pub fn gather(
        &self,
        input: &Activations,
        positions: Range<usize>,
        columns: &Columns,
        out: &mut [f32],
    ) {
        let channels = self.shape.channels;
        let first = columns.group * self.shape.group_channels();
        let range = first + columns.channels.start..first + columns.channels.end;
        let border = self.shape.border.value() as f32;
        for (position, row) in positions.zip(out.chunks_exact_mut(columns.len())) {
            for (tap, to) in columns.taps.clone().zip(row.chunks_exact_mut(range.len())) {
                match self.under(position, tap) {
                    Some(pixel) => {
                        input
                            .view()
                            .expand(self.contract, channels, pixel, range.clone(), to);
                    }
                    None => to.fill(border),
                }
            }
        }
    }

    /// Adds `gradients : [positions, columns]` of patches to those of the input's pixels.
    ///
    /// `first` is the first image that `to` holds.
    pub fn scatter(
        &self,
        gradients: &[f32],
        positions: Range<usize>,
        columns: &Columns,
        first: usize,
        to: &mut [f32],
    ) {
        let channels = self.shape.channels;
        let start = columns.group * self.shape.group_channels() + columns.channels.start;
        let base = first * self.plan.input_len();
        let len = columns.channels.len();
        for (position, row) in positions.zip(gradients.chunks_exact(columns.len())) {
            for (tap, from) in columns.taps.clone().zip(row.chunks_exact(len)) {
                if let Some(pixel) = self.under(position, tap) {
                    let to = &mut to[pixel * channels + start - base..][..len];
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                }
            }
        }
    }

    /// `sums = patches · weightsᵀ` at some positions, group by group.
    pub(super) fn multiply_patches(
        &self,
        input: &Activations,
        positions: Range<usize>,
        weights: &[f32],
        patches: &mut Vec<f32>,
        sums: &mut [f32],
    ) {
        let (filter, per_group) = (self.shape.filter_len(), self.shape.group_outputs());
        let rows = positions.len();
        patches.resize(rows * filter, 0.0);
        for group in 0..self.shape.groups {
            self.gather(input, positions.clone(), &self.all_columns(group), patches);
            let weights = &weights[group * per_group * filter..][..per_group * filter];
            let sums = &mut sums[group * per_group..];
            multiply(
                MatrixMut::with_stride(sums, [rows, per_group], self.shape.outputs),
                Matrix::new(patches, [rows, filter]),
                Matrix::new(weights, [per_group, filter]).transposed(),
                false,
            );
        }
    }
}
