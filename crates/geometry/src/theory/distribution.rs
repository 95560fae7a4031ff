//! Distributions that weights may have (T3), each of mean 0 and variance 1.

use std::f64::consts::{FRAC_2_PI, SQRT_2};

use serde::Serialize;

use crate::theory::magnitudes::MagnitudeMoments;
use crate::theory::special::{integral_to_infinity, inverse_root_pi, normal_density, normal_tail};

/// A symmetric distribution, scaled to variance 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "name")]
pub enum Distribution {
    /// Normal.
    Gaussian,
    /// Equal density between −√3 and √3.
    Uniform,
    /// Density `exp(−√2 |x|) / √2`.
    Laplace,
    /// Student's t.
    StudentT {
        /// Degrees of freedom, above 2: below, there is no variance.
        freedom: f64,
    },
    /// Density in proportion to `exp(−|x / scale|^exponent)`: 1 is Laplace, 2 is Gaussian.
    GeneralizedGaussian {
        /// Exponent, above 0.
        exponent: f64,
    },
}

impl Distribution {
    /// Moments with those above a threshold apart; the threshold is in standard deviations, and 0
    /// keeps all. The fourth is infinite for Student's t with 4 degrees of freedom or less.
    ///
    /// # Panics
    /// If a parameter is outside its range, or the threshold is negative or NaN.
    pub fn moments(&self, threshold_sigma: f64) -> MagnitudeMoments {
        self.check();
        assert!(
            threshold_sigma >= 0.0,
            "threshold is {threshold_sigma}, expected 0 or more"
        );
        let [kept, kept_first, kept_second, kept_third] =
            [0, 1, 2, 3].map(|power| self.kept(threshold_sigma, power));
        MagnitudeMoments {
            kept,
            kept_first,
            kept_second,
            kept_third,
            second: 1.0,
            fourth: self.moment(4),
        }
    }

    pub(crate) fn check(&self) {
        match *self {
            Self::StudentT { freedom } => {
                assert!(
                    freedom > 2.0,
                    "{freedom} degrees of freedom, expected above 2"
                );
            }
            Self::GeneralizedGaussian { exponent } => {
                assert!(exponent > 0.0, "exponent is {exponent}, expected above 0");
            }
            _ => {}
        }
    }

    /// `E|x|^power`.
    fn moment(&self, power: i32) -> f64 {
        let k = f64::from(power);
        match *self {
            Self::Gaussian => match power {
                0 | 2 => 1.0,
                1 => FRAC_2_PI.sqrt(),
                3 => 2.0 * FRAC_2_PI.sqrt(),
                _ => 3.0,
            },
            Self::Uniform => 3f64.sqrt().powi(power) / (k + 1.0),
            Self::Laplace => libm::tgamma(k + 1.0) / SQRT_2.powi(power),
            Self::StudentT { freedom } if k >= freedom => f64::INFINITY,
            Self::StudentT { freedom } => {
                let [upper, rest, all] =
                    [(k + 1.0) / 2.0, (freedom - k) / 2.0, freedom / 2.0].map(libm::lgamma);
                (freedom - 2.0).powf(k / 2.0) * inverse_root_pi() * (upper + rest - all).exp()
            }
            Self::GeneralizedGaussian { exponent } => {
                let [first, at] = [1.0, k + 1.0].map(|k| libm::lgamma(k / exponent));
                generalized_scale(exponent).powi(power) * (at - first).exp()
            }
        }
    }

    /// `E[|x|^power; |x| > t]`, for powers up to 3.
    fn kept(&self, t: f64, power: i32) -> f64 {
        if t == 0.0 {
            return self.moment(power);
        }
        let k = f64::from(power);
        match *self {
            Self::Gaussian => match power {
                0 => 2.0 * normal_tail(t),
                1 => 2.0 * normal_density(t),
                2 => 2.0 * (t * normal_density(t) + normal_tail(t)),
                _ => 2.0 * (t * t + 2.0) * normal_density(t),
            },
            Self::Uniform => {
                let end = 3f64.sqrt();
                let above = end.powi(power + 1) - t.min(end).powi(power + 1);
                above / ((k + 1.0) * end)
            }
            Self::Laplace => {
                // Each power is brought to the one below by parts.
                let mean = SQRT_2.recip();
                let by_parts = |sum: f64, at: i32| t.powi(at) + f64::from(at) * mean * sum;
                (1..=power).fold(1.0, by_parts) * (-SQRT_2 * t).exp()
            }
            Self::StudentT { freedom } if k >= freedom => f64::INFINITY,
            _ => integral_to_infinity(t, |x| x.powi(power) * self.magnitude_density(x)),
        }
    }

