//! Packed ±1 and ternary numbers: the layout that training, analysis and inference share.
//!
//! Element `i` of a row is bit `i % 64` of word `i / 64`; bit 1 is +1 and bit 0 is −1, so that
//! `dot(a, b) = n − 2 · popcount(a xor b)`. Every row starts at a whole word and the *padding
//! bits* past its end are 0. This crate holds data and its meaning; the arithmetic on it is in
//! `orthant-kernels`.
//!
//! ```
//! use orthant_bits::{BitMatrix, sign};
//!
//! let weights = BitMatrix::from_f32(1, 3, &[0.7, -0.2, -0.0])?;
//! assert_eq!(weights.row(0), &[0b101]);
//! assert_eq!(weights.to_i8(), [1, -1, 1]);
//! assert_eq!(sign(-0.0), 1.0);
//! # Ok::<(), orthant_bits::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod aligned;
mod bitplanes;
mod conv;
mod error;
mod expand;
mod input;
mod matrix;
mod pool;
mod quantize;
mod tensor;
mod ternary;
mod threshold;
mod transpose;
mod word;

pub use aligned::Aligned;
pub use bitplanes::Bitplanes;
pub use conv::{Border, ConvShape, InputContract, Padding, Taps};
pub use error::Error;
pub use expand::{expand_signs, expand_ternary};
pub use input::Input;
pub use matrix::BitMatrix;
pub use pool::PoolShape;
pub use quantize::{
    clip, k_bit, k_bit_signed, mean_magnitude, relu, sign, sign_scaled, ternarize, ternary_delta,
};
pub use tensor::{BitTensor, TensorShape};
pub use ternary::{TernaryMatrix, TernaryTensor};
pub use threshold::{TernaryThreshold, TernaryThresholds, Threshold, Thresholds};
pub use transpose::transpose_64x64;
pub use word::{WORD_BITS, tail_mask, words_for};
