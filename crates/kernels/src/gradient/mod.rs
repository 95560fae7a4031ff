//! The two products of a backward pass whose one operand is bits, on 8-bit gradients.
//!
//! ```text
//! ∂L/∂a[b, y, x, c] = step_b · Σ_{u, v, o} g[b, i, j, o] · w[o, u, v, c]      (i, j) sees (y, x)
//! ∂L/∂w[o, u, v, c] = step_o · Σ_{b, i, j} g[b, i, j, o] · a[b, y, x, c]      by its tap (u, v)
//! ```
//!
//! Gradients `g` are integers from −127 to 127 that [`Kernels::round_gradients`] makes by chance;
//! weights and activations are ±1 or ternary. Sums are integers, equal on every instruction set.
//!
//! With bits as 0 and 1, `Σ g · (±1) = 2 · Σ g · bit − Σ g`, and look-ups give
//! `P = Σ g · bit + Σ max(−g, 0)`, hence `2 · P − Σ |g|`; of ternary numbers the constants cancel
//! in the difference of two such sums, of where they are +1 and where −1.

mod input;
mod weights;

pub use input::InputGradient;
pub use weights::{GradientColumns, WeightGradient};

use crate::error::check_length;
use crate::kernels::check_rows;
use crate::{Error, Kernels};

/// The largest magnitude of a rounded gradient.
pub(crate) const LARGEST: u64 = 127;

/// Which chance rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// Of a step, a layer and a purpose.
    pub key: u64,
    /// Place of the first number: each place has a chance of its own, whoever rounds it.
    pub first: usize,
}

impl Kernels {
    /// Raises `largest : [channels]` to the magnitudes of `values : [pixels, channels]`.
    ///
    /// Numbers are [`f32::to_bits`] without the sign, which order like magnitudes; those of NaN
    /// are above infinity's.
    ///
    /// # Errors
    /// Values that are no whole pixels.
    pub fn largest_magnitudes(&self, values: &[f32], largest: &mut [u32]) -> Result<(), Error> {
        check_rows("values", values.len(), largest.len())?;
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.largest)(values, largest) };
        Ok(())
    }

    /// Rounds `value · factor` of `values : [pixels, channels]` to integers from −127 to 127, up or
    /// down by chance, so that the mean is kept within 2^-16; NaN becomes 0.
    ///
    /// ```text
    /// rounded = floor(value · factor + u)      u in [0, 1), by key and place
    /// ```
    ///
    /// # Errors
    /// Lengths that do not belong together.
    pub fn round_gradients(
        &self,
        rounding: &Rounding,
        factors: &[f32],
        values: &[f32],
        rounded: &mut [i8],
    ) -> Result<(), Error> {
        check_rows("gradients", values.len(), factors.len())?;
        check_length("rounded gradients", Some(values.len()), rounded.len())?;
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.round)(rounding, factors, values, rounded) };
        Ok(())
    }
}

/// `Ok` when sums of so many gradients, twice, fit 32 bits.
fn check_range(gradients: Option<usize>) -> Result<(), Error> {
    let largest = gradients.map_or(u64::MAX, |n| (n as u64).saturating_mul(2 * LARGEST));
    match largest <= i32::MAX as u64 {
        true => Ok(()),
        false => Err(Error::Accumulator {
            accumulator: "the sum of gradients",
            largest,
            limit: i32::MAX as u64,
        }),
    }
}

/// Up to 32 bits of a packed row from `first` on.
#[inline(always)]
fn bits_from(row: &[u64], first: usize, len: usize) -> u32 {
    let word = if first.is_multiple_of(32) {
        row[first / 64] >> (first % 64)
    } else {
        crate::generic::word_from(row, first)
    };
    (word as u32) & (u32::MAX >> (32 - len))
}
