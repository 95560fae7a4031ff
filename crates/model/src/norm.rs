//! Batch norm, as evaluation applies it.

use alloc::vec::Vec;

/// Batch norm with running statistics, per channel.
///
/// ```text
/// z = (x − mean) / √(variance + epsilon) · gamma + beta        every field : [channels]
/// ```
///
/// # Reference
/// Ioffe & Szegedy 2015, *Batch Normalization*, algorithm 2, arXiv:1502.03167.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f32,
    /// Factors; all 1 where they are not learnt.
    pub gamma: Vec<f32>,
    /// What is added.
    pub beta: Vec<f32>,
    /// Running means.
    pub mean: Vec<f32>,
    /// Running variances.
    pub variance: Vec<f32>,
}

/// `z = x · scale + shift` per channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Affine {
    /// Factors, `[channels]`.
    pub scale: Vec<f32>,
    /// What is added, `[channels]`.
    pub shift: Vec<f32>,
}

impl Affine {
    /// The map that changes nothing.
    pub fn identity(channels: usize) -> Self {
        Self {
            scale: alloc::vec![1.0; channels],
            shift: alloc::vec![0.0; channels],
        }
    }
}

impl BatchNorm {
    /// Batch norm that changes nothing but for its epsilon: mean 0, variance 1.
    pub fn new(epsilon: f32, channels: usize) -> Self {
        Self {
            epsilon,
            gamma: alloc::vec![1.0; channels],
            beta: alloc::vec![0.0; channels],
            mean: alloc::vec![0.0; channels],
            variance: alloc::vec![1.0; channels],
        }
    }

    /// The same as one multiplication and one addition per channel.
    ///
    /// The two numbers are computed in f64 and rounded once.
    pub fn affine(&self) -> Affine {
        let channels = 0..self.gamma.len();
        let scales: Vec<f64> = channels
            .map(|c| f64::from(self.gamma[c]) * self.inverse_deviation(c))
            .collect();
        let shifts = scales.iter().enumerate();
        Affine {
            shift: shifts
                .map(|(c, scale)| {
                    (f64::from(self.beta[c]) - f64::from(self.mean[c]) * scale) as f32
                })
                .collect(),
            scale: scales.into_iter().map(|scale| scale as f32).collect(),
        }
    }

    /// `1 / √(variance + epsilon)` of a channel.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn inverse_deviation(&self, channel: usize) -> f64 {
        1.0 / sqrt(f64::from(self.variance[channel]) + f64::from(self.epsilon))
    }
}

/// The one arithmetic of evaluation from a sum to `z`: `sum · factor · scale + shift`, each
/// operation rounded.
///
/// `factor` is what makes a real number of an integer sum (the filter's scale, 1 over the input
/// contract's unit), `scale` and `shift` are an [`Affine`]'s, 1 and 0 without a norm.
#[inline(always)]
pub fn normalize(sum: f32, factor: f32, scale: f32, shift: f32) -> f32 {
    sum * factor * scale + shift
}

/// Square root by Newton's method; `core` has none. NaN for a negative number or NaN.
fn sqrt(x: f64) -> f64 {
    if x == 0.0 || x == f64::INFINITY {
        return x;
    }
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    // Halving the exponent is right to a few per cent; each step doubles the digits.
    let mut root = f64::from_bits((x.to_bits() >> 1) + (1023 << 51));
    for _ in 0..5 {
        root = 0.5 * (root + x / root);
    }
    root
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn the_root_is_the_standard_library_s() {
        let mut x = 1e-30_f64;
        while x < 1e30 {
            let (found, expected) = (sqrt(x), x.sqrt());
            assert!((found - expected).abs() <= expected * f64::EPSILON, "{x}");
            x *= 1.37;
        }
        assert_eq!(sqrt(0.0), 0.0);
        assert!(sqrt(-1.0).is_nan() && sqrt(f64::NAN).is_nan());
    }

    #[test]
    fn the_affine_form_is_the_definition() {
        let norm = BatchNorm {
            epsilon: 1e-3,
            gamma: alloc::vec![-0.5, 2.0],
            beta: alloc::vec![0.25, -1.0],
            mean: alloc::vec![10.0, -3.0],
            variance: alloc::vec![4.0, 0.0],
        };
        let affine = norm.affine();
        for (c, x) in [(0, 12.0_f32), (0, -7.0), (1, -3.0), (1, 5.0)] {
            let expected = f64::from(x - norm.mean[c]) / f64::from(norm.variance[c] + 1e-3).sqrt()
                * f64::from(norm.gamma[c])
                + f64::from(norm.beta[c]);
            let found = f64::from(normalize(x, 1.0, affine.scale[c], affine.shift[c]));
            assert!((found - expected).abs() < 1e-4 * expected.abs().max(1.0));
        }
    }
}
