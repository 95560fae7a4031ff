//! The two matrices of a block of pairs: sums as they were shown, and float products.

use orthant_bits::ConvShape;
use orthant_gemm::{Matrix, MatrixMut, multiply};
use orthant_model::{Columns, LayerInput, LayerSums, Patches};

use super::pairs::Block;

/// Weights of a layer as floats, and the factors of its sums.
pub(crate) struct Operands<'a> {
    pub shape: ConvShape,
    pub latent: &'a [f32],
    /// Without their scale.
    pub quantized: Vec<f32>,
    /// The filters' scales.
    pub scales: Vec<f32>,
    /// What makes real products of the tap's sums.
    pub factors: Vec<f32>,
}

impl Operands<'_> {
    /// The float products of a block's patches with its filters.
    pub(crate) fn product(
        &self,
        patches: &Patches,
        input: LayerInput,
        weights: &[f32],
        block: &Block,
        buffer: &mut Vec<f32>,
        out: &mut [f32],
    ) {
        let filter = self.shape.filter_len();
        buffer.resize(block.rows.len() * filter, 0.0);
        let columns = Columns::all(&self.shape, block.group);
        patches.gather(input, block.rows.clone(), &columns, buffer);
        let rows = Matrix::new(buffer, [block.rows.len(), filter]);
        self.multiply(rows, weights, block, out);
    }

    /// The products of rows of patches with a block's filters.
    pub(crate) fn multiply(&self, rows: Matrix, weights: &[f32], block: &Block, out: &mut [f32]) {
        let [height, filter] = rows.extents();
        let filters = block.filters.clone();
        let weights = &weights[filters.start * filter..filters.end * filter];
        multiply(
            MatrixMut::new(out, [height, filters.len()]),
            rows,
            Matrix::new(weights, [filters.len(), filter]).transposed(),
            false,
        );
    }

    /// A block's sums as real products.
    pub(crate) fn sums(&self, sums: LayerSums, block: &Block, out: &mut [f32]) {
        match sums {
            LayerSums::I16(sums) => self.copy(sums, block, out, |sum| f32::from(*sum)),
            LayerSums::I32(sums) => self.copy(sums, block, out, |sum| *sum as f32),
            LayerSums::F32(sums) => self.copy(sums, block, out, |sum| *sum),
        }
    }

    fn copy<T>(&self, sums: &[T], block: &Block, out: &mut [f32], real: impl Fn(&T) -> f32) {
        let outputs = self.shape.outputs;
        let factors = &self.factors[block.filters.clone()];
        for (row, out) in block.rows.clone().zip(out.chunks_exact_mut(factors.len())) {
            let sums = &sums[row * outputs + block.filters.start..][..factors.len()];
            for ((out, sum), factor) in out.iter_mut().zip(sums).zip(factors) {
                *out = real(sum) * factor;
            }
        }
    }

    /// Multiplies a block's products with its filters' scales.
    pub(crate) fn scale(&self, block: &Block, out: &mut [f32]) {
        let scales = &self.scales[block.filters.clone()];
        for row in out.chunks_exact_mut(scales.len()) {
            row.iter_mut()
                .zip(scales)
                .for_each(|(out, scale)| *out *= scale);
        }
    }
}
