//! Whether an engine computes the network at all.

use crate::engine::Precision;

/// The largest difference of float32 logits, over the largest logit.
const REAL: f32 = 1e-4;
/// The smallest correlation of logits where activations are rounded.
const ROUNDED: f64 = 0.98;

/// Compares `found` with what plain loops gave for the same images, `expected`.
///
/// Float32 differs by the order of its sums alone. 8-bit activations are rounded, and a binary
/// network decides ties of rounded norms as it likes: there the logits need only correlate.
///
/// # Errors
/// What was expected and what was found.
pub fn check(precision: Precision, expected: &[f32], found: &[f32]) -> Result<(), String> {
    let (wanted, length) = (expected.len(), found.len());
    if wanted != length {
        return Err(format!("expected {wanted} logits, found {length}"));
    }
    match precision {
        Precision::Float32 => {
            let difference = difference(expected, found);
            let agrees = difference <= REAL;
            let broken =
                || format!("logits differ by {difference:.1e}, expected {REAL:.0e} at most");
            agrees.then_some(()).ok_or_else(broken)
        }
        Precision::Int8 | Precision::Binary => {
            let correlation = correlation(expected, found);
            let agrees = correlation >= ROUNDED;
            let broken = || format!("logits correlate by {correlation:.3}, expected {ROUNDED}");
            agrees.then_some(()).ok_or_else(broken)
        }
    }
}

/// The largest difference in units of the largest expected number; NaN if any is.
fn difference(expected: &[f32], found: &[f32]) -> f32 {
    let largest = expected.iter().fold(0.0_f32, |most, v| v.abs().max(most));
    let pairs = expected.iter().zip(found);
    let differences = pairs.map(|(one, other)| (one - other).abs() / largest);
    differences.fold(0.0, |most, d| if d <= most { most } else { d })
}

/// Pearson's correlation; NaN if either side is constant.
fn correlation(one: &[f32], other: &[f32]) -> f64 {
    let mean = |v: &[f32]| v.iter().map(|&x| f64::from(x)).sum::<f64>() / v.len() as f64;
    let (mean_one, mean_other) = (mean(one), mean(other));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (&a, &b) in one.iter().zip(other) {
        let (a, b) = (f64::from(a) - mean_one, f64::from(b) - mean_other);
        both += a * b;
        first += a * a;
        second += b * b;
    }
    both / (first * second).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [1.0, -2.0, 0.5, 4.0];

    #[test]
    fn float32_may_differ_by_rounding_alone() {
        let near = LOGITS.map(|v| v + 1e-4);
        let far = LOGITS.map(|v| v + 1e-2);
        assert_eq!(check(Precision::Float32, &LOGITS, &near), Ok(()));
        assert!(check(Precision::Float32, &LOGITS, &far).is_err());
    }

    #[test]
    fn int8_follows_the_logits() {
        let near = LOGITS.map(|v| 3.0 * v + 0.1);
        assert_eq!(check(Precision::Int8, &LOGITS, &near), Ok(()));
        assert!(check(Precision::Int8, &LOGITS, &LOGITS.map(|v| -v)).is_err());
    }

    #[test]
    fn constants_and_nan_never_agree() {
        for precision in [Precision::Float32, Precision::Int8, Precision::Binary] {
            assert!(check(precision, &LOGITS, &[0.5; 4]).is_err());
            assert!(check(precision, &LOGITS, &[f32::NAN; 4]).is_err());
            assert!(check(precision, &LOGITS, &LOGITS[1..]).is_err());
        }
    }
}
