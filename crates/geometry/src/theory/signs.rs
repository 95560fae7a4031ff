//! Gaussian vectors and their signs, at any number of dimensions (T1).

use std::f64::consts::{FRAC_1_PI, FRAC_1_SQRT_2, FRAC_2_PI, FRAC_PI_3};

use crate::theory::law::AngleLaw;
use crate::theory::special::{gamma_step, integral, inverse_root_pi};

/// The angle between a Gaussian vector `u : [d]` and `sign(u)`.
///
/// ```text
/// E[cos]  = √d Γ(d/2) / (√π Γ((d+1)/2))
/// E[cos²] = 2/π + (1 − 2/π)/d
/// ```
///
/// Both are exact, for any rotationally symmetric distribution. The angle's own mean and deviation
/// are exact for two and three dimensions; beyond them they are those of the arc cosine's Taylor
/// series: 0.17° and 5 % off at 4 dimensions, 0.02° and 1 % at 10.
///
/// # Panics
/// If `d` is below 2.
///
/// # Reference
/// `docs/theory.md`, T1.
pub fn gaussian_signs(d: usize) -> AngleLaw {
    assert!(d >= 2, "{d} dimensions have no angles to speak of");
    let n = d as f64;
    let mean = n.sqrt() * inverse_root_pi() / gamma_step(n / 2.0);
    let square = FRAC_2_PI + (1.0 - FRAC_2_PI) / n;
    let law = AngleLaw::of_cosine(mean, (square - mean * mean).sqrt());
    let Some(widest) = widest_deg(d) else {
        return law;
    };
    let moment = |power: i32| {
        let density = |deg: f64| sign_angle_density(d, deg).unwrap_or(0.0) * deg.powi(power);
        // The density has a bend where the circle leaves the triangle.
        let bend = FRAC_1_SQRT_2.atan().to_degrees().min(widest);
        integral([0.0, bend], 200, density) + integral([bend, widest], 2_000, density)
    };
    let angle_mean_deg = moment(1);
    AngleLaw {
        angle_mean_deg,
        angle_sd_deg: (moment(2) - angle_mean_deg * angle_mean_deg).sqrt(),
        ..law
    }
}

/// Exact density of that angle, per degree; `None` but for two and three dimensions, which alone
/// have a simple one.
///
/// ```text
/// d = 2    1/45 up to 45°
/// d = 3    4 sin θ · (1 − (3/π) arccos(min(1, 1 / (√2 tan θ)))) · π/180, up to 54.7°
/// ```
///
/// Beyond, [`AngleLaw::normal_density`] is what it tends to.
///
/// # Reference
/// `docs/theory.md`, T1.
pub fn sign_angle_density(d: usize, angle_deg: f64) -> Option<f64> {
    let widest = widest_deg(d)?;
    if !(0.0..=widest).contains(&angle_deg) {
        return Some(0.0);
    }
    if d == 2 {
        return Some(1.0 / 45.0);
    }
    let angle = angle_deg.to_radians();
    // Half the arc of the circle that lies beyond one side of the triangle.
    let beyond = (FRAC_1_SQRT_2 / angle.tan()).min(1.0).acos();
    let inside = 1.0 - 3.0 * FRAC_1_PI * beyond;
    Some(4.0 * angle.sin() * inside.max(0.0) * FRAC_PI_3 / 60.0)
}

/// The angle between an axis and the diagonal, the largest there is.
fn widest_deg(d: usize) -> Option<f64> {
    matches!(d, 2 | 3).then(|| (d as f64).sqrt().recip().acos().to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_moments_are_those_of_the_table() {
        // d, E[cos], sd(cos), mean and sd of the angle as Monte Carlo gave them
        for (d, mean, sd, angle_mean_deg, angle_sd) in [
            (3, 0.86603, 0.08801, 28.14, 0.1904),
            (10, 0.81805, 0.06126, 34.64, 0.1077),
            (27, 0.80530, 0.03952, 36.19, 0.0668),
            (100, 0.79988, 0.02104, 36.85, 0.0352),
            (500, 0.79828, 0.00948, 37.02, 0.0157),
            (1152, 0.79806, 0.00625, 37.05, 0.0104),
            (2304, 0.79797, 0.00442, 37.05, 0.0073),
            (4608, 0.79793, 0.00313, 37.06, 0.0052),
        ] {
            let law = gaussian_signs(d);
            assert!((law.cosine_mean - mean).abs() < 6e-6, "{d}: {law:?}");
            assert!((law.cosine_sd - sd).abs() < 6e-6, "{d}: {law:?}");
            assert!(
                (law.angle_mean_deg - angle_mean_deg).abs() < 0.03,
                "{d}: {law:?}"
            );
            let sd = law.angle_sd_deg.to_radians();
            assert!((sd / angle_sd - 1.0).abs() < 0.02, "{d}: {law:?}");
        }
    }

    #[test]
    fn small_densities_have_the_exact_moments() {
        for d in [2, 3] {
            let widest = widest_deg(d).unwrap();
            let bend = FRAC_1_SQRT_2.atan().to_degrees().min(widest);
            let moment = |f: &dyn Fn(f64) -> f64| {
                let density = |deg: f64| sign_angle_density(d, deg).unwrap() * f(deg);
                integral([0.0, bend], 200, density) + integral([bend, widest], 2_000, density)
            };
            assert!((moment(&|_| 1.0) - 1.0).abs() < 1e-5);
            let mean = moment(&|deg| deg.to_radians().cos());
            let square = moment(&|deg| deg.to_radians().cos().powi(2));
            let law = gaussian_signs(d);
            assert!((mean - law.cosine_mean).abs() < 1e-5, "{d}: {mean}");
            let sd = (square - mean * mean).sqrt();
            assert!((sd - law.cosine_sd).abs() < 1e-4, "{d}: {sd}");
        }
        let plane = gaussian_signs(2);
        assert!((plane.angle_mean_deg - 22.5).abs() < 1e-9);
        assert_eq!(sign_angle_density(3, 60.0), Some(0.0));
        assert_eq!(sign_angle_density(4, 30.0), None);
    }

    #[test]
    fn many_dimensions_keep_their_digits() {
        // Var(cos) → (1 − 3/π)/d
        for d in [10_000, 1_000_000, 100_000_000] {
            let law = gaussian_signs(d);
            let limit = ((1.0 - 3.0 * FRAC_1_PI) / d as f64).sqrt();
            assert!((law.cosine_sd / limit - 1.0).abs() < 1e-3, "{d}: {law:?}");
        }
    }
}
