//! The best levels for Gaussian weights (T6).

use serde::Serialize;

use crate::angle_deg;
use crate::theory::special::{normal_density, normal_tail};

/// The quantizer of least squared error for a Gaussian of variance 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LloydMax {
    /// Levels in rising order, in standard deviations.
    pub levels: Vec<f64>,
    /// Where one level gives way to the next: midpoints of neighbours, one fewer than levels.
    pub thresholds: Vec<f64>,
    /// Mean squared error.
    pub distortion: f64,
    /// Angle in degrees between a vector and its quantization, as dimensions grow.
    pub angle_deg: f64,
}

/// Lloyd–Max levels: each is the mean of what it stands for, so that `cos θ = √(1 − distortion)`.
///
/// # Panics
/// If there are fewer than 2 levels, or more than 256.
///
/// # Reference
/// `docs/theory.md`, T6; Max 1960, *Quantizing for Minimum Distortion*; Lloyd 1982, *Least
/// Squares Quantization in PCM*.
pub fn lloyd_max(count: usize) -> LloydMax {
    assert!(
        (2..=256).contains(&count),
        "{count} levels, expected 2 to 256"
    );
    let mut levels: Vec<f64> = (0..count)
        .map(|at| (2 * at + 1) as f64 / count as f64 - 1.0)
        .map(|at| 2.5 * at)
        .collect();
    loop {
        let thresholds: Vec<f64> = levels
            .windows(2)
            .map(|two| 0.5 * (two[0] + two[1]))
            .collect();
        let edges = |at: usize| {
            let low = at
                .checked_sub(1)
                .map_or(f64::NEG_INFINITY, |at| thresholds[at]);
            [low, thresholds.get(at).copied().unwrap_or(f64::INFINITY)]
        };
        let mut moved = 0.0f64;
        let mut kept = 0.0;
        for (at, level) in levels.iter_mut().enumerate() {
            let [low, high] = edges(at);
            let share = share_between(low, high);
            let mean = (normal_density(low) - normal_density(high)) / share;
            moved = moved.max((mean - *level).abs());
            kept += share * mean * mean;
            *level = mean;
        }
        // Steps shrink by a factor, which for 256 levels is near 1.
        if moved < 1e-9 {
            return LloydMax {
                levels,
                thresholds,
                distortion: 1.0 - kept,
                angle_deg: angle_deg(kept.sqrt()),
            };
        }
    }
}

/// Chance of a standard normal number between two, by the tail that is the smaller one.
fn share_between(low: f64, high: f64) -> f64 {
    match low > 0.0 {
        true => normal_tail(low) - normal_tail(high),
        false => normal_tail(-high) - normal_tail(-low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_those_of_the_table() {
        for (levels, expected) in [
            (2, 37.07),
            (3, 25.86),
            (4, 20.05),
            (5, 16.42),
            (8, 10.71),
            (16, 5.59),
        ] {
            let found = lloyd_max(levels);
            assert!(
                (found.angle_deg - expected).abs() < 6e-3,
                "{levels}: {found:?}"
            );
        }
        // Max's table: four levels ±0.4528, ±1.510 and their error.
        let four = lloyd_max(4);
        assert!((four.levels[2] - 0.4528).abs() < 5e-5 && (four.levels[3] - 1.510).abs() < 5e-4);
        assert!((four.distortion - 0.1175).abs() < 5e-5);
    }

    #[test]
    fn three_levels_are_the_best_ternary() {
        let best = crate::TernaryPoint::optimum(&crate::Distribution::Gaussian);
        let found = lloyd_max(3);
        assert!((found.thresholds[1] - best.threshold_sigma).abs() < 1e-7);
        assert!((found.angle_deg - best.limit.angle_deg).abs() < 1e-7);
    }
}
