//! Products of 8-bit pixels with weights where they lie.
//!
//! ```text
//! x[k] = a · p − b_c inside the image, border · unit outside         in the order of the filter
//! for each 64 numbers of a patch
//!   for each 4 of them, for each of the 16 choices among these: table = the sum of the chosen
//!   for each output o: chosen(w) = Σ table[4 bits of w]
//!     sum[o] += 2 · chosen(w > 0) − Σ x                                                binary
//!     sum[o] += 2 · chosen(w > 0) − chosen(w ≠ 0)                                      ternary
//! ```
//!
//! Four products are one look-up, and its table takes 15 additions for all outputs together.

use core::ops::Range;

use orthant_bits::{InputContract, WORD_BITS, words_for};

use super::walk::Site;
use crate::conv::{Layer, Weights};

/// The sums of all choices among some numbers of a patch, four by four.
struct Choices {
    /// Bit `i` of an index chooses number `i` of its four.
    table: [[i32; 16]; WORD_BITS / 4],
    /// How many numbers there are, and their sum.
    len: usize,
    total: i32,
}

impl Choices {
    fn push(&mut self, number: i32) {
        let (table, next) = (&mut self.table[self.len / 4], 1 << (self.len % 4));
        for choice in 0..next {
            table[next + choice] = table[choice].wrapping_add(number);
        }
        self.len += 1;
        self.total = self.total.wrapping_add(number);
    }

    /// The sum of the numbers whose bit is 1; bits past the last number are 0.
    fn chosen(&self, word: [u8; 8]) -> i32 {
        let bytes = &word[..self.len.div_ceil(8)];
        let pairs = self.table.as_chunks::<2>().0.iter().zip(bytes);
        pairs.fold(0, |sum: i32, ([low, high], byte)| {
            let low = low[usize::from(byte & 15)];
            sum.wrapping_add(low)
                .wrapping_add(high[usize::from(byte >> 4)])
        })
    }

    /// Adds the products with word `word` of the filters of `outputs`.
    fn multiply(
        &self,
        layer: &Layer<[u8; 8]>,
        word: usize,
        outputs: Range<usize>,
        sums: &mut [i32],
    ) {
        let words = words_for(layer.shape.filter_len());
        for (output, sum) in outputs.zip(sums) {
            let at = output * words + word;
            let (positive, all) = match layer.weights {
                Weights::Binary(sign) => (sign[at], self.total),
                Weights::Ternary { sign, nonzero } => (sign[at], self.chosen(nonzero[at])),
            };
            let positive = self.chosen(positive).wrapping_mul(2);
            *sum = sum.wrapping_add(positive).wrapping_sub(all);
        }
    }
}

/// Adds one patch's products with the filters of `outputs`, all of the site's group.
pub(super) fn add(
    layer: &Layer<[u8; 8]>,
    pixels: &[u8],
    contract: &InputContract,
    site: &Site,
    outputs: Range<usize>,
    sums: &mut [i32],
) {
    let shape = &layer.shape;
    let channels = shape.group_channels();
    let first = site.group * channels;
    let outside = shape.border.value() * contract.unit;
    let mut choices = Choices {
        table: [[0; 16]; WORD_BITS / 4],
        len: 0,
        total: 0,
    };
    let mut word = 0;
    for tap in 0..shape.kernel[0] * shape.kernel[1] {
        let pixel = site.pixel(shape, [tap / shape.kernel[1], tap % shape.kernel[1]]);
        let pixel = pixel.map(|pixel| &pixels[pixel * shape.channels + first..][..channels]);
        for (channel, b) in contract.b[first..][..channels].iter().enumerate() {
            if choices.len == WORD_BITS {
                choices.multiply(layer, word, outputs.clone(), sums);
                (choices.len, choices.total) = (0, 0);
                word += 1;
            }
            let inside = |pixel: &[u8]| contract.a * i32::from(pixel[channel]) - b;
            choices.push(pixel.map_or(outside, inside));
        }
    }
    choices.multiply(layer, word, outputs, sums);
}
