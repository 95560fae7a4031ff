//! A batch of activations in the form that the next layer's kernels read.

use core::ops::Range;

use orthant_bits::{BitTensor, InputContract, TernaryTensor};
use orthant_kernels::Input;
use orthant_model::Values;

use crate::expand;

/// Activations `[batch, height, width, channels]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Activations {
    /// 8-bit pixels, which stand for the input contract's numbers.
    Pixels(Vec<u8>),
    /// ±1, a bit each.
    Binary(BitTensor),
    /// −1, 0 or +1, two bits each.
    Ternary(TernaryTensor),
    /// Real numbers.
    Float(Vec<f32>),
}

impl Activations {
    /// What they hold.
    pub fn values(&self) -> Values {
        match self {
            Self::Pixels(_) => Values::Pixels,
            Self::Binary(_) => Values::Binary,
            Self::Ternary(_) => Values::Ternary,
            Self::Float(_) => Values::Float,
        }
    }

    /// The kernels' view; `None` for real numbers.
    pub fn input(&self) -> Option<Input<'_>> {
        Some(match self {
            Self::Pixels(pixels) => Input::Pixels(pixels),
            Self::Binary(bits) => Input::Binary(bits.pixels().words()),
            Self::Ternary(ternary) => Input::Ternary {
                sign: ternary.pixels().sign().words(),
                nonzero: ternary.pixels().nonzero().words(),
            },
            Self::Float(_) => return None,
        })
    }

    /// Some channels of one pixel as real numbers: `pixel` counts over all images.
    ///
    /// `channels` is the number of channels of a pixel, `range` those asked for.
    #[inline]
    pub fn expand(
        &self,
        contract: &InputContract,
        channels: usize,
        pixel: usize,
        range: Range<usize>,
        out: &mut [f32],
    ) {
        let at = pixel * channels;
        match self {
            Self::Pixels(pixels) => {
                let pixels = &pixels[at + range.start..at + range.end];
                for ((to, &p), &b) in out.iter_mut().zip(pixels).zip(&contract.b[range]) {
                    *to = (contract.a * i32::from(p) - b) as f32 / contract.unit as f32;
                }
            }
            Self::Binary(bits) => {
                expand::signs(row(bits.pixels().words(), channels, pixel), range, out)
            }
            Self::Ternary(ternary) => {
                let planes = [ternary.pixels().sign(), ternary.pixels().nonzero()];
                let planes = planes.map(|plane| row(plane.words(), channels, pixel));
                expand::ternary(planes, range, out);
            }
            Self::Float(values) => out.copy_from_slice(&values[at + range.start..at + range.end]),
        }
    }

    /// All of them as real numbers, `len` of them in pixels of `channels`.
    pub fn to_f32(&self, contract: &InputContract, channels: usize, len: usize) -> Vec<f32> {
        let mut out = vec![0.0; len];
        for (pixel, out) in out.chunks_exact_mut(channels).enumerate() {
            self.expand(contract, channels, pixel, 0..channels, out);
        }
        out
    }
}

fn row(words: &[u64], channels: usize, pixel: usize) -> &[u64] {
    let len = orthant_bits::words_for(channels);
    &words[pixel * len..][..len]
}
