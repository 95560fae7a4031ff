//! Batch norm in a training step: moments of the batch, and the gradient through them.
//!
//! ```text
//! x = factor · sum        x̂ = (x − mean) / √(variance + epsilon)        z = gamma · x̂ + beta
//! ∂L/∂x = gamma / √(variance + epsilon) · (∂L/∂z − mean(∂L/∂z) − x̂ · mean(∂L/∂z · x̂))
//! ```
//!
//! Means are over the batch and all pixels; the variance is the biased one. Sums of integers are
//! exact; sums of reals are added up image by image, then in the images' order.
//!
//! # Reference
//! Ioffe & Szegedy 2015, *Batch Normalization*, algorithm 1, arXiv:1502.03167.

use orthant_model::{Affine, BatchNorm, normalize};
use rayon::prelude::*;

use crate::sums::{Sum, Sums, with_sums};

/// How `z` comes from a layer's sums.
#[derive(Debug, Clone)]
pub struct Normalizer {
    /// What makes real numbers of the sums, per channel.
    pub factors: Vec<f32>,
    /// Batch norm, with the moments of the batch or running ones.
    pub norm: Option<BatchNorm>,
    /// The norm as one multiplication and one addition; without one it changes nothing.
    affine: Affine,
}

impl Normalizer {
    /// With moments that are known.
    pub fn new(factors: Vec<f32>, norm: Option<BatchNorm>) -> Self {
        let identity = || Affine::identity(factors.len());
        Self {
            affine: norm.as_ref().map_or_else(identity, BatchNorm::affine),
            factors,
            norm,
        }
    }

    /// The `z` of whole pixels; `z` and `sums` have the same length.
    #[inline]
    pub fn apply<S: Sum>(&self, sums: &[S], z: &mut [f32]) {
        let channels = self.factors.len();
        let pixels = z
            .chunks_exact_mut(channels)
            .zip(sums.chunks_exact(channels));
        for (z, sums) in pixels {
            let channels = self
                .factors
                .iter()
                .zip(&self.affine.scale)
                .zip(&self.affine.shift);
            for ((z, sum), ((factor, scale), shift)) in z.iter_mut().zip(sums).zip(channels) {
                *z = normalize(sum.real(), *factor, *scale, *shift);
            }
        }
    }

    /// The norm as one multiplication and one addition.
    pub fn affine(&self) -> &Affine {
        &self.affine
    }

    /// Whether every constant is a finite number.
    pub fn is_finite(&self) -> bool {
        let Affine { scale, shift } = &self.affine;
        scale.iter().chain(shift).all(|number| number.is_finite())
    }
}

/// Mean and biased variance of `factor · sum` per channel, in images of `image` sums.
pub fn moments(sums: &Sums, image: usize, factors: &[f32]) -> [Vec<f32>; 2] {
    let channels = factors.len();
    let count = (sums.len() / channels) as f64;
    let [mean, variance] = match sums {
        Sums::I16(sums) => integer_moments(sums, image, channels, |sum| i64::from(*sum)),
        Sums::I32(sums) => integer_moments(sums, image, channels, |sum| i64::from(*sum)),
        Sums::F32(sums) => {
            let total = |of: &(dyn Fn(usize, f32) -> f64 + Sync)| {
                per_image(sums, image, channels, |totals, pixel| {
                    for (channel, (total, sum)) in totals.iter_mut().zip(pixel).enumerate() {
                        *total += of(channel, *sum);
                    }
                })
            };
            let mean: Vec<f64> = total(&|_, sum| f64::from(sum))
                .iter()
                .map(|t| t / count)
                .collect();
            let squares = total(&|channel, sum| (f64::from(sum) - mean[channel]).powi(2));
            [
                mean.clone(),
                squares.iter().map(|square| square / count).collect(),
            ]
        }
    };
    let factor = |channel: usize| f64::from(factors[channel]);
    let mean = mean
        .iter()
        .enumerate()
        .map(|(c, mean)| (mean * factor(c)) as f32);
    let variance = variance
        .iter()
        .enumerate()
        .map(|(c, v)| (v * factor(c).powi(2)) as f32);
    [mean.collect(), variance.collect()]
}

/// Exact totals, so that their order does not matter.
fn integer_moments<S: Sync>(
    sums: &[S],
    image: usize,
    channels: usize,
    integer: impl Fn(&S) -> i64 + Sync,
) -> [Vec<f64>; 2] {
    let zero = || vec![[0i128; 2]; channels];
    let totals = sums
        .par_chunks(image)
        .fold(zero, |mut totals, image| {
            // 2^15 squares of sums below 2^24 fit 64 bits.
            for pixels in image.chunks(channels << 15) {
                let mut part = vec![[0i64; 2]; channels];
                for pixel in pixels.chunks_exact(channels) {
                    for ([total, squares], sum) in part.iter_mut().zip(pixel) {
                        let sum = integer(sum);
                        *total += sum;
                        *squares += sum * sum;
                    }
                }
                for (total, part) in totals.iter_mut().zip(part) {
                    *total = [
                        total[0] + i128::from(part[0]),
                        total[1] + i128::from(part[1]),
                    ];
                }
            }
            totals
        })
        .reduce(zero, |mut a, b| {
            for (a, b) in a.iter_mut().zip(b) {
                *a = [a[0] + b[0], a[1] + b[1]];
            }
            a
        });
    let count = (sums.len() / channels) as i128;
    let mean = totals.iter().map(|[total, _]| *total as f64 / count as f64);
    let variance = totals
        .iter()
        .map(|[total, squares]| (count * squares - total * total) as f64 / (count * count) as f64);
    [mean.collect(), variance.collect()]
}

