//! Panels: how prepared weights of some outputs lie side by side.

use orthant_bits::{ConvShape, words_for};

use crate::conv::{Inputs, Layer, Weights};

/// Outputs of a panel of weights for pixels.
pub(crate) const PIXEL_OUTPUTS: usize = 64;

/// Which numbers meet in a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    Binary,
    TernaryInputs,
    TernaryWeights,
    Ternary,
    Pixels,
    TernaryPixels,
}

impl Operands {
    pub(crate) fn of(layer: &Layer) -> Self {
        match (layer.inputs, layer.weights) {
            (Inputs::Binary, Weights::Binary(_)) => Self::Binary,
            (Inputs::Ternary, Weights::Binary(_)) => Self::TernaryInputs,
            (Inputs::Binary, Weights::Ternary { .. }) => Self::TernaryWeights,
            (Inputs::Ternary, Weights::Ternary { .. }) => Self::Ternary,
            (Inputs::Pixels(_), Weights::Binary(_)) => Self::Pixels,
            (Inputs::Pixels(_), Weights::Ternary { .. }) => Self::TernaryPixels,
        }
    }

    /// The kind of input that the weights were prepared for.
    pub(crate) const fn input_name(self) -> &'static str {
        match self {
            Self::Binary | Self::TernaryWeights => "binary",
            Self::TernaryInputs | Self::Ternary => "ternary",
            Self::Pixels | Self::TernaryPixels => "pixels",
        }
    }

    pub(crate) const fn weight_planes(self) -> usize {
        match self {
            Self::TernaryWeights | Self::Ternary | Self::TernaryPixels => 2,
            Self::Binary | Self::TernaryInputs | Self::Pixels => 1,
        }
    }
}

/// How a panel holds the weights of its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Panel {
    /// `[k_words, planes, 2, lanes]` words: lane `l` of the first vector holds output `2l`, of the
    /// second `2l + 1`, so that 64-bit counts of both join to 32-bit sums in order.
    Words { lanes: usize },
    /// `[k_words · 8, 2, 32]` bytes of 8 weights each: byte `2i` of half `h` holds output
    /// `32h + i`, byte `2i + 1` output `32h + 16 + i`.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "AVX2's alone"))]
    Bytes,
    /// `[planes, ceil(k / 4), 64, 4]` bytes: 1 for +1 and 0 for −1; of ternary weights the first
    /// plane is 1 where the weight is +1, the second where it is not −1.
    Pixels,
}

impl Panel {
    /// Outputs that a panel holds.
    pub(crate) const fn outputs(self) -> usize {
        match self {
            Self::Words { lanes } => 2 * lanes,
            Self::Bytes => 64,
            Self::Pixels => PIXEL_OUTPUTS,
        }
    }

    /// Words of a panel; `None` past the address range.
    pub(crate) fn words(self, shape: &ConvShape, planes: usize) -> Option<usize> {
        match self {
            Self::Words { .. } | Self::Bytes => {
                filter_words(shape)?.checked_mul(self.outputs() * planes)
            }
            Self::Pixels => shape
                .filter_len()
                .div_ceil(4)
                .checked_mul(PIXEL_OUTPUTS / 2 * planes),
        }
    }
}

/// Words of a canonical filter over packed inputs; `None` past the address range.
fn filter_words(shape: &ConvShape) -> Option<usize> {
    let taps = shape.kernel[0].checked_mul(shape.kernel[1])?;
    taps.checked_mul(words_for(shape.group_channels()))
}
