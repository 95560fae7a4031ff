//! The precision of a backward pass.

use serde::{Deserialize, Serialize};

/// In which numbers the two products of a layer's backward pass are taken, `∂L/∂a = ∂L/∂y · Ŵ` and
/// `∂L/∂Ŵ = ∂L/∂yᵀ · A`, where the operand beside `∂L/∂y` is packed.
///
/// Products of pixels, real activations or real weights are in 32 bits in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32-bit floats, the reference.
    #[default]
    F32,
    /// Gradients rounded to the nearest 8-bit significand, added up in 32 bits.
    Bf16,
    /// Gradients rounded by chance to integers from −127 to 127, added up exactly: for `∂L/∂a` of
    /// one scale an image, for `∂L/∂Ŵ` of one scale an output.
    Int8,
}

impl Precision {
    /// The recipes' name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// Whether it is the reference.
    pub(crate) fn is_reference(&self) -> bool {
        *self == Self::F32
    }
}