/// Totals per channel in f64: image by image, then in the images' order.
fn per_image(
    values: &[f32],
    image: usize,
    channels: usize,
    add: impl Fn(&mut [f64], &[f32]) + Sync,
) -> Vec<f64> {
    let images = values.par_chunks(image).map(|image| {
        let mut totals = vec![0.0; channels];
        image
            .chunks_exact(channels)
            .for_each(|pixel| add(&mut totals, pixel));
        totals
    });
    let images: Vec<Vec<f64>> = images.collect();
    let mut totals = vec![0.0; channels];
    for image in images {
        totals
            .iter_mut()
            .zip(image)
            .for_each(|(total, image)| *total += image);
    }
    totals
}

/// Gradients of batch norm's own parameters, and what the backward pass through it needs.
pub struct NormGradient {
    /// `∂L/∂gamma`, empty without a norm.
    pub gamma: Vec<f32>,
    /// `∂L/∂beta`, empty without a norm.
    pub beta: Vec<f32>,
    channels: Vec<Channel>,
}

/// `∂L/∂x = slope · (∂L/∂z − mean − x̂ · tilt)` with `x̂ = (factor · sum − center) · spread`.
struct Channel {
    factor: f32,
    center: f32,
    spread: f32,
    slope: f32,
    mean: f32,
    tilt: f32,
}

impl Normalizer {
    /// Multiplies `dz` with the slopes of the activation where `z` comes from the sums alone.
    pub fn apply_slopes(
        &self,
        sums: &Sums,
        image: usize,
        slope: impl Fn(f32) -> f32 + Sync,
        dz: &mut [f32],
    ) {
        with_sums!(sums, sums => {
            let images = dz.par_chunks_mut(image).zip(sums.par_chunks(image));
            images.for_each_init(Vec::new, |z, (dz, sums)| {
                z.resize(sums.len(), 0.0);
                self.apply(sums, z);
                dz.iter_mut().zip(z).for_each(|(dz, z)| *dz *= slope(*z));
            });
        });
    }

    /// Gradients of gamma and beta from `∂L/∂z`, and what [`NormGradient::apply`] needs.
    pub fn backward(&self, sums: &Sums, image: usize, dz: &[f32]) -> NormGradient {
        let Some(norm) = &self.norm else {
            return NormGradient {
                gamma: Vec::new(),
                beta: Vec::new(),
                channels: Vec::new(),
            };
        };
        let channels = self.factors.len();
        let count = (dz.len() / channels) as f64;
        let spreads: Vec<f64> = (0..channels).map(|c| norm.inverse_deviation(c)).collect();
        let totals = with_sums!(sums, sums => {
            let images = dz.par_chunks(image).zip(sums.par_chunks(image)).map(|(dz, sums)| {
                let mut totals = vec![[0.0f64; 2]; channels];
                let pixels = dz.chunks_exact(channels).zip(sums.chunks_exact(channels));
                for (dz, sums) in pixels {
                    let constants = self.factors.iter().zip(&norm.mean);
                    let numbers = totals.iter_mut().zip(dz).zip(sums).zip(constants);
                    for (((totals, dz), sum), (factor, mean)) in numbers {
                        totals[0] += f64::from(*dz);
                        totals[1] += f64::from(dz * (sum.real() * factor - mean));
                    }
                }
                totals
            });
            let images: Vec<_> = images.collect();
            let mut totals = vec![[0.0f64; 2]; channels];
            for image in images {
                for (total, image) in totals.iter_mut().zip(image) {
                    *total = [total[0] + image[0], total[1] + image[1]];
                }
            }
            totals
        });
        let channel = |(c, &[total, tilted]): (usize, &[f64; 2])| Channel {
            factor: self.factors[c],
            center: norm.mean[c],
            spread: spreads[c] as f32,
            slope: (f64::from(norm.gamma[c]) * spreads[c]) as f32,
            mean: (total / count) as f32,
            tilt: (tilted * spreads[c] / count) as f32,
        };
        NormGradient {
            gamma: totals
                .iter()
                .zip(&spreads)
                .map(|(t, s)| (t[1] * s) as f32)
                .collect(),
            beta: totals.iter().map(|t| t[0] as f32).collect(),
            channels: totals.iter().enumerate().map(channel).collect(),
        }
    }
}

impl NormGradient {
    /// `∂L/∂x` of one image from its `∂L/∂z`, in place.
    pub fn apply<S: Sum>(&self, sums: &[S], dz: &mut [f32]) {
        if self.channels.is_empty() {
            return;
        }
        let channels = self.channels.len();
        for (dz, sums) in dz
            .chunks_exact_mut(channels)
            .zip(sums.chunks_exact(channels))
        {
            for ((dz, sum), channel) in dz.iter_mut().zip(sums).zip(&self.channels) {
                let normal = (sum.real() * channel.factor - channel.center) * channel.spread;
                *dz = channel.slope * (*dz - channel.mean - normal * channel.tilt);
            }
        }
    }
}
