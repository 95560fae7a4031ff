//! A layer's input, as kernels read it.

/// Activations `[batch, height, width, channels]`, channels packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// ±1, packed; padding bits are 0.
    Binary(&'a [u64]),
    /// −1, 0 or +1; `sign` is 0 where `nonzero` is.
    Ternary {
        /// 1 where the activation is +1.
        sign: &'a [u64],
        /// 1 where the activation is not 0.
        nonzero: &'a [u64],
    },
    /// Unsigned 8-bit pixels, one byte per channel.
    Pixels(&'a [u8]),
}

impl Input<'_> {
    /// The kind of its numbers, for messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Binary(_) => "binary",
            Self::Ternary { .. } => "ternary",
            Self::Pixels(_) => "pixels",
        }
    }
}
