//! Functions that the standard library lacks.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, PI, TAU};

/// Density of the standard normal distribution.
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

/// Chance that a standard normal number is above `x`.
pub fn normal_tail(x: f64) -> f64 {
    0.5 * libm::erfc(x * FRAC_1_SQRT_2)
}

/// `Γ(x + 1/2) / Γ(x)` for `x > 0`.
pub fn gamma_step(x: f64) -> f64 {
    if x < 100.0 {
        return (libm::lgamma(x + 0.5) - libm::lgamma(x)).exp();
    }
    // Differences of ln Γ lose digits as x grows; the series gains them.
    let y = 1.0 / x;
    let series = 1.0 - y / 8.0 + y * y / 128.0 + 5.0 * y.powi(3) / 1024.0;
    x.sqrt() * (series - 21.0 * y.powi(4) / 32768.0)
}

/// The second derivative of `ln Γ` at `x > 0`.
pub fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 16.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let odd = y / x * (1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y / 30.0)));
    sum + 1.0 / x + 0.5 * y + odd
}

/// Natural logarithm of the regularised incomplete beta function `I_x(a, b)`, where `rest = 1 − x`
/// is given beside `x` so that neither loses digits.
///
/// # Reference
/// NIST Digital Library of Mathematical Functions, §8.17.
pub fn ln_beta_share(x: f64, rest: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return (-ln_beta_share(rest, x, b, a).exp()).ln_1p();
    }
    let ln_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    a * x.ln() + b * rest.ln() - ln_beta - a.ln() - beta_fraction(x, a, b).ln()
}

/// `1 + d₁/(1 + d₂/(1 + …))` of that fraction, from the front (Lentz).
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TERMS: usize = 10_000;
    let (mut value, mut up, mut down) = (1.0, 1.0, 0.0);
    for term in 1..TERMS {
        let m = (term / 2) as f64;
        let factor = match term % 2 {
            0 => m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            _ => -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        };
        down = 1.0 / (1.0 + factor * down);
        up = 1.0 + factor / up;
        value *= up * down;
        if (up * down - 1.0f64).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// `∫ f(x) dx` from `from` to infinity.
///
/// The substitution `x = from + exp(π/2 · sinh s)` makes the integrand fall doubly exponentially,
/// so that equal steps of `s` give some 12 digits, for tails that fall like a power of `x` too.
///
/// # Reference
/// Takahasi & Mori 1974, *Double Exponential Formulas for Numerical Integration*.
pub fn integral_to_infinity(from: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEPS: i32 = 160;
    const STEP: f64 = 1.0 / 32.0;
    let term = |at: i32| {
        let s = f64::from(at) * STEP;
        let x = (FRAC_PI_2 * s.sinh()).exp();
        let value = f(from + x) * x * FRAC_PI_2 * s.cosh();
        // Far out x overflows, where the integrand is 0.
        if value.is_finite() { value } else { 0.0 }
    };
    STEP * (-STEPS..=STEPS).map(term).sum::<f64>()
}

/// `∫ f(x) dx` over a range, in `pieces` parabolas.
pub fn integral(range: [f64; 2], pieces: u32, f: impl Fn(f64) -> f64) -> f64 {
    let [low, high] = range;
    let step = (high - low) / f64::from(2 * pieces);
    let weight = |at: u32| match at {
        0 => 1.0,
        at if at == 2 * pieces => 1.0,
        at if at % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let term = |at: u32| weight(at) * f(low + f64::from(at) * step);
    (0..=2 * pieces).map(term).sum::<f64>() * step / 3.0
}

/// `1 / √π`.
pub fn inverse_root_pi() -> f64 {
    PI.sqrt().recip()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, relative: f64) {
        let error = (found / expected - 1.0).abs();
        assert!(error < relative, "{found} is not {expected}");
    }

    #[test]
    fn gamma_s_two_branches_meet() {
        // Γ(1) / Γ(1/2), Γ(3/2) / Γ(1)
        near(gamma_step(0.5), inverse_root_pi(), 1e-14);
        near(gamma_step(1.0), 0.5 * PI.sqrt(), 1e-14);
        let by_logarithms = (libm::lgamma(150.5) - libm::lgamma(150.0)).exp();
        near(gamma_step(150.0), by_logarithms, 1e-12);
    }

    #[test]
    fn trigamma_has_its_known_values() {
        near(trigamma(1.0), PI * PI / 6.0, 1e-14);
        near(trigamma(0.5), PI * PI / 2.0, 1e-14);
        near(trigamma(1.5), PI * PI / 2.0 - 4.0, 1e-13);
    }

    #[test]
    fn incomplete_beta_has_its_known_values() {
        // I_x(1, 1) = x, I_x(2, 1) = x², I_x(1/2, 1/2) = (2/π) arcsin √x
        for x in [1e-9, 0.2, 0.5, 0.9, 1.0 - 1e-9] {
            near(ln_beta_share(x, 1.0 - x, 1.0, 1.0).exp(), x, 1e-12);
            near(ln_beta_share(x, 1.0 - x, 2.0, 1.0).exp(), x * x, 1e-12);
            let arcsine = 2.0 / PI * x.sqrt().asin();
            near(ln_beta_share(x, 1.0 - x, 0.5, 0.5).exp(), arcsine, 1e-11);
        }
    }

    #[test]
    fn integrals_are_those_of_calculus() {
        near(
            integral_to_infinity(2.0, |x| (-x).exp()),
            (-2f64).exp(),
            1e-12,
        );
        near(integral_to_infinity(1.0, |x| x.powi(-3)), 0.5, 1e-12);
        near(
            integral_to_infinity(0.7, normal_density),
            normal_tail(0.7),
            1e-12,
        );
        near(integral([0.0, PI], 50, f64::sin), 2.0, 1e-7);
    }
}
