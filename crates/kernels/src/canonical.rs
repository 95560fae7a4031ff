//! Canonical weights: what must be true of them, and how large a layer's sums get.

use orthant_bits::{InputContract, tail_mask, words_for};

use crate::Error;
use crate::conv::{Inputs, Layer, Weights};
use crate::error::check_length;

/// 64 weights, as a number or as they lie in a file.
pub(crate) trait Word: Copy {
    /// The word, element `i` in bit `i`.
    fn bits(self) -> u64;
}

impl Word for u64 {
    #[inline(always)]
    fn bits(self) -> u64 {
        self
    }
}

impl Word for [u8; 8] {
    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from_le_bytes(self)
    }
}

/// Checks a layer: its shape, its weights, and that its sums fit 32 bits.
///
/// # Errors
/// An impossible shape, weights of a wrong length, with padding bits or unused ternary codes, or
/// sums that a 32-bit accumulator does not hold.
pub(crate) fn check<W: Word>(layer: &Layer<W>) -> Result<(), Error> {
    layer.shape.check()?;
    check_weights(layer)?;
    let (largest, limit) = (bounds(layer)?.accumulator, i32::MAX as u64);
    if largest > limit {
        return Err(Error::Accumulator {
            accumulator: "a 32-bit accumulator",
            largest,
            limit,
        });
    }
    Ok(())
}

/// Bounds on a layer's sums.
pub(crate) struct Bounds {
    /// The largest magnitude of a sum.
    pub sum: u64,
    /// The largest magnitude of a number on the way to one.
    pub accumulator: u64,
}

pub(crate) fn bounds<W>(layer: &Layer<W>) -> Result<Bounds, Error> {
    let n = layer.shape.filter_len() as u64;
    let Inputs::Pixels(contract) = layer.inputs else {
        // Kernels count up to twice the sum.
        return Ok(Bounds {
            sum: n,
            accumulator: n.saturating_mul(2),
        });
    };
    let InputContract { a, b, unit } = contract;
    check_length(
        "the input contract's b",
        Some(layer.shape.channels),
        b.len(),
    )?;
    let largest =
        |values: &mut dyn Iterator<Item = i64>| values.map(i64::unsigned_abs).max().unwrap_or(0);
    let a = i64::from(*a);
    let inside = largest(
        &mut b
            .iter()
            .flat_map(|&b| [-i64::from(b), 255 * a - i64::from(b)]),
    );
    let outside = u64::from(layer.shape.border.value().unsigned_abs());
    let outside = outside * u64::from(unit.unsigned_abs());
    // The pixels are added up by themselves and scaled, then `b` and the border join them.
    let b = largest(&mut b.iter().map(|&b| i64::from(b)));
    let scaled = 2 * 255 * a.unsigned_abs().max(1);
    Ok(Bounds {
        sum: n.saturating_mul(inside.max(outside)),
        accumulator: n.saturating_mul(scaled + b.max(outside)),
    })
}

/// `Ok` when canonical weights have the right length, no padding bit and no unused ternary code.
fn check_weights<W: Word>(layer: &Layer<W>) -> Result<(), Error> {
    let shape = &layer.shape;
    // A row is what padding bits end: a tap, or a whole filter where it is dense.
    let (row_bits, rows) = match layer.inputs {
        Inputs::Pixels(_) => (shape.filter_len(), Some(shape.outputs)),
        Inputs::Binary | Inputs::Ternary => {
            let taps = shape.kernel[0].checked_mul(shape.kernel[1]);
            (
                shape.group_channels(),
                taps.and_then(|taps| taps.checked_mul(shape.outputs)),
            )
        }
    };
    let row_words = words_for(row_bits);
    let expected = rows.and_then(|rows| rows.checked_mul(row_words));
    let padding = !tail_mask(row_bits);
    let check = |what, words: &[W]| {
        check_length(what, expected, words.len())?;
        let broken = words
            .chunks_exact(row_words)
            .position(|row| row[row_words - 1].bits() & padding != 0);
        broken.map_or(Ok(()), |row| {
            Err(orthant_bits::Error::PaddingBits { row }.into())
        })
    };
    match layer.weights {
        Weights::Binary(words) => check("weights, in words,", words),
        Weights::Ternary { sign, nonzero } => {
            check("sign plane of the weights, in words,", sign)?;
            check("nonzero plane of the weights, in words,", nonzero)?;
            match sign
                .iter()
                .zip(nonzero)
                .position(|(s, z)| s.bits() & !z.bits() != 0)
            {
                Some(at) => {
                    let (row, word) = (at / row_words, at % row_words);
                    Err(orthant_bits::Error::UnusedCode { row, word }.into())
                }
                None => Ok(()),
            }
        }
    }
}
