//! Threshold folding: batch norm and quantizer become comparisons of integer sums.
//!
//! The comparison is found by asking [`normalize`], which evaluation uses, at which sum it steps,
//! so that the integer network equals the real one bit for bit, rounding included.

use orthant_bits::{TernaryThreshold, Threshold, sign, ternarize};

use crate::normalize;

/// How a channel's integer sum becomes `z`, and what that folds to.
///
/// ```text
/// z = sum · factor · scale + shift          normalize(sum, factor, scale, shift)
/// ```
///
/// A layer whose `z` a shortcut adds to, or takes, does not fold: its `z` is more than a function
/// of one sum.
///
/// # Example
/// ```
/// let fold = orthant_model::Fold { factor: 1.0, scale: -0.5, shift: 1.0 };
/// let threshold = fold.sign(-9, 9);
/// assert!(threshold.bit(2) && !threshold.bit(3)); // z is 0 and −0.5
/// ```
///
/// # Reference
/// Umuroglu et al. 2017, *FINN*, §4.2.2 (batch norm and sign as a threshold), arXiv:1612.07119; the
/// bisection and ternary form are derived here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fold {
    /// What the sum is multiplied with: the filter's scale, 1 over the contract's unit.
    pub factor: f32,
    /// Batch norm's factor, 1 where there is no norm.
    pub scale: f32,
    /// What batch norm adds, 0 where there is no norm.
    pub shift: f32,
}

/// Sums below this in magnitude are exact as `f32`.
const EXACT: i32 = 1 << 24;

impl Fold {
    /// `z` of a sum below 2^24 in magnitude.
    pub fn z(&self, sum: i32) -> f32 {
        normalize(sum as f32, self.factor, self.scale, self.shift)
    }

    /// Whether `z` falls as the sum grows.
    fn falls(&self) -> bool {
        (self.factor < 0.0) != (self.scale < 0.0)
    }

    /// The comparison that gives `sign(z)` for every sum in `low..=high`.
    ///
    /// Multiplication by a constant and addition of one are monotone after rounding too, so that
    /// bisecting the sums finds the one step there can be. A max-pool of the sums before it changes
    /// nothing.
    ///
    /// # Panics
    /// If the range is empty or leaves ±2^24, or a `z` that is asked for is not a number.
    pub fn sign(&self, low: i32, high: i32) -> Threshold {
        let invert = self.falls();
        let passes = |sum| (sign(self.number(sum)) > 0.0) != invert;
        Threshold {
            at: first(low, high, passes),
            invert,
        }
    }

    /// The two comparisons that give `ternarize(z, threshold)` for every sum in `low..=high`.
    ///
    /// # Panics
    /// If the range is empty or leaves ±2^24, or a `z` that is asked for is not a number.
    pub fn ternary(&self, threshold: f32, low: i32, high: i32) -> TernaryThreshold {
        let invert = self.falls();
        let direction = if invert { -1.0 } else { 1.0 };
        let value = |sum| direction * ternarize(self.number(sum), threshold);
        TernaryThreshold {
            low: first(low, high, |sum| value(sum) >= 0.0),
            high: first(low, high, |sum| value(sum) > 0.0),
            invert,
        }
    }

    fn number(&self, sum: i32) -> f32 {
        let z = self.z(sum);
        assert!(!z.is_nan(), "an evaluated network has numbers only");
        z
    }
}

/// The least sum of `low..=high` that passes, or `high + 1`; those that pass are the upper ones.
fn first(low: i32, high: i32, passes: impl Fn(i32) -> bool) -> i32 {
    assert!(
        -EXACT < low && low <= high && high < EXACT,
        "sums are exact as floats"
    );
    let (mut at, mut end) = (low, high + 1);
    while at < end {
        let middle = at + (end - at) / 2;
        if passes(middle) {
            end = middle;
        } else {
            at = middle + 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Maps whose steps fall anywhere: on a sum, beside it, beyond all of them.
    fn fold() -> impl Strategy<Value = Fold> {
        let scale = prop_oneof![
            -3.0f32..3.0,
            Just(0.0),
            Just(-0.0),
            Just(1.0),
            Just(-1.0),
            Just(1e-30),
            Just(-1e-38)
        ];
        let whole = (-200i32..200).prop_map(|shift| shift as f32);
        let shift = prop_oneof![-400.0f32..400.0, whole, Just(-0.0)];
        let factor = prop_oneof![Just(1.0f32), Just(1.0 / 255.0), -0.1f32..0.1, Just(0.0)];
        (factor, scale, shift).prop_map(|(factor, scale, shift)| Fold {
            factor,
            scale,
            shift,
        })
    }

    proptest! {
        #[test]
        fn every_sum_gives_the_sign_that_it_gave(fold in fold(), n in 0i32..300) {
            let threshold = fold.sign(-n, n);
            for sum in -n..=n {
                prop_assert_eq!(threshold.bit(sum), sign(fold.z(sum)) > 0.0, "sum {}", sum);
            }
        }

        #[test]
        fn every_sum_gives_the_ternary_value_that_it_gave(
            fold in fold(),
            threshold in prop_oneof![0.0f32..2.0, Just(0.0), Just(1.0)],
            n in 0i32..300,
        ) {
            let folded = fold.ternary(threshold, -n, n);
            prop_assert!(folded.low <= folded.high);
            for sum in -n..=n {
                let expected = ternarize(fold.z(sum), threshold);
                prop_assert_eq!(f32::from(folded.value(sum)), expected, "sum {}", sum);
            }
        }
    }

    #[test]
    fn a_tie_is_positive_whichever_way_z_goes() {
        for scale in [1.0, -1.0] {
            let fold = Fold {
                factor: 1.0,
                scale,
                shift: 3.0 * -scale,
            };
            assert!(fold.sign(-10, 10).bit(3), "z is 0 at the sum 3");
        }
    }
}
