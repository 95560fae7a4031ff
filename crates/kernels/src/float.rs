//! A float convolution's operands.

use orthant_bits::ConvShape;

/// Patches that are multiplied together, so that weights are read once for all of them.
pub(crate) const ROWS: usize = 16;

/// A float convolution in the fixed order of evaluation.
///
/// A tap outside the image reads the border's number, 0 or ±1, and takes part like any other:
/// beside an infinite weight a zero border gives NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloatConv<'a> {
    /// The convolution.
    pub shape: ConvShape,
    /// Images in the input.
    pub batch: usize,
    /// Activations `[batch, height, width, channels]`.
    pub input: &'a [f32],
    /// Weights `[outputs, kernel[0], kernel[1], C]`, `C` channels of a group.
    pub weights: &'a [f32],
}

impl FloatConv<'_> {
    /// Numbers of the scratch: some patches.
    pub fn scratch_len(shape: &ConvShape) -> usize {
        ROWS * shape.filter_len()
    }
}
