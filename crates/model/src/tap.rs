//! What a tap sees of a layer: its input and its sums, where they lie.
//!
//! Training, evaluation and the runner show the same, so that one analysis reads them all.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use orthant_bits::{Input, InputContract, expand_signs, expand_ternary, words_for};

/// A layer, seen while it happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tap<'a> {
    /// Index of the layer.
    pub layer: usize,
    /// What the layer is given, `[batch, height, width, channels]`.
    pub input: LayerInput<'a>,
    /// Its sums `[batch, height, width, outputs]`, before any pool and without their factors; of a
    /// mean-pool the means.
    pub sums: LayerSums<'a>,
}

/// What a layer is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LayerInput<'a> {
    /// Numbers that the kernels read as they are.
    Packed(Input<'a>),
    /// Real numbers.
    Float(&'a [f32]),
}

impl<'a> LayerInput<'a> {
    /// What kernels on integers read; `None` for real numbers.
    pub fn packed(self) -> Option<Input<'a>> {
        match self {
            Self::Packed(input) => Some(input),
            Self::Float(_) => None,
        }
    }

    /// Some channels of one pixel as real numbers: `pixel` counts over all images.
    ///
    /// `channels` is the number of channels of a pixel, `range` those asked for, `contract` what
    /// 8-bit pixels stand for.
    ///
    /// # Panics
    /// If the input has no such pixel.
    #[inline]
    pub fn expand(
        self,
        contract: &InputContract,
        channels: usize,
        pixel: usize,
        range: Range<usize>,
        out: &mut [f32],
    ) {
        let at = pixel * channels;
        let row = |words: &'a [u64]| {
            let len = words_for(channels);
            &words[pixel * len..][..len]
        };
        match self {
            Self::Packed(Input::Pixels(pixels)) => {
                let pixels = &pixels[at + range.start..at + range.end];
                for ((to, &pixel), channel) in out.iter_mut().zip(pixels).zip(range) {
                    *to = contract.real(channel, pixel);
                }
            }
            Self::Packed(Input::Binary(words)) => expand_signs(row(words), range, out),
            Self::Packed(Input::Ternary { sign, nonzero }) => {
                expand_ternary([row(sign), row(nonzero)], range, out);
            }
            Self::Float(values) => out.copy_from_slice(&values[at + range.start..at + range.end]),
        }
    }

    /// All of it as real numbers, in pixels of as many channels as `out` holds whole.
    pub fn expand_all(self, contract: &InputContract, channels: usize, out: &mut [f32]) {
        for (pixel, out) in out.chunks_exact_mut(channels).enumerate() {
            self.expand(contract, channels, pixel, 0..channels, out);
        }
    }

    /// All of it as real numbers, `len` of them in pixels of `channels`.
    pub fn to_f32(self, contract: &InputContract, channels: usize, len: usize) -> Vec<f32> {
        let mut out = vec![0.0; len];
        self.expand_all(contract, channels, &mut out);
        out
    }
}

/// A layer's sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LayerSums<'a> {
    /// Integers of at most 15 bits and a sign.
    I16(&'a [i16]),
    /// Integers below 2^24 in magnitude.
    I32(&'a [i32]),
    /// Reals.
    F32(&'a [f32]),
}

impl LayerSums<'_> {
    /// Number of sums.
    pub fn len(self) -> usize {
        match self {
            Self::I16(sums) => sums.len(),
            Self::I32(sums) => sums.len(),
            Self::F32(sums) => sums.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether they are integers.
    pub fn is_integer(self) -> bool {
        !matches!(self, Self::F32(_))
    }

    /// One of them as a float, exactly.
    ///
    /// # Panics
    /// If there is no such sum.
    #[inline]
    pub fn get(self, at: usize) -> f32 {
        match self {
            Self::I16(sums) => f32::from(sums[at]),
            Self::I32(sums) => sums[at] as f32,
            Self::F32(sums) => sums[at],
        }
    }

    /// The sums as floats, exactly.
    pub fn to_f32(self) -> Vec<f32> {
        (0..self.len()).map(|at| self.get(at)).collect()
    }
}
