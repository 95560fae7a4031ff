//! Gradients as 8-bit integers, rounded by chance.
//!
//! ```text
//! h        = a hash of key and index                  16 of its bits, u = h / 2^16
//! rounded  = floor(value · factor + u)                cut to −127 … 127
//! ```
//!
//! The mean of `rounded` over keys is `value · factor`, within 2^-16 of a step.

use crate::gradient::Rounding;

/// A hash of 32 bits: two multiplications between shifted copies, the key beside each.
///
/// # Reference
/// Wellons 2018, *Prospecting for Hash Functions* (the constants of its best two-round function).
#[inline(always)]
fn hash(index: u32, [first, second]: [u32; 2]) -> u32 {
    let mut x = index ^ first;
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x = (x ^ x >> 15).wrapping_add(second);
    x = x.wrapping_mul(0x846c_a68b);
    x ^ x >> 16
}

/// Rounds whole pixels; `factors` has one number per channel.
#[inline(always)]
pub(crate) fn round(rounding: &Rounding, factors: &[f32], values: &[f32], out: &mut [i8]) {
    let channels = factors.len();
    let key = [rounding.key as u32, (rounding.key >> 32) as u32];
    let pixels = values
        .chunks_exact(channels)
        .zip(out.chunks_exact_mut(channels));
    for (pixel, (values, out)) in pixels.enumerate() {
        let first = (rounding.first + pixel * channels) as u32;
        let numbers = values.iter().zip(factors).zip(out).enumerate();
        for (at, ((value, factor), out)) in numbers {
            let index = first.wrapping_add(at as u32);
            let chance = hash(index, key) >> 16;
            // Steps of 2^-16, cut so that the sum stays inside 32 bits and the result in 8.
            let fixed = (value * factor).clamp(-127.0, 127.0) * 65536.0;
            // SAFETY: a number between −127 · 2^16 and 127 · 2^16; a NaN became 0.
            let fixed: i32 = unsafe { if fixed.is_nan() { 0.0 } else { fixed }.to_int_unchecked() };
            *out = ((fixed + chance as i32) >> 16).min(127) as i8;
        }
    }
}

/// Raises `largest` to the magnitudes of each channel's values, as bits; NaN is above infinity.
#[inline(always)]
pub(crate) fn largest(values: &[f32], largest: &mut [u32]) {
    for values in values.chunks_exact(largest.len()) {
        for (largest, value) in largest.iter_mut().zip(values) {
            *largest = (*largest).max(value.to_bits() & 0x7fff_ffff);
        }
    }
}
