//! Dropout of a layer's inputs: what is left out is 0, what is kept is multiplied by `1 / (1 − p)`.
//!
//! A ±1 activation that may be left out is a ternary one, so that a step with dropout still runs on
//! packed bits; the factor joins the layer's.
//!
//! # Reference
//! Srivastava et al. 2014, *Dropout*, JMLR 15, §10 (scaling in training).

use orthant_bits::{BitMatrix, InputContract, TernaryMatrix, TernaryTensor};
use orthant_model::LayerPlan;
use rayon::prelude::*;

use crate::activations::Activations;
use crate::random::Stream;

/// Which inputs of a batch were kept.
pub struct Mask {
    /// `[batch · height · width, channels]`.
    kept: BitMatrix,
    /// `1 / (1 − p)`.
    pub gain: f32,
}

impl Mask {
    /// Draws a mask: `share` of the inputs is left out.
    pub fn draw(
        plan: &LayerPlan,
        batch: usize,
        share: f32,
        draw: &(dyn Fn(usize) -> Stream + Sync),
    ) -> Self {
        let [height, width, channels] = plan.input;
        let mut kept = BitMatrix::zeroed(batch * height * width, channels);
        let words = orthant_bits::words_for(channels);
        let images = kept.words_mut().par_chunks_mut(height * width * words);
        images.enumerate().for_each(|(image, words_of)| {
            let mut stream = draw(image);
            for pixel in words_of.chunks_exact_mut(words) {
                for channel in 0..channels {
                    pixel[channel / 64] |= u64::from(stream.unit() > share) << (channel % 64);
                }
            }
        });
        Self {
            kept,
            gain: 1.0 / (1.0 - share),
        }
    }

    /// The inputs that are kept; those of packed kinds without the gain.
    pub fn forward(&self, input: Activations, contract: &InputContract) -> Activations {
        let planes = |sign: &BitMatrix, nonzero: &[u64]| {
            let mut planes = TernaryMatrix::zeroed(sign.rows(), sign.cols());
            let [to_sign, to_nonzero] = planes.planes_mut();
            let kept = self
                .kept
                .words()
                .iter()
                .zip(nonzero)
                .map(|(kept, nonzero)| kept & nonzero);
            let words = to_sign.iter_mut().zip(to_nonzero).zip(sign.words());
            for (((to_sign, to_nonzero), sign), kept) in words.zip(kept) {
                (*to_sign, *to_nonzero) = (sign & kept, kept);
            }
            planes
        };
        let tensor = |shape, planes: TernaryMatrix| {
            let [sign, nonzero] = [planes.sign(), planes.nonzero()].map(|plane| {
                orthant_bits::BitTensor::from_pixels(shape, plane.clone())
                    .expect("a mask has the shape of what it masks")
            });
            let tensor = TernaryTensor::from_planes(sign, nonzero);
            Activations::Ternary(tensor.expect("what is masked out has no sign"))
        };
        match input {
            Activations::Binary(bits) => {
                tensor(bits.shape(), planes(bits.pixels(), self.kept.words()))
            }
            Activations::Ternary(ternary) => {
                let (sign, nonzero) = (ternary.pixels().sign(), ternary.pixels().nonzero());
                tensor(ternary.shape(), planes(sign, nonzero.words()))
            }
            Activations::Pixels(_) | Activations::Float(_) => {
                let len = self.kept.rows() * self.kept.cols();
                let mut values = input.to_f32(contract, self.kept.cols(), len);
                self.apply(&mut values);
                Activations::Float(values)
            }
        }
    }

    /// Multiplies each number by the gain where it is kept and by 0 where it is not.
    pub fn apply(&self, values: &mut [f32]) {
        let channels = self.kept.cols();
        let pixels = values.par_chunks_mut(channels).enumerate();
        pixels.for_each_init(
            || vec![0.0; channels],
            |kept, (pixel, values)| {
                crate::expand::ternary([self.kept.row(pixel); 2], 0..channels, kept);
                let pairs = values.iter_mut().zip(kept);
                pairs.for_each(|(value, kept)| *value *= *kept * self.gain);
            },
        );
    }
}
