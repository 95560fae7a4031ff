//! Products of the input's patches, and the patches' gradients back to the input.

use core::ops::Range;

use orthant_gemm::{Matrix, MatrixMut, multiply};
use orthant_model::Columns;

use super::Linear;
use crate::activations::Activations;

impl Linear<'_> {
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
                if let Some(pixel) = self.patches.under(position, tap) {
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
            let columns = Columns::all(&self.shape, group);
            let input = input.view();
            self.patches
                .gather(input, positions.clone(), &columns, patches);
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
