//! Moves groups of channels that start inside a word to words of their own.

use core::ops::Range;

use orthant_bits::{ConvShape, WORD_BITS, tail_mask, words_for};

/// The 64 bits of a row from bit `first` on, those past its last word 0.
#[inline(always)]
pub(crate) fn word_from(row: &[u64], first: usize) -> u64 {
    let (at, shift) = (first / WORD_BITS, first % WORD_BITS);
    let low = row.get(at).map_or(0, |word| word >> shift);
    let high = match shift {
        0 => 0,
        _ => row
            .get(at + 1)
            .map_or(0, |word| word << (WORD_BITS - shift)),
    };
    low | high
}

/// Copies packed pixels `[pixels, words_for(channels)]` to `[pixels, groups, words_for(C)]`, those
/// of some images only; each keeps its place.
pub(crate) fn split_groups(
    input: &[u64],
    shape: &ConvShape,
    images: Range<usize>,
    out: &mut [u64],
) {
    let channels = shape.group_channels();
    let (pixel_words, group_words) = (words_for(shape.channels), words_for(channels));
    let of_images = |words: usize| {
        let image = shape.height * shape.width * words;
        images.start * image..images.end * image
    };
    let input = &input[of_images(pixel_words)];
    let out = &mut out[of_images(shape.groups * group_words)];
    let pixels = input
        .chunks_exact(pixel_words)
        .zip(out.chunks_exact_mut(shape.groups * group_words));
    for (pixel, groups) in pixels {
        for (group, words) in groups.chunks_exact_mut(group_words).enumerate() {
            for (at, word) in words.iter_mut().enumerate() {
                *word = word_from(pixel, group * channels + at * WORD_BITS);
            }
            words[group_words - 1] &= tail_mask(channels);
        }
    }
}
