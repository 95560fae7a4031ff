//! Walks over output words and pixels, and puts the sums in their place.

use core::ops::Range;

use orthant_bits::{ConvShape, PoolShape, Taps, WORD_BITS, words_for};

use super::{Activations, packed, pixels};
use crate::conv::{Layer, Output};
use crate::generic;

/// A checked convolution.
pub(super) struct Walk<'a> {
    pub layer: &'a Layer<'a, [u8; 8]>,
    /// The pool; one pixel where there is none.
    pub pool: PoolShape,
    pub activations: Activations<'a>,
    /// Height and width of the output of one image.
    pub extent: [usize; 2],
}

/// One pixel of the convolution as a group of channels sees it.
pub(super) struct Site {
    pub group: usize,
    image: usize,
    /// Rows and columns of taps inside the image.
    taps: [Taps; 2],
}

impl Site {
    /// The input pixel under a tap, counted over all images; `None` outside.
    pub(super) fn pixel(&self, shape: &ConvShape, tap: [usize; 2]) -> Option<usize> {
        let [y, x] = [0, 1].map(|axis| {
            let Taps { taps, first } = &self.taps[axis];
            let inside = taps.contains(&tap[axis]);
            inside.then(|| first + (tap[axis] - taps.start) * shape.dilation[axis])
        });
        Some((self.image * shape.height + y?) * shape.width + x?)
    }
}

impl Walk<'_> {
    /// Computes some rows of the output, whose lengths were checked.
    pub(super) fn run(&self, rows: Range<usize>, mut output: Output) {
        let all = self.layer.shape.outputs;
        for first in (0..all).step_by(WORD_BITS) {
            let outputs = first..all.min(first + WORD_BITS);
            for (at, row) in rows.clone().enumerate() {
                let (image, y) = (row / self.extent[0], row % self.extent[0]);
                for x in 0..self.extent[1] {
                    let maxima = self.maxima(image, [y, x], &outputs);
                    put(&mut output, at * self.extent[1] + x, all, &outputs, &maxima);
                }
            }
        }
        generic::finish(&mut output, all);
    }

    /// The sums of one output pixel: the largest of its pool's window.
    fn maxima(&self, image: usize, at: [usize; 2], outputs: &Range<usize>) -> [i32; WORD_BITS] {
        let shape = &self.layer.shape;
        let PoolShape { window, stride } = self.pool;
        let mut maxima = [i32::MIN; WORD_BITS];
        for y in 0..window[0] {
            let down = shape.taps(0, at[0] * stride[0] + y);
            for x in 0..window[1] {
                let across = shape.taps(1, at[1] * stride[1] + x);
                let sums = self.sums(image, [down.clone(), across], outputs);
                for (maximum, sum) in maxima.iter_mut().zip(sums) {
                    *maximum = sum.max(*maximum);
                }
            }
        }
        maxima
    }

    /// The sums of one pixel of the convolution.
    fn sums(&self, image: usize, taps: [Taps; 2], outputs: &Range<usize>) -> [i32; WORD_BITS] {
        let per_group = self.layer.shape.group_outputs();
        let group = outputs.start / per_group;
        let mut site = Site { group, image, taps };
        let mut sums = [0; WORD_BITS];
        let mut next = outputs.start;
        while next < outputs.end {
            let members = next..outputs.end.min((site.group + 1) * per_group);
            let sums = &mut sums[next - outputs.start..];
            next = members.end;
            match self.activations {
                Activations::Packed { sign, nonzero } => {
                    packed::add(self.layer, sign, nonzero, &site, members, sums);
                }
                Activations::Pixels { pixels, contract } => {
                    pixels::add(self.layer, pixels, contract, &site, members, sums);
                }
            }
            site.group += 1;
        }
        sums
    }
}

/// Puts the sums of some outputs of one pixel, or their comparisons, in their place.
fn put(output: &mut Output, pixel: usize, all: usize, outputs: &Range<usize>, sums: &[i32]) {
    let word = pixel * words_for(all) + outputs.start / WORD_BITS;
    let place = pixel * all + outputs.start..pixel * all + outputs.end;
    let levels = |levels: &[i32]| at_least(sums, &levels[outputs.clone()]);
    match output {
        Output::I32(out) => out[place].copy_from_slice(&sums[..outputs.len()]),
        Output::I16(out) => {
            for (out, &sum) in out[place].iter_mut().zip(sums) {
                *out = sum as i16;
            }
        }
        Output::Bits { thresholds, words } => words[word] = levels(thresholds.at()),
        Output::Ternary {
            thresholds,
            sign,
            nonzero,
        } => {
            sign[word] = levels(thresholds.high());
            nonzero[word] = levels(thresholds.low());
        }
    }
}

/// Bit `i` is `sums[i] >= levels[i]`.
fn at_least(sums: &[i32], levels: &[i32]) -> u64 {
    let pairs = sums.iter().zip(levels).rev();
    pairs.fold(0, |bits, (sum, level)| bits << 1 | u64::from(sum >= level))
}
