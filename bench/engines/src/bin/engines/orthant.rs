//! Our side: a dense layer on prepared weights, to 32-bit sums.

use std::error::Error;

use orthant_bits::{Aligned, BitMatrix, ConvShape};
use orthant_kernels::{Conv, Input, Inputs, Kernels, Layer, Output, Weights};

/// A product whose weights are prepared and whose sums have their place.
pub struct Orthant {
    kernels: Kernels,
    shape: ConvShape,
    activations: BitMatrix,
    weights: Aligned<u64>,
    sums: Aligned<i32>,
}

impl Orthant {
    /// Prepares `weights : [n, k]` for products with `activations : [m, k]`.
    pub fn new(
        kernels: Kernels,
        activations: BitMatrix,
        weights: &BitMatrix,
    ) -> Result<Self, Box<dyn Error>> {
        let shape = ConvShape::dense(weights.cols(), weights.rows());
        let layer = Layer {
            shape,
            inputs: Inputs::Binary,
            weights: Weights::Binary(weights.words()),
        };
        let mut prepared = Aligned::zeros(kernels.prepared_len(&layer)?);
        kernels.prepare(&layer, &mut prepared)?;
        Ok(Self {
            kernels,
            shape,
            sums: Aligned::zeros(activations.rows() * weights.rows()),
            activations,
            weights: prepared,
        })
    }

    /// One product: what is timed.
    pub fn multiply(&mut self) -> Result<(), Box<dyn Error>> {
        let batch = self.activations.rows();
        let conv = Conv {
            shape: self.shape,
            pool: None,
            input: Input::Binary(self.activations.words()),
            batch,
            weights: &self.weights,
        };
        let sums = Output::I32(&mut self.sums);
        Ok(self.kernels.conv2d(&conv, 0..batch, sums, &mut [])?)
    }

    /// The sums of the last product, `[m, n]`.
    pub fn sums(&self) -> &[i32] {
        &self.sums
    }
}
