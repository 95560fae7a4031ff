//! The numbers that stand for kinds of things in a file: each a byte.

use orthant_bits::Border;

/// A layer's operation.
pub const CONV: u8 = 0;
pub const DENSE: u8 = 1;
pub const MEAN_POOL: u8 = 2;

/// How far a convolution's image is extended.
pub const SAME: u8 = 0;
pub const VALID: u8 = 1;
pub const EXPLICIT: u8 = 2;

/// How weights were quantized.
pub const REAL: u8 = 0;
pub const SIGN: u8 = 1;
pub const SIGN_SCALED: u8 = 2;
pub const TERNARY: u8 = 3;

/// Activations; `SIGN` and `TERNARY` are those of weights.
pub const PLAIN: u8 = 0;
pub const CLIP: u8 = 4;
pub const RELU: u8 = 5;

/// Whether there was a batch norm, and whether it learnt a factor.
pub const NO_NORM: u8 = 0;
pub const NORM: u8 = 1;
pub const NORM_WITH_GAMMA: u8 = 2;

/// Whether there is a pool.
pub const NO_POOL: u8 = 0;
pub const POOL: u8 = 1;

/// Borders by their code.
pub const BORDERS: [Border; 3] = [Border::Zero, Border::PlusOne, Border::MinusOne];
