//! A float convolution's operands.

use orthant_bits::ConvShape;

/// A float convolution in the fixed order of evaluation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloatConv<'a> {
    /// The convolution.
    pub shape: ConvShape,
    /// Images in the input.
    pub batch: usize,
    /// Activations, NHWC.
    pub input: &'a [f32],
    /// Weights, OHWI.
    pub weights: &'a [f32],
}
