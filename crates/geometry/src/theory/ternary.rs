//! Ternary weights: the angle and the share of zeros against the threshold (T5).

use serde::Serialize;

use crate::theory::distribution::Distribution;
use crate::theory::law::AngleLimit;

/// Weights of a distribution made ternary at a threshold.
///
/// ```text
/// Gaussian: cos θ = 2 φ(t) / √(2 Q(t)),  zeros = 2 Φ(t) − 1
/// ```
///
/// # Reference
/// `docs/theory.md`, T5.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TernaryPoint {
    /// The threshold in standard deviations of the weights.
    pub threshold_sigma: f64,
    /// Share of weights that become 0.
    pub zero_share: f64,
    /// The angle to the ternary vector, as dimensions grow.
    #[serde(flatten)]
    pub limit: AngleLimit,
}

impl TernaryPoint {
    /// At a threshold in standard deviations.
    ///
    /// # Panics
    /// As [`Distribution::moments`].
    pub fn at(distribution: &Distribution, threshold_sigma: f64) -> Self {
        let moments = distribution.moments(threshold_sigma);
        Self {
            threshold_sigma,
            zero_share: 1.0 - moments.kept,
            limit: moments.limit(),
        }
    }

    /// At the threshold of the smallest angle: half the mean magnitude of what is kept.
    ///
    /// ```text
    /// t = E[|w|; |w| > t] / 2 P(|w| > t);  Gaussian: φ(t) / Q(t) = 2t, t = 0.612
    /// ```
    pub fn optimum(distribution: &Distribution) -> Self {
        let excess = |t: f64| {
            let moments = distribution.moments(t);
            moments.kept_first - 2.0 * t * moments.kept
        };
        let (mut low, mut high) = (0.0, 1.0);
        while excess(high) > 0.0 {
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            match excess(middle) > 0.0 {
                true => low = middle,
                false => high = middle,
            }
        }
        Self::at(distribution, low)
    }

    /// At the threshold of ternary weight networks, `0.7 · E|w|`.
    ///
    /// # Reference
    /// Li et al. 2016, *Ternary Weight Networks*, arXiv:1605.04711.
    pub fn of_twn(distribution: &Distribution) -> Self {
        Self::at(distribution, 0.7 * distribution.moments(0.0).kept_first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_those_of_the_table() {
        // t, per cent of zeros, angle in degrees, √d times its deviation in radians
        for (t, zeros, angle, spread) in [
            (0.01, 0.8, 36.77, 0.351),
            (0.1, 8.0, 34.15, 0.344),
            (0.1111, 8.85, 33.84, 0.343),
            (0.2, 15.9, 31.51, 0.339),
            (0.3, 23.6, 29.24, 0.334),
            (0.5, 38.3, 26.32, 0.317),
            (0.612, 45.9, 25.85, 0.308),
            (0.7, 51.6, 26.14, 0.313),
            (1.0, 68.3, 30.78, 0.445),
            (1.5, 86.6, 44.88, 0.793),
        ] {
            let found = TernaryPoint::at(&Distribution::Gaussian, t);
            assert!((100.0 * found.zero_share - zeros).abs() < 0.06, "{found:?}");
            assert!((found.limit.angle_deg - angle).abs() < 0.011, "{found:?}");
            let found_spread = found.limit.angle_spread_deg.to_radians();
            // The table's spreads are measured.
            assert!(
                (found_spread - spread).abs() < 0.011,
                "{t}: {found_spread} {spread}"
            );
        }
    }

    #[test]
    fn the_smallest_angles_are_found() {
        let gaussian = TernaryPoint::optimum(&Distribution::Gaussian);
        assert!(
            (gaussian.threshold_sigma - 0.61200).abs() < 1e-5,
            "{gaussian:?}"
        );
        assert!((gaussian.limit.cosine - 0.89990).abs() < 1e-5);
        assert!((gaussian.limit.angle_deg - 25.855).abs() < 1e-3);
        assert!((gaussian.zero_share - 0.4595).abs() < 1e-4);
        assert!((gaussian.limit.distortion() - 0.1902).abs() < 1e-4);
        let uniform = TernaryPoint::optimum(&Distribution::Uniform);
        assert!((uniform.threshold_sigma - 3f64.sqrt() / 3.0).abs() < 1e-9);
        assert!((uniform.limit.angle_deg - 19.47).abs() < 5e-3);
        let laplace = TernaryPoint::optimum(&Distribution::Laplace);
        assert!((laplace.threshold_sigma - 0.5f64.sqrt()).abs() < 1e-9);
        assert!((laplace.limit.angle_deg - 30.93).abs() < 5e-3);
        assert!((laplace.zero_share - 0.6321).abs() < 1e-4);
        let twn = TernaryPoint::of_twn(&Distribution::Gaussian);
        assert!((twn.threshold_sigma - 0.5585).abs() < 1e-4);
        assert!((twn.limit.angle_deg - 25.96).abs() < 5e-3);
        assert!((twn.zero_share - 0.424).abs() < 1e-3);
    }

    #[test]
    fn no_threshold_nearby_is_better() {
        for distribution in [
            Distribution::StudentT { freedom: 3.5 },
            Distribution::GeneralizedGaussian { exponent: 0.6 },
            Distribution::GeneralizedGaussian { exponent: 4.0 },
        ] {
            let best = TernaryPoint::optimum(&distribution);
            for factor in [0.5, 0.9, 0.99, 1.01, 1.1, 1.5] {
                let other = TernaryPoint::at(&distribution, best.threshold_sigma * factor);
                assert!(
                    other.limit.cosine < best.limit.cosine,
                    "{distribution:?} {factor}"
                );
            }
        }
    }
}
