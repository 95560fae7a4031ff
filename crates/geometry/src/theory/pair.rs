//! Two random vectors: how far apart they are (T2), and how far their signs are (T10).

use std::f64::consts::{LN_2, LN_10};

use crate::theory::special::{gamma_step, inverse_root_pi, ln_beta_share, trigamma};

/// The angle between two independent directions, uniform in `d` dimensions.
///
/// ```text
/// density   Γ(d/2) / (√π Γ((d−1)/2)) · sin^(d−2) θ      per radian
/// mean      90°
/// variance  ψ′(d/2) / 2                                  in rad², about 1/d
/// ```
///
/// # Reference
/// `docs/theory.md`, T2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomPair {
    dimensions: f64,
}

impl RandomPair {
    /// Two directions in `d` dimensions.
    ///
    /// # Panics
    /// If `d` is below 2.
    pub fn new(d: usize) -> Self {
        assert!(d >= 2, "{d} dimensions have no angles to speak of");
        Self {
            dimensions: d as f64,
        }
    }

    /// Density of the angle, per degree.
    pub fn density(&self, angle_deg: f64) -> f64 {
        if !(0.0..=180.0).contains(&angle_deg) {
            return 0.0;
        }
        let peak = gamma_step((self.dimensions - 1.0) / 2.0) * inverse_root_pi();
        let angle = angle_deg.to_radians();
        peak * angle.sin().powf(self.dimensions - 2.0) * 1f64.to_radians()
    }

    /// Standard deviation of the angle in degrees, exact.
    pub fn angle_sd_deg(&self) -> f64 {
        (0.5 * trigamma(0.5 * self.dimensions)).sqrt().to_degrees()
    }

    /// Standard deviation of the cosine, `1 / √d`, exact.
    pub fn cosine_sd(&self) -> f64 {
        self.dimensions.sqrt().recip()
    }

    /// Decimal logarithm of the chance of an angle below `angle_deg`; the chance itself is below
    /// the smallest float from some 1,400 dimensions on, at 37°.
    ///
    /// ```text
    /// P(angle < θ) = I_x((d−1)/2, 1/2) / 2,  x = sin² θ      up to 90°
    /// ```
    pub fn log10_chance_below(&self, angle_deg: f64) -> f64 {
        self.ln_chance_below(angle_deg) / LN_10
    }

    fn ln_chance_below(&self, angle_deg: f64) -> f64 {
        if angle_deg >= 180.0 {
            return 0.0;
        }
        if angle_deg > 90.0 {
            return (-self.ln_chance_below(180.0 - angle_deg).exp()).ln_1p();
        }
        let (sine, cosine) = angle_deg.max(0.0).to_radians().sin_cos();
        let tails = ln_beta_share(
            sine * sine,
            cosine * cosine,
            0.5 * (self.dimensions - 1.0),
            0.5,
        );
        tails - LN_2
    }
}

/// Angle in degrees between `sign(u)` and `sign(v)` as dimensions grow, where `u` and `v` are
/// Gaussian and `angle_deg` apart: `cos = 1 − 2φ/π`.
///
/// # Reference
/// `docs/theory.md`, T10; Goemans & Williamson 1995, *Improved Approximation Algorithms for Maximum
/// Cut*.
pub fn angle_between_signs_deg(angle_deg: f64) -> f64 {
    crate::angle_deg(1.0 - angle_deg / 90.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::special::integral;

    #[test]
    fn chances_are_those_of_the_table() {
        let angle = (2.0 / std::f64::consts::PI).sqrt().acos().to_degrees();
        for (d, expected) in [
            (3, 0.101),
            (10, 1.6e-3),
            (27, 1.8e-7),
            (100, 8.6e-24),
            (1152, 1.4e-255),
        ] {
            let found = RandomPair::new(d).log10_chance_below(angle);
            let expected: f64 = expected;
            assert!((found - expected.log10()).abs() < 0.016, "{d}: 10^{found}");
        }
        // A cap of half angle θ has (1 − cos θ)/2 of the sphere.
        let cap = 0.5 * (1.0 - angle.to_radians().cos());
        let found = 10f64.powf(RandomPair::new(3).log10_chance_below(angle));
        assert!((found - cap).abs() < 1e-14);
        // Two ±1 vectors 37.07° apart differ in so many of their bits.
        assert!((cap - 0.101).abs() < 1e-4);
    }

    #[test]
    fn the_density_has_the_moments_and_the_chances() {
        for d in [3, 4, 10, 27, 1152] {
            let pair = RandomPair::new(d);
            let moment = |high: f64, f: &dyn Fn(f64) -> f64| {
                integral([0.0, high], 20_000, |deg| pair.density(deg) * f(deg))
            };
            assert!((moment(180.0, &|_| 1.0) - 1.0).abs() < 1e-8, "{d}");
            let variance = moment(180.0, &|deg| (deg - 90.0).powi(2));
            assert!(
                (variance.sqrt() / pair.angle_sd_deg() - 1.0).abs() < 1e-7,
                "{d}"
            );
            let cosines = moment(180.0, &|deg| deg.to_radians().cos().powi(2));
            assert!(
                (cosines.sqrt() / pair.cosine_sd() - 1.0).abs() < 1e-7,
                "{d}"
            );
            for angle in [60.0, 89.0, 90.0, 95.0, 150.0] {
                let below = 10f64.powf(pair.log10_chance_below(angle));
                let found = moment(angle, &|_| 1.0);
                assert!((found - below).abs() < 1e-7, "{d} {angle}: {found} {below}");
            }
        }
        assert_eq!(RandomPair::new(2).log10_chance_below(180.0), 0.0);
        assert_eq!(
            RandomPair::new(2).log10_chance_below(0.0),
            f64::NEG_INFINITY
        );
        assert!((RandomPair::new(2).density(17.0) - 1.0 / 180.0).abs() < 1e-12);
    }

    #[test]
    fn signs_are_further_apart_than_their_vectors() {
        for (angle, expected) in [(20.0, 38.9), (45.0, 60.0), (60.0, 70.5), (80.0, 83.6)] {
            assert!(
                (angle_between_signs_deg(angle) - expected).abs() < 0.06,
                "{angle}"
            );
        }
        assert!((angle_between_signs_deg(90.0) - 90.0).abs() < 1e-12);
    }
}
