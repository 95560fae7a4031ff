//! Products of packed activations with weights where they lie.
//!
//! ```text
//! for each run of taps that are neighbours in the filter, PIECE words of it at a time
//!   gather a[k], z[k]: the input's words, or the border's
//!   for each output o
//!     sum[o] += bits − 2 · Σ_k popcount(a[k] xor w[o][k])                              binary
//!     sum[o] += Σ_k popcount(z) − 2 · popcount((a[k] xor w[o][k]) and z)               ternary
//!                                              z = z[k] and nonzero[o][k]
//! ```
//!
//! A zero border is left out, and ends a run.

use core::ops::Range;

use orthant_bits::{Border, WORD_BITS, tail_mask, words_for};

use super::walk::Site;
use crate::canonical::Word;
use crate::conv::{Layer, Weights};
use crate::generic::word_from;

/// Words that are gathered at a time; twice as many are some 5 % faster on long filters, for 512
/// bytes of stack.
const PIECE: usize = 32;

/// Some words of a patch that lie side by side in a filter, too.
struct Piece {
    sign: [u64; PIECE],
    /// 1 where there is an activation that is not 0.
    nonzero: [u64; PIECE],
    ternary: bool,
    /// Which words of a filter they meet.
    words: Range<usize>,
    /// Activations in them.
    bits: usize,
}

impl Piece {
    /// Adds the products with the filters of `outputs`.
    fn multiply(&self, layer: &Layer<[u8; 8]>, outputs: Range<usize>, sums: &mut [i32]) {
        let a = &self.sign[..self.words.len()];
        let z = &self.nonzero[..self.words.len()];
        let filters = |plane| filters(plane, layer.shape.outputs, &outputs, &self.words);
        match (layer.weights, self.ternary) {
            (Weights::Binary(sign), false) => {
                for (w, sum) in filters(sign).zip(sums) {
                    let differ = a.iter().zip(w).map(|(a, w)| a ^ w.bits());
                    let mismatches: usize = differ.map(|word| word.count_ones() as usize).sum();
                    *sum += self.bits as i32 - 2 * mismatches as i32;
                }
            }
            (Weights::Binary(sign), true) => {
                for (w, sum) in filters(sign).zip(sums) {
                    let words = a.iter().zip(w).zip(z);
                    *sum += dot(words.map(|((a, w), z)| (a ^ w.bits(), *z)));
                }
            }
            (Weights::Ternary { sign, nonzero }, _) => {
                for ((w, y), sum) in filters(sign).zip(filters(nonzero)).zip(sums) {
                    let words = a.iter().zip(w).zip(z.iter().zip(y));
                    *sum += dot(words.map(|((a, w), (z, y))| (a ^ w.bits(), z & y.bits())));
                }
            }
        }
    }
}

/// Some words of each of the filters of `outputs`.
fn filters<'w>(
    plane: &'w [[u8; 8]],
    all: usize,
    outputs: &Range<usize>,
    words: &Range<usize>,
) -> impl Iterator<Item = &'w [[u8; 8]]> {
    let filters = plane.chunks_exact(plane.len() / all);
    let some = filters.skip(outputs.start).take(outputs.len());
    some.map(|filter| &filter[words.clone()])
}

/// `Σ popcount(z) − 2 · popcount(differ and z)`.
#[inline(always)]
fn dot(words: impl Iterator<Item = (u64, u64)>) -> i32 {
    let (mut both, mut mismatches) = (0, 0);
    for (differ, z) in words {
        both += z.count_ones() as usize;
        mismatches += (differ & z).count_ones() as usize;
    }
    both as i32 - 2 * mismatches as i32
}

/// Adds one patch's products with the filters of `outputs`, all of the site's group.
pub(super) fn add(
    layer: &Layer<[u8; 8]>,
    sign: &[u64],
    nonzero: Option<&[u64]>,
    site: &Site,
    outputs: Range<usize>,
    sums: &mut [i32],
) {
    let shape = &layer.shape;
    let (channels, pixel_words) = (shape.group_channels(), words_for(shape.channels));
    let tap_words = words_for(channels);
    let mut piece = Piece {
        sign: [0; PIECE],
        nonzero: [0; PIECE],
        ternary: nonzero.is_some(),
        words: 0..0,
        bits: 0,
    };
    for tap in 0..shape.kernel[0] * shape.kernel[1] {
        let pixel = site.pixel(shape, [tap / shape.kernel[1], tap % shape.kernel[1]]);
        if pixel.is_none() && shape.border == Border::Zero {
            continue;
        }
        for word in 0..tap_words {
            let place = tap * tap_words + word;
            if piece.words.end != place || piece.words.len() == PIECE {
                piece.multiply(layer, outputs.clone(), sums);
                (piece.words, piece.bits) = (place..place, 0);
            }
            let bits = WORD_BITS.min(channels - word * WORD_BITS);
            let present = tail_mask(bits);
            let from = |plane: &[u64], pixel: usize| {
                let row = &plane[pixel * pixel_words..][..pixel_words];
                word_from(row, site.group * channels + word * WORD_BITS) & present
            };
            let at = piece.words.len();
            (piece.sign[at], piece.nonzero[at]) = match (pixel, nonzero) {
                (Some(pixel), Some(nonzero)) => (from(sign, pixel), from(nonzero, pixel)),
                (Some(pixel), None) => (from(sign, pixel), present),
                (None, _) if shape.border == Border::PlusOne => (present, present),
                (None, _) => (0, present),
            };
            piece.words.end += 1;
            piece.bits += bits;
        }
    }
    piece.multiply(layer, outputs, sums);
}
