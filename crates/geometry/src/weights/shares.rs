//! How a layer's weights are spread over the numbers.

use orthant_bits::{sign, ternarize};
use serde::Serialize;

use crate::Histogram;

/// Bins of a histogram of weights; odd, so that 0 is in the middle of one.
const BINS: usize = 101;

/// A value and the share of weights that a quantizer brings to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The value.
    pub value: f64,
    /// Share of the layer's weights, those that are not finite left out.
    pub share: f64,
}

/// Where a layer's weights lie.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightShares {
    /// Weights counted: those that are finite.
    pub weights: u64,
    /// Weights that are infinite or NaN.
    pub not_finite_weights: u64,
    /// Share of each value after quantization.
    pub quantized: Vec<Share>,
    /// Share of weights that are exactly 0 before it.
    pub exact_zero_share: f64,
    /// Share of weights at exactly −1 or +1 before it, where clipping leaves them.
    pub clipped_share: f64,
    /// Counts over [−1, 1] in steps of 0.02, the bins' middles: 0 and ±1 are in the middle of one.
    pub within_one: Histogram,
    /// Counts over the range of the weights in as many steps, symmetric about 0.
    pub whole: Histogram,
}

impl WeightShares {
    pub(crate) fn of(latent: &[f32], threshold: Option<f32>) -> Self {
        let finite = || latent.iter().copied().filter(|w| w.is_finite());
        let largest = finite().fold(0.0f32, |largest, w| largest.max(w.abs()));
        let mut within_one = centered(1.0);
        let mut whole = centered(if largest > 0.0 {
            f64::from(largest)
        } else {
            1.0
        });
        // −1, 0 and +1.
        let mut counts = [0u64; 3];
        let (mut weights, mut zeros, mut clipped) = (0u64, 0u64, 0u64);
        for w in finite() {
            within_one.add(f64::from(w));
            whole.add(f64::from(w));
            let quantized = threshold.map_or_else(|| sign(w), |threshold| ternarize(w, threshold));
            counts[(quantized + 1.0) as usize] += 1;
            weights += 1;
            zeros += u64::from(w == 0.0);
            clipped += u64::from(w.abs() == 1.0);
        }
        let share = |count: u64| count as f64 / weights.max(1) as f64;
        let values = [-1.0, 0.0, 1.0].into_iter().zip(counts);
        // The sign knows no 0.
        let values = values.filter(|(value, _)| threshold.is_some() || *value != 0.0);
        Self {
            weights,
            not_finite_weights: latent.len() as u64 - weights,
            quantized: values
                .map(|(value, count)| Share {
                    value,
                    share: share(count),
                })
                .collect(),
            exact_zero_share: share(zeros),
            clipped_share: share(clipped),
            within_one,
            whole,
        }
    }

    /// Share of weights that become 0.
    pub fn zero_share(&self) -> f64 {
        let zeros = self.quantized.iter().filter(|share| share.value == 0.0);
        zeros.map(|share| share.share).sum()
    }
}

/// Bins whose outer middles are at `±end`.
fn centered(end: f64) -> Histogram {
    let half = end / (BINS - 1) as f64;
    Histogram::new([-end - half, end + half], BINS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_has_its_place() {
        let weights = [-1.0, 1.0, 1.0, 0.0, 0.3, -0.2, 1.5, f32::NAN];
        let found = WeightShares::of(&weights, Some(0.25));
        assert_eq!((found.weights, found.not_finite_weights), (7, 1));
        let shares: Vec<f64> = found
            .quantized
            .iter()
            .map(|share| share.share * 7.0)
            .collect();
        assert_eq!(shares, [1.0, 2.0, 4.0]);
        assert_eq!(found.zero_share() * 7.0, 2.0);
        assert_eq!(found.clipped_share * 7.0, 3.0);
        assert_eq!(found.exact_zero_share * 7.0, 1.0);
        assert_eq!(found.within_one.counts[0], 1);
        assert_eq!(found.within_one.counts[50], 1);
        assert_eq!(found.within_one.counts[100], 2);
        assert_eq!(found.within_one.outside, 1);
        assert_eq!(found.whole.outside, 0);
        assert_eq!(found.whole.counts[100], 1);
        let signs = WeightShares::of(&weights, None);
        let shares: Vec<_> = signs
            .quantized
            .iter()
            .map(|share| share.share * 7.0)
            .collect();
        assert_eq!(shares, [2.0, 5.0]);
    }

    #[test]
    fn no_weights_are_no_error() {
        for weights in [&[][..], &[0.0, 0.0], &[f32::NAN]] {
            let found = WeightShares::of(weights, None);
            assert_eq!(found.clipped_share, 0.0);
            assert_eq!(found.whole.range[1], 1.01);
        }
    }
}
