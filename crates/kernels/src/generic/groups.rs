//! Moves groups of channels that start inside a word to words of their own.

use core::ops::Range;

use orthant_bits::{ConvShape, WORD_BITS, tail_mask, words_for};

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
            let (first, shift) = (group * channels / WORD_BITS, group * channels % WORD_BITS);
            for (at, word) in words.iter_mut().enumerate() {
                let low = pixel.get(first + at).map_or(0, |word| word >> shift);
                let high = match shift {
                    0 => 0,
                    _ => pixel
                        .get(first + at + 1)
                        .map_or(0, |word| word << (WORD_BITS - shift)),
                };
                *word = low | high;
            }
            words[group_words - 1] &= tail_mask(channels);
        }
    }
}
