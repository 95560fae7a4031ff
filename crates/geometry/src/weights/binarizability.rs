//! How well tensors of any origin keep their direction at few bits.

use core::fmt;

use rayon::prelude::*;
use serde::Serialize;

use crate::theory::Distribution;
use crate::weights::filters::{Sort, filter_len};
use crate::weights::statistics::Statistics;
use crate::{Moments, Problem, Spread, angle_deg};

/// Degrees by which a tensor may exceed the angle of Gaussian weights and their signs, 37.07°.
const SLACK_DEG: f64 = 1.0;

/// The fewest levels at which a tensor keeps its direction as well as Gaussian weights' signs do,
/// within a degree.
///
/// It speaks of directions alone: how it is linked to a network's accuracy is not established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Two levels.
    Binary,
    /// Three.
    Ternary,
    /// Four.
    TwoBits,
    /// More than four.
    Neither,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary",
            Self::Ternary => "ternary",
            Self::TwoBits => "two bits",
            Self::Neither => "none of these",
        })
    }
}

/// Angles between a tensor's filters and their best quantizations.
///
/// Every filter has levels of its own, symmetric about 0, the best there are for it; a filter that
/// is constant, 0 or not finite has none. Angles are means over filters. Null model: independent
/// Gaussian weights, 37.07°, 25.85° and 20.04° as `d` grows (`docs/theory.md`, T6); few weights fit
/// their own levels better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Binarizability {
    /// The tensor's name.
    pub name: String,
    /// Weights of a filter.
    pub d: usize,
    /// Filters.
    pub filters: usize,
    /// Filters that have angles: the samples of the means.
    pub angles: u64,
    /// Mean angle to the signs.
    pub angle_mean_deg: f64,
    /// Its standard error.
    pub angle_mean_error_deg: f64,
    /// Standard deviation over filters.
    pub angle_sd_deg: f64,
    /// Mean angle to the ternary vector at the filter's best threshold.
    pub ternary_angle_mean_deg: f64,
    /// Share of zeros there.
    pub ternary_zero_share: f64,
    /// Mean angle at the filter's four best levels.
    pub two_bit_angle_mean_deg: f64,
    /// Excess kurtosis of the finite weights; 0 for Gaussian ones.
    pub excess_kurtosis: f64,
    /// The fewest levels that keep the direction.
    pub verdict: Verdict,
}

/// Analyses a tensor `[filters, d]`: a dense layer's rows, or a convolution's filters in any order
/// of their weights.
///
/// # Errors
/// A shape that does not fit, filters of a single weight, a tensor without any angle.
///
/// # Reference
/// `docs/theory.md`, T5 and T6.
pub fn binarizability(
    name: &str,
    weights: &[f32],
    filters: usize,
) -> Result<Binarizability, Problem> {
    let d = filter_len(weights.len(), filters)?;
    let found: Vec<_> = weights.par_chunks_exact(d).map(BestLevels::of).collect();
    let best: Vec<_> = found.into_iter().flatten().collect();
    if best.is_empty() {
        return Err(Problem::NoAngles { filters });
    }
    let mean = |of: fn(&BestLevels) -> f64| best.iter().map(of).collect::<Moments>().mean();
    let angles: Vec<f64> = best.iter().map(|best| best.binary_deg).collect();
    let Spread { mean: binary, sd } = Spread::of(&angles);
    let ternary_angle_mean_deg = mean(|best| best.ternary_deg);
    let two_bit_angle_mean_deg = mean(|best| best.two_bit_deg);
    let gaussian = Distribution::Gaussian.moments(0.0).limit();
    let keeps = |angle: f64| angle <= gaussian.angle_deg + SLACK_DEG;
    Ok(Binarizability {
        name: name.to_owned(),
        d,
        filters,
        angles: best.len() as u64,
        angle_mean_deg: binary.value,
        angle_mean_error_deg: binary.standard_error,
        angle_sd_deg: sd.value,
        ternary_angle_mean_deg,
        ternary_zero_share: mean(|best| best.zero_share),
        two_bit_angle_mean_deg,
        excess_kurtosis: Statistics::of(weights.iter().copied().filter(|w| w.is_finite()))
            .excess_kurtosis,
        verdict: match () {
            () if keeps(binary.value) => Verdict::Binary,
            () if keeps(ternary_angle_mean_deg) => Verdict::Ternary,
            () if keeps(two_bit_angle_mean_deg) => Verdict::TwoBits,
            () => Verdict::Neither,
        },
    })
}

/// A filter's angles at its best levels.
struct BestLevels {
    binary_deg: f64,
    ternary_deg: f64,
    zero_share: f64,
    two_bit_deg: f64,
}

impl BestLevels {
    /// Levels that stand for the `k` largest magnitudes and for the others: with sums `S` and `T`,
    /// the best values are the means, and
    ///
    /// ```text
    /// cos² θ = (S²/k + T²/(d − k)) / ‖w‖²,  ternary without the second term
    /// ```
    fn of(filter: &[f32]) -> Option<Self> {
        if Sort::of(filter).is_some() {
            return None;
        }
        let mut magnitudes: Vec<f64> = filter.iter().map(|w| f64::from(w.abs())).collect();
        magnitudes.sort_unstable_by(|a, b| b.total_cmp(a));
        let sum: f64 = magnitudes.iter().sum();
        let square: f64 = magnitudes.iter().map(|w| w * w).sum();
        let d = magnitudes.len();
        let (mut ternary, mut kept, mut two_bit) = (0.0f64, d, 0.0f64);
        let mut larger = 0.0;
        for (at, magnitude) in magnitudes.iter().enumerate() {
            larger += magnitude;
            let count = at + 1;
            let of_larger = larger * larger / count as f64;
            if of_larger > ternary {
                (ternary, kept) = (of_larger, count);
            }
            let smaller = (sum - larger).max(0.0);
            let of_smaller = smaller * smaller / (d - count).max(1) as f64;
            two_bit = two_bit.max(of_larger + of_smaller);
        }
        let angle = |kept: f64| angle_deg((kept / square).sqrt());
        Some(Self {
            binary_deg: angle(sum * sum / d as f64),
            ternary_deg: angle(ternary),
            zero_share: 1.0 - kept as f64 / d as f64,
            two_bit_deg: angle(two_bit),
        })
    }
}
