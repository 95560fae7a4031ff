//! Forward maps of the quantizers; their surrogate gradients belong to training.

use crate::Error;

/// `+1` where `x >= 0` (so for 0.0 and −0.0), else `−1`; NaN gives −1.
///
/// Packing refuses NaN before it comes here.
///
/// # Reference
/// Hubara et al. 2016, *Binarized Neural Networks*, eq. 1, arXiv:1602.02830.
#[inline]
pub fn sign(x: f32) -> f32 {
    if x >= 0.0 { 1.0 } else { -1.0 }
}

/// `sign(x)` where `|x| > delta`, else 0.
///
/// # Reference
/// Li et al. 2016, *Ternary Weight Networks*, eq. 3, arXiv:1605.04711.
#[inline]
pub fn ternarize(x: f32, delta: f32) -> f32 {
    if x > delta {
        1.0
    } else if x < -delta {
        -1.0
    } else {
        0.0
    }
}

/// `min(max(x, −1), 1)`, the hard tanh; NaN stays NaN.
#[inline]
pub fn clip(x: f32) -> f32 {
    x.clamp(-1.0, 1.0)
}

/// `max(x, 0)`; NaN stays NaN.
#[inline]
pub fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

/// Mean magnitude of a filter, the scale that brings `scale · sign(w)` nearest to `w`.
///
/// ```text
/// scale = Σ |w_i| / n        w : [n]; 0 for an empty filter
/// ```
///
/// The sum is taken in f64, in order, and rounded once.
///
/// # Reference
/// Rastegari et al. 2016, *XNOR-Net*, eq. 6, arXiv:1603.05279.
pub fn mean_magnitude(filter: &[f32]) -> f32 {
    let sum: f64 = filter.iter().map(|w| f64::from(w.abs())).sum();
    (sum / filter.len().max(1) as f64) as f32
}

/// `scale · sign(x)`, with a filter's [`mean_magnitude`] as the scale.
#[inline]
pub fn sign_scaled(x: f32, scale: f32) -> f32 {
    scale * sign(x)
}

/// The threshold of ternary weight networks, `0.7 · mean|w|`.
///
/// # Reference
/// Li et al. 2016, *Ternary Weight Networks*, eq. 6, arXiv:1605.04711.
pub fn ternary_delta(filter: &[f32]) -> f32 {
    0.7 * mean_magnitude(filter)
}

/// Nearest of the `2^bits` levels `0, 1/s, …, 1` with `s = 2^bits − 1`, for `x` cut to [0, 1].
///
/// Ties go up.
///
/// # Errors
/// `bits` outside 1..=16, or `x` NaN.
///
/// # Reference
/// Zhou et al. 2016, *DoReFa-Net*, eq. 5, arXiv:1606.06160.
pub fn k_bit(x: f32, bits: u32) -> Result<f32, Error> {
    if !(1..=16).contains(&bits) {
        let expected = "between 1 and 16 bits";
        return Err(Error::Parameter {
            what: "bits",
            expected,
            found: bits as f32,
        });
    }
    if x.is_nan() {
        return Err(Error::NotANumber { index: 0 });
    }
    Ok(nearest_level(f64::from(x.clamp(0.0, 1.0)), bits) as f32)
}

/// The nearest level to `x` in [0, 1]; ties go up.
fn nearest_level(x: f64, bits: u32) -> f64 {
    let steps = f64::from((1u32 << bits) - 1);
    // Exact for an f32, 24 bits by 16; truncation of a half more, not negative, rounds to nearest.
    f64::from((x * steps + 0.5) as u32) / steps
}

/// [`k_bit`] on [−1, 1]: `2 · k_bit((x + 1) / 2) − 1`; ties go up.
///
/// The shift is taken in f64, where magnitudes below 2^-53 count as 0.
///
/// # Errors
/// Those of [`k_bit`].
pub fn k_bit_signed(x: f32, bits: u32) -> Result<f32, Error> {
    k_bit(x, bits)?;
    let shifted = (f64::from(x.clamp(-1.0, 1.0)) + 1.0) * 0.5;
    Ok((2.0 * nearest_level(shifted, bits) - 1.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_zeros_are_positive() {
        assert_eq!(
            [sign(0.0), sign(-0.0), sign(f32::MIN_POSITIVE), sign(-1e-45)],
            [1., 1., 1., -1.]
        );
    }

    #[test]
    fn ternary_keeps_the_threshold_itself_at_zero() {
        assert_eq!(
            [0.5, -0.5, 0.51, -0.51, 0.0].map(|x| ternarize(x, 0.5)),
            [0., 0., 1., -1., 0.]
        );
    }

    #[test]
    fn the_mean_magnitude_minimises_the_squared_error() {
        let filter = [0.3, -1.2, 0.0, 2.0];
        let error = |scale: f32| {
            filter
                .iter()
                .map(|w| (w - sign_scaled(*w, scale)).powi(2))
                .sum::<f32>()
        };
        let best = mean_magnitude(&filter);
        assert_eq!(best, 0.875);
        assert!(error(best) < error(best + 0.01) && error(best) < error(best - 0.01));
        assert_eq!(mean_magnitude(&[]), 0.0);
    }

    #[test]
    fn k_bits_have_two_to_the_k_levels() {
        assert_eq!(k_bit(0.49, 1), Ok(0.0));
        assert_eq!(k_bit(0.5, 1), Ok(1.0));
        assert_eq!(k_bit(0.499_999_97, 1), Ok(0.0));
        assert_eq!(k_bit(0.4, 2), Ok(1.0 / 3.0));
        assert_eq!(k_bit_signed(-7.0, 3), Ok(-1.0));
        assert_eq!(k_bit_signed(-1e-8, 1), Ok(-1.0));
        assert_eq!(k_bit_signed(0.0, 1), Ok(1.0));
        assert_eq!(k_bit_signed(0.9, 2), Ok(1.0));
        assert!(k_bit(0.5, 0).is_err() && k_bit(0.5, 17).is_err() && k_bit(f32::NAN, 2).is_err());
    }
}
