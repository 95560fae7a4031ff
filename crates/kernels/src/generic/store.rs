//! Where a tile's sums go: to memory, or through thresholds into bits.
//!
//! Bits are collected without their inversion, so that a max-pool is an OR of comparisons (the
//! maximum reaches a threshold when some sum does); [`finish`] inverts at the end, which turns the
//! OR into the AND of inverted channels.

use orthant_bits::{WORD_BITS, tail_mask, words_for};

use super::walk::Targets;
use crate::conv::Output;
use crate::job::Job;
use crate::vector::{Lanes, Sums};

/// Makes the output ready to be collected into.
pub(super) fn prepare(output: &mut Output, pooled: bool) {
    match output {
        Output::I32(out) if pooled => out.fill(i32::MIN),
        Output::I16(out) if pooled => out.fill(i16::MIN),
        Output::I32(_) | Output::I16(_) => {}
        Output::Bits { words, .. } => words.fill(0),
        Output::Ternary { sign, nonzero, .. } => {
            sign.fill(0);
            nonzero.fill(0);
        }
    }
}

/// Turns collected comparisons into the output's bits.
pub(crate) fn finish(output: &mut Output, outputs: usize) {
    let row_words = words_for(outputs);
    match output {
        Output::I32(_) | Output::I16(_) => {}
        Output::Bits { thresholds, words } => {
            if thresholds.invert().iter().all(|&invert| invert == 0) {
                return;
            }
            for row in words.chunks_exact_mut(row_words) {
                for (word, invert) in row.iter_mut().zip(thresholds.invert()) {
                    *word ^= invert;
                }
            }
        }
        Output::Ternary {
            thresholds,
            sign,
            nonzero,
        } => {
            let tail = tail_mask(outputs);
            let rows = sign
                .chunks_exact_mut(row_words)
                .zip(nonzero.chunks_exact_mut(row_words));
            for (sign, nonzero) in rows {
                let planes = sign.iter_mut().zip(nonzero).zip(thresholds.invert());
                for (at, ((sign, nonzero), invert)) in planes.enumerate() {
                    // Collected: `sum >= high` in `sign`, `sum >= low` in `nonzero`.
                    let mask = if at + 1 == row_words { tail } else { u64::MAX };
                    let (above, below) = (*sign, !*nonzero & mask);
                    *sign = above & !invert | below & invert;
                    *nonzero = above | below;
                }
            }
        }
    }
}

/// The outputs of one panel, and what their sums are compared with.
pub(super) struct Store {
    /// Outputs of the layer, and whether several sums meet at a target.
    outputs: usize,
    pooled: bool,
    /// Outputs of the panel.
    first: usize,
    count: usize,
    levels: [Sums; 2],
}

impl Store {
    /// Outputs `first..first + count`.
    #[inline(always)]
    pub(super) fn new(job: &Job, first: usize, count: usize) -> Self {
        let mut levels = [Sums::ZERO; 2];
        match &job.output {
            Output::I32(_) | Output::I16(_) => {}
            Output::Bits { thresholds, .. } => {
                levels[0].0[..count].copy_from_slice(&thresholds.at()[first..first + count]);
            }
            Output::Ternary { thresholds, .. } => {
                levels[0].0[..count].copy_from_slice(&thresholds.high()[first..first + count]);
                levels[1].0[..count].copy_from_slice(&thresholds.low()[first..first + count]);
            }
        }
        let outputs = job.shape.outputs;
        Self {
            outputs,
            pooled: job.pool.is_some(),
            first,
            count,
            levels,
        }
    }

    /// Puts one pixel's sums at each of its targets, on rows of `width` pixels.
    ///
    /// # Safety
    /// The CPU has the instruction set of `E`; `panel` is the panel's number of outputs.
    #[inline(always)]
    pub(super) unsafe fn put<E: Lanes>(
        &self,
        output: &mut Output,
        targets: &Targets,
        width: usize,
        sums: &Sums,
        panel: usize,
    ) {
        let row_words = words_for(self.outputs);
        // SAFETY: the caller's.
        let bits = |level: usize| unsafe { self.bits::<E>(sums, level, panel) };
        match output {
            Output::I32(out) => each(targets, width, |at| {
                let out = &mut out[at * self.outputs + self.first..][..self.count];
                if self.pooled {
                    out.iter_mut()
                        .zip(&sums.0)
                        .for_each(|(out, &sum)| *out = sum.max(*out));
                } else {
                    out.copy_from_slice(&sums.0[..self.count]);
                }
            }),
            Output::I16(out) => each(targets, width, |at| {
                let out = &mut out[at * self.outputs + self.first..][..self.count];
                for (out, &sum) in out.iter_mut().zip(&sums.0) {
                    *out = if self.pooled {
                        (sum as i16).max(*out)
                    } else {
                        sum as i16
                    };
                }
            }),
            Output::Bits { words, .. } => {
                let bits = bits(0);
                each(targets, width, |at| {
                    self.collect(words, at * row_words, bits)
                });
            }
            Output::Ternary { sign, nonzero, .. } => {
                let (high, low) = (bits(0), bits(1));
                each(targets, width, |at| {
                    self.collect(sign, at * row_words, high);
                    self.collect(nonzero, at * row_words, low);
                });
            }
        }
    }

    /// The comparisons of the panel's outputs with one level.
    ///
    /// # Safety
    /// The CPU has the instruction set of `E`; `panel` is the panel's number of outputs.
    #[inline(always)]
    unsafe fn bits<E: Lanes>(&self, sums: &Sums, level: usize, panel: usize) -> u64 {
        // SAFETY: the caller's.
        let bits = unsafe { E::at_least(sums, &self.levels[level], panel) };
        bits & (u64::MAX >> (WORD_BITS - self.count))
    }

    /// ORs `bits` into the row that starts at word `row`, from bit `first` on.
    #[inline(always)]
    fn collect(&self, words: &mut [u64], row: usize, bits: u64) {
        let (word, shift) = (row + self.first / WORD_BITS, self.first % WORD_BITS);
        words[word] |= bits << shift;
        if shift + self.count > WORD_BITS {
            words[word + 1] |= bits >> (WORD_BITS - shift);
        }
    }
}

/// Calls `put` with every position of a rectangle.
#[inline(always)]
fn each(targets: &Targets, width: usize, mut put: impl FnMut(usize)) {
    for row in 0..targets.span[0] {
        for column in 0..targets.span[1] {
            put(targets.at + row * width + column);
        }
    }
}
