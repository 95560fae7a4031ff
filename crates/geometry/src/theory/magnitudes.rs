//! The moments that decide how far a quantization turns a vector.

use serde::Serialize;

use crate::angle_deg;
use crate::theory::law::AngleLimit;

/// Moments of weights' magnitudes `|w|`, those above a threshold apart.
///
/// With threshold 0 all are kept, which is [`sign`](orthant_bits::sign).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MagnitudeMoments {
    /// Share of weights with `|w| > threshold`, which stay ±1; the others become 0.
    pub kept: f64,
    /// `E[|w|; |w| > threshold]`, the first moment of those kept over the number of all.
    pub kept_first: f64,
    /// `E[w²; |w| > threshold]`.
    pub kept_second: f64,
    /// `E[|w|³; |w| > threshold]`.
    pub kept_third: f64,
    /// `E[w²]` of all.
    pub second: f64,
    /// `E[w⁴]` of all.
    pub fourth: f64,
}

impl MagnitudeMoments {
    /// Moments of weights at hand; `None` leaves no weight out, as the sign does. `None` where a
    /// weight is not finite, all are 0 or none is kept.
    pub fn of(weights: &[f32], threshold: Option<f32>) -> Option<Self> {
        let mut sums = [0.0; 6];
        for &w in weights {
            let magnitude = f64::from(w.abs());
            let square = magnitude * magnitude;
            sums[4] += square;
            sums[5] += square * square;
            // The same comparison as `ternarize`'s.
            if threshold.is_none_or(|threshold| w.abs() > threshold) {
                sums[0] += 1.0;
                sums[1] += magnitude;
                sums[2] += square;
                sums[3] += square * magnitude;
            }
        }
        let [kept, kept_first, kept_second, kept_third, second, fourth] =
            sums.map(|sum| sum / weights.len() as f64);
        let is_some = fourth.is_finite() && second > 0.0 && kept_first > 0.0;
        is_some.then_some(Self {
            kept,
            kept_first,
            kept_second,
            kept_third,
            second,
            fourth,
        })
    }

    /// The angle's limit where weights are independent with these moments.
    ///
    /// ```text
    /// cos θ        = s₁ / √(m₂ q)
    /// d Var(cos)   = cos² θ · [ s₂/s₁² + m₄/4m₂² − s₃/s₁m₂ + s₂/2m₂q − 3/4q ]
    /// q, s₁, s₂, s₃ : kept, kept_first, kept_second, kept_third     m₂, m₄ : second, fourth
    /// ```
    ///
    /// # Reference
    /// `docs/theory.md`, T3 and T5.
    pub fn limit(&self) -> AngleLimit {
        let (q, s1, m2) = (self.kept, self.kept_first, self.second);
        let cosine = (s1 / (m2 * q).sqrt()).min(1.0);
        if self.fourth.is_infinite() {
            return AngleLimit {
                cosine,
                angle_deg: angle_deg(cosine),
                cosine_bias: f64::INFINITY,
                cosine_spread: f64::INFINITY,
                angle_spread_deg: f64::INFINITY,
            };
        }
        let tails = self.fourth / (m2 * m2);
        let shared = self.kept_second / (m2 * q);
        let crossed = self.kept_third / (s1 * m2);
        let variance =
            self.kept_second / (s1 * s1) + 0.25 * tails - crossed + 0.5 * shared - 0.75 / q;
        let bias = 0.375 * (tails - 1.0) - 0.5 * (crossed - 1.0) + 0.25 * (shared - 1.0)
            - 0.125 * (1.0 / q - 1.0);
        let sine = (1.0 - cosine * cosine).sqrt();
        // Weights of one magnitude alone: rounding must not give them a spread.
        let spread = if sine < 1e-7 {
            0.0
        } else {
            cosine * variance.max(0.0).sqrt()
        };
        AngleLimit {
            cosine,
            angle_deg: angle_deg(cosine),
            cosine_bias: if sine < 1e-7 { 0.0 } else { bias },
            cosine_spread: spread,
            angle_spread_deg: if spread == 0.0 {
                0.0
            } else {
                (spread / sine).to_degrees()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_sums_over_all_weights() {
        let weights = [0.5, -2.0, 1.0, 0.0];
        let found = MagnitudeMoments::of(&weights, Some(0.5)).unwrap();
        let expected = MagnitudeMoments {
            kept: 0.5,
            kept_first: 0.75,
            kept_second: 1.25,
            kept_third: 2.25,
            second: 5.25 / 4.0,
            fourth: 17.0625 / 4.0,
        };
        assert_eq!(found, expected);
        // The sign keeps zeros too.
        let signs = MagnitudeMoments::of(&weights, None).unwrap();
        assert_eq!((signs.kept, signs.kept_first), (1.0, 3.5 / 4.0));
    }

    #[test]
    fn weights_without_direction_have_none() {
        for weights in [&[][..], &[0.0, 0.0], &[1.0, f32::NAN], &[f32::INFINITY]] {
            assert_eq!(MagnitudeMoments::of(weights, None), None, "{weights:?}");
        }
        assert_eq!(MagnitudeMoments::of(&[0.1, -0.1], Some(0.1)), None);
    }

    #[test]
    fn weights_of_one_magnitude_are_not_turned() {
        let limit = MagnitudeMoments::of(&[0.3, -0.3, 0.3], None)
            .unwrap()
            .limit();
        assert!(
            limit.angle_deg < 1e-5 && limit.angle_spread_deg == 0.0,
            "{limit:?}"
        );
        assert_eq!(limit.at(3).angle_sd_deg, 0.0);
    }
}
