//! Dropout of a layer's inputs: what is left out is 0, what is kept is multiplied by `1 / (1 − p)`.
//!
//! A ±1 activation that may be left out is a ternary one, so that a step with dropout still runs on
//! packed bits; the factor joins the layer's.
//!
//! # Reference
//! Srivastava et al. 2014, *Dropout*, JMLR 15, §10 (scaling in training).

use orthant_bits::{BitMatrix, InputContract, TernaryMatrix, TernaryTensor};
use orthant_model::{LayerPlan, Values};
use rayon::prelude::*;

use crate::activations::Activations;
use crate::random::Draw;

/// Which inputs of a batch were kept.
pub struct Mask {
    /// `[batch · height · width, channels]`.
    kept: BitMatrix,
    /// `1 / (1 − p)`.
    pub gain: f32,
}

/// The kind of numbers that a mask makes of a layer's inputs.
pub fn masked(values: Values) -> Values {
    match values {
        Values::Binary | Values::Ternary => Values::Ternary,
        Values::Pixels | Values::Float => Values::Float,
    }
}

impl Mask {
    /// Draws a mask: `share` of the inputs is left out.
    pub fn draw(plan: &LayerPlan, batch: usize, share: f32, draw: Draw) -> Self {
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
                let mut values = input.view().to_f32(contract, self.kept.cols(), len);
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
                orthant_bits::expand_ternary([self.kept.row(pixel); 2], 0..channels, kept);
                let pairs = values.iter_mut().zip(kept);
                pairs.for_each(|(value, kept)| *value *= *kept * self.gain);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use orthant_bits::{BitTensor, ConvShape, TensorShape};
    use orthant_model::WeightQuantizer;

    use super::*;
    use crate::random::{Purpose, Stream};

    const SHAPE: TensorShape = TensorShape::new(4, 5, 6, 70);

    fn mask(share: f32) -> Mask {
        let plan = LayerPlan {
            input: [SHAPE.height, SHAPE.width, SHAPE.channels],
            values: Values::Binary,
            shape: Some(ConvShape::new([5, 6, 70], 1, [1, 1])),
            quantizer: WeightQuantizer::Sign,
            output: [5, 6, 1],
            largest_sum: 70,
        };
        let draw = |image| Stream::new(1, Purpose::Dropout, 0, 0, image);
        Mask::draw(&plan, SHAPE.batch, share, &draw)
    }

    #[test]
    fn the_share_is_left_out_and_the_rest_gains() {
        let mask = mask(0.3);
        let n = mask.kept.rows() * mask.kept.cols();
        let kept = mask.kept.to_bools().iter().filter(|kept| **kept).count();
        let error = (0.3 * 0.7 / n as f64).sqrt();
        assert!((kept as f64 / n as f64 - 0.7).abs() < 4.0 * error);
        assert!((mask.gain * 0.7 - 1.0).abs() < 1e-6);
        assert!(mask.kept.check_padding().is_ok());
        let none = super::tests::mask(0.0);
        assert!(none.kept.to_bools().iter().all(|kept| *kept) && none.gain == 1.0);
    }

    #[test]
    fn what_is_left_out_is_0_in_every_kind_and_in_the_gradient() {
        let mask = mask(0.4);
        let contract = InputContract::uniform(1, 8, 8, SHAPE.channels);
        let len = mask.kept.rows() * SHAPE.channels;
        let kept: Vec<f32> = mask
            .kept
            .to_bools()
            .iter()
            .map(|kept| f32::from(u8::from(*kept)))
            .collect();
        let values: Vec<i8> = (0..len).map(|i| (i * 7 % 3) as i8 - 1).collect();
        let bits: Vec<i8> = values.iter().map(|v| if *v > 0 { 1 } else { -1 }).collect();
        let floats: Vec<f32> = values.iter().map(|v| f32::from(*v)).collect();
        for (input, whole, gain) in [
            (
                Activations::Binary(BitTensor::from_i8(SHAPE, &bits).unwrap()),
                bits.iter().map(|v| f32::from(*v)).collect::<Vec<f32>>(),
                1.0,
            ),
            (
                Activations::Ternary(TernaryTensor::from_i8(SHAPE, &values).unwrap()),
                floats.clone(),
                1.0,
            ),
            (
                Activations::Float(floats.clone()),
                floats.clone(),
                mask.gain,
            ),
            (
                Activations::Pixels(vec![12; len]),
                vec![0.5; len],
                mask.gain,
            ),
        ] {
            let kind = masked(input.values());
            let dropped = mask.forward(input, &contract);
            assert_eq!(dropped.values(), kind);
            let found = dropped.view().to_f32(&contract, SHAPE.channels, len);
            for ((found, whole), kept) in found.iter().zip(&whole).zip(&kept) {
                assert_eq!(*found, whole * kept * gain);
            }
        }
        let mut gradient = vec![2.0; len];
        mask.apply(&mut gradient);
        assert!(
            gradient
                .iter()
                .zip(&kept)
                .all(|(g, kept)| *g == 2.0 * kept * mask.gain)
        );
    }
}
