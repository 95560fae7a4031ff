//! `z` to the next layer's input.

use orthant_bits::{BitTensor, TensorShape, TernaryTensor, clip, relu};
use orthant_kernels::{Error, Kernels};
use orthant_model::Activation;
use rayon::prelude::*;

use crate::activations::Activations;
use crate::random::{Draw, randomize};

/// Applies an activation to the `z` of `shape`, which `fill` writes image by image.
///
/// # Errors
/// A NaN in a `z` that is quantized.
pub fn activate(
    kernels: Kernels,
    activation: Activation,
    shape: TensorShape,
    draw: Option<Draw>,
    fill: impl Fn(usize, &mut [f32]) + Sync,
) -> Result<Activations, Error> {
    let channels = shape.channels;
    let image = shape.height * shape.width * channels;
    let row_words = orthant_bits::words_for(channels);
    let words = (shape.height * shape.width * row_words).max(1);
    // The z of one image, in a buffer that tasks reuse.
    let prepare = |at: usize, z: &mut Vec<f32>| {
        z.resize(image, 0.0);
        fill(at, z);
        if let Some(draw) = draw {
            randomize(z, &mut draw(at));
        }
    };
    match activation {
        Activation::None | Activation::Clip | Activation::Relu => {
            let mut values = vec![0.0; shape.batch * image];
            values
                .par_chunks_mut(image)
                .enumerate()
                .for_each(|(at, values)| {
                    fill(at, values);
                    match activation {
                        Activation::Clip => values.iter_mut().for_each(|z| *z = clip(*z)),
                        Activation::Relu => values.iter_mut().for_each(|z| *z = relu(*z)),
                        _ => {}
                    }
                });
            Ok(Activations::Float(values))
        }
        Activation::Sign => {
            let mut bits = BitTensor::zeroed(shape)?;
            let images = bits.words_mut().par_chunks_mut(words).enumerate();
            images.try_for_each_init(Vec::new, |z, (at, words)| {
                prepare(at, z);
                kernels.pack_signs(channels, z, words)
            })?;
            Ok(Activations::Binary(bits))
        }
        Activation::Ternary { threshold } => {
            let mut planes = TernaryTensor::zeroed(shape)?;
            let [sign, nonzero] = planes.planes_mut();
            let images = sign
                .par_chunks_mut(words)
                .zip(nonzero.par_chunks_mut(words));
            images.enumerate().try_for_each_init(
                || (Vec::new(), vec![0.0; image]),
                |(z, spare), (at, (sign, nonzero))| {
                    prepare(at, z);
                    kernels.pack_ternary(channels, z, threshold, [sign, nonzero], spare)
                },
            )?;
            Ok(Activations::Ternary(planes))
        }
    }
}
