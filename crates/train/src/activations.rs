//! A batch of activations in the form that the next layer's kernels read.

use orthant_bits::{BitTensor, Input, TernaryTensor};
use orthant_model::{LayerInput, Values};

/// Activations `[batch, height, width, channels]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Activations {
    /// 8-bit pixels, which stand for the input contract's numbers.
    Pixels(Vec<u8>),
    /// ±1, a bit each.
    Binary(BitTensor),
    /// −1, 0 or +1, two bits each.
    Ternary(TernaryTensor),
    /// Real numbers.
    Float(Vec<f32>),
}

impl Activations {
    /// What they hold.
    pub fn values(&self) -> Values {
        match self {
            Self::Pixels(_) => Values::Pixels,
            Self::Binary(_) => Values::Binary,
            Self::Ternary(_) => Values::Ternary,
            Self::Float(_) => Values::Float,
        }
    }

    /// The same where it lies.
    pub fn view(&self) -> LayerInput<'_> {
        LayerInput::Packed(match self {
            Self::Pixels(pixels) => Input::Pixels(pixels),
            Self::Binary(bits) => Input::Binary(bits.pixels().words()),
            Self::Ternary(ternary) => Input::Ternary {
                sign: ternary.pixels().sign().words(),
                nonzero: ternary.pixels().nonzero().words(),
            },
            Self::Float(values) => return LayerInput::Float(values),
        })
    }
}