    /// Density of `|x|` at `x >= 0`.
    fn magnitude_density(&self, x: f64) -> f64 {
        match *self {
            Self::Gaussian => 2.0 * normal_density(x),
            Self::Uniform => f64::from(u8::from(x <= 3f64.sqrt())) / 3f64.sqrt(),
            Self::Laplace => SQRT_2 * (-SQRT_2 * x).exp(),
            Self::StudentT { freedom } => {
                let half = (freedom + 1.0) / 2.0;
                let peak = libm::lgamma(half) - libm::lgamma(freedom / 2.0);
                let fall = -half * (x * x / (freedom - 2.0)).ln_1p();
                2.0 * inverse_root_pi() * (peak + fall).exp() / (freedom - 2.0).sqrt()
            }
            Self::GeneralizedGaussian { exponent } => {
                let scale = generalized_scale(exponent);
                let peak = exponent.ln() - scale.ln() - libm::lgamma(exponent.recip());
                (peak - (x / scale).powf(exponent)).exp()
            }
        }
    }
}

/// The scale that gives variance 1.
pub(crate) fn generalized_scale(exponent: f64) -> f64 {
    (0.5 * (libm::lgamma(1.0 / exponent) - libm::lgamma(3.0 / exponent))).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Distribution; 8] = [
        Distribution::Gaussian,
        Distribution::Uniform,
        Distribution::Laplace,
        Distribution::StudentT { freedom: 8.0 },
        Distribution::StudentT { freedom: 4.5 },
        Distribution::GeneralizedGaussian { exponent: 0.7 },
        Distribution::GeneralizedGaussian { exponent: 1.5 },
        Distribution::GeneralizedGaussian { exponent: 3.0 },
    ];

    #[test]
    fn moments_are_integrals_of_the_density() {
        for distribution in ALL {
            // This quadrature takes no jumps.
            if distribution == Distribution::Uniform {
                continue;
            }
            for t in [0.0, 0.3, 1.0, 2.5] {
                for power in 0..4 {
                    let found = distribution.kept(t, power);
                    let f = |x: f64| x.powi(power) * distribution.magnitude_density(x);
                    let expected = integral_to_infinity(t, f);
                    let error = (found / expected - 1.0).abs();
                    assert!(
                        error < 1e-9,
                        "{distribution:?} {t} {power}: {found} {expected}"
                    );
                }
            }
            assert!((distribution.moment(2) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn limits_are_those_of_the_table() {
        // angle, and √d times its deviation in radians where the table has it
        for (distribution, angle, spread) in [
            (Distribution::Uniform, 30.00, Some(0.3162)),
            (Distribution::Gaussian, 37.071, Some(0.35218)),
            (Distribution::Laplace, 45.00, Some(0.5000)),
            (Distribution::StudentT { freedom: 4.0 }, 45.00, None),
            (Distribution::StudentT { freedom: 8.0 }, 40.0, None),
            (
                Distribution::GeneralizedGaussian { exponent: 1.0 },
                45.0,
                Some(0.5),
            ),
            (
                Distribution::GeneralizedGaussian { exponent: 1.5 },
                39.9,
                None,
            ),
            (
                Distribution::GeneralizedGaussian { exponent: 2.0 },
                37.071,
                Some(0.35218),
            ),
            (
                Distribution::GeneralizedGaussian { exponent: 3.0 },
                34.2,
                None,
            ),
        ] {
            let limit = distribution.moments(0.0).limit();
            assert!(
                (limit.angle_deg - angle).abs() < 0.06,
                "{distribution:?}: {limit:?}"
            );
            if let Some(spread) = spread {
                let found = limit.angle_spread_deg.to_radians();
                assert!((found - spread).abs() < 5e-5, "{distribution:?}: {limit:?}");
            }
        }
        // No fourth moment, and no third one.
        for freedom in [4.0, 2.5] {
            let heavy = Distribution::StudentT { freedom }.moments(0.0).limit();
            assert!(heavy.angle_deg > 44.9 && heavy.angle_spread_deg.is_infinite());
            assert!(heavy.at(100).cosine_mean.is_nan());
        }
    }

    #[test]
    fn the_gaussian_s_bias_is_that_of_its_exact_mean() {
        let limit = Distribution::Gaussian.moments(0.0).limit();
        assert!((limit.cosine_bias - 0.25).abs() < 1e-12);
        for d in [100, 1152] {
            let exact = crate::gaussian_signs(d);
            let found = limit.at(d);
            assert!((found.cosine_mean - exact.cosine_mean).abs() < 1.0 / (d * d) as f64);
            assert!((found.angle_mean_deg - exact.angle_mean_deg).abs() < 0.01);
        }
    }
}
