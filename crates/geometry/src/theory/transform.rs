//! Vectors whose coordinates have deviations of their own, before a rotation (T7).

use std::f64::consts::FRAC_2_PI;

/// Deviations `exp(rate · (i − d))` of coordinates 1 to `d`: the paper's exponential covariance, up
/// to a factor that no angle sees.
///
/// # Reference
/// `docs/theory.md`, T7; Anderson & Berg 2018, whose figure has the rate 0.1.
pub fn exponential_deviations(d: usize, rate: f64) -> Vec<f64> {
    (1..=d)
        .map(|at| (rate * (at as f64 - d as f64)).exp())
        .collect()
}

/// Cosine of the angle between a Gaussian vector of independent coordinates, with the deviations
/// `s : [d]`, and its signs: the ratio of the means of its norms.
///
/// ```text
/// cos θ ≈ √(2/π) · Σ sᵢ / √(d Σ sᵢ²)
/// ```
///
/// Good where many coordinates share the energy; where ten do, the mean angle is half a degree to a
/// degree smaller, and [`rotated_angles`](crate::rotated_angles) measures it. After a uniformly
/// random rotation the law is [`gaussian_signs`](crate::gaussian_signs)'s, whatever the vector.
///
/// # Reference
/// `docs/theory.md`, T7.
pub fn scaled_sign_cosine(deviations: &[f64]) -> f64 {
    let sum: f64 = deviations.iter().sum();
    let square: f64 = deviations.iter().map(|s| s * s).sum();
    FRAC_2_PI.sqrt() * sum / (deviations.len() as f64 * square).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::angle_deg;

    #[test]
    fn plain_signs_lose_the_direction() {
        // Measured: 68.2° and 80.4°.
        for (d, expected) in [(100, 68.2), (500, 80.4)] {
            let found = angle_deg(scaled_sign_cosine(&exponential_deviations(d, 0.1)));
            assert!((found - expected).abs() < 1.0, "{d}: {found}");
        }
        let equal = angle_deg(scaled_sign_cosine(&[3.0; 7]));
        assert!((equal - 37.071).abs() < 1e-3);
    }
}
