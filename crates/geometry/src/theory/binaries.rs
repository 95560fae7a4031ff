//! Sums of scaled ±1 vectors for Gaussian weights, chosen one after the other (T6).

use serde::Serialize;

use crate::angle_deg;
use crate::theory::special::{normal_density, normal_tail};

/// So many terms of the sum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Binaries {
    /// Terms of the sum, bits a weight.
    pub terms: usize,
    /// Factor of the last term in standard deviations of the weights.
    pub scale: f64,
    /// Angle in degrees between a vector and the sum, as dimensions grow.
    pub angle_deg: f64,
    /// Mean squared error of the sum as it stands.
    pub distortion: f64,
}

/// Numbers between `low` and `high`, all of which the sum so far rounds to `value`, which lies
/// outside or at an end.
#[derive(Clone, Copy)]
struct Piece {
    low: f64,
    high: f64,
    value: f64,
}

impl Piece {
    /// `E[x; low < x < high]` and the chance of it, of a standard normal number's magnitude.
    fn moments(&self) -> [f64; 2] {
        let first = normal_density(self.low) - normal_density(self.high);
        let share = normal_tail(self.low) - normal_tail(self.high);
        [2.0 * first, 2.0 * share]
    }

    fn is_below(&self) -> bool {
        self.high <= self.value
    }

    /// `E|x − value|` over the piece.
    fn distance(&self) -> f64 {
        let [first, share] = self.moments();
        (first - self.value * share).abs()
    }

    /// The piece with one more term, cut where the remainder changes its sign.
    fn with_term(self, scale: f64) -> impl Iterator<Item = Self> {
        let value = self.value + if self.is_below() { -scale } else { scale };
        let cut = value.clamp(self.low, self.high);
        let pieces = [(self.low, cut), (cut, self.high)];
        let kept = pieces.into_iter().filter(|(low, high)| low < high);
        kept.map(move |(low, high)| Self { low, high, value })
    }
}

/// Sums of up to `terms` binaries: each is the sign of what the ones before left, times its mean
/// magnitude.
///
/// ```text
/// r₀ = w,  αᵢ = E|rᵢ₋₁|,  rᵢ = rᵢ₋₁ − αᵢ sign(rᵢ₋₁),  ŵ = Σ αᵢ sign(rᵢ₋₁)
/// ```
///
/// # Panics
/// If `terms` is above 16: the sum has 2^terms pieces.
///
/// # Reference
/// `docs/theory.md`, T6.
pub fn greedy_binaries(terms: usize) -> Vec<Binaries> {
    assert!(terms <= 16, "{terms} terms, expected at most 16");
    let mut pieces = vec![Piece {
        low: 0.0,
        high: f64::INFINITY,
        value: 0.0,
    }];
    let mut sums = Vec::with_capacity(terms);
    for term in 1..=terms {
        let scale: f64 = pieces.iter().map(Piece::distance).sum();
        pieces = pieces
            .into_iter()
            .flat_map(|piece| piece.with_term(scale))
            .collect();
        let (mut product, mut square) = (0.0, 0.0);
        for piece in &pieces {
            let [first, share] = piece.moments();
            product += piece.value * first;
            square += piece.value * piece.value * share;
        }
        sums.push(Binaries {
            terms: term,
            scale,
            angle_deg: angle_deg(product / square.sqrt()),
            distortion: 1.0 - 2.0 * product + square,
        });
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_those_of_the_table() {
        let found = greedy_binaries(5);
        // The table's are measured, the first 0.02° off.
        for (sum, expected) in found.iter().zip([37.07, 20.78, 13.44, 9.89, 8.14]) {
            assert!((sum.angle_deg - expected).abs() < 0.03, "{sum:?}");
        }
        let one = found[0];
        assert!((one.scale - std::f64::consts::FRAC_2_PI.sqrt()).abs() < 1e-14);
        assert!((one.distortion - (1.0 - std::f64::consts::FRAC_2_PI)).abs() < 1e-14);
    }

    #[test]
    fn each_term_leaves_less() {
        let found = greedy_binaries(8);
        assert!(
            found
                .windows(2)
                .all(|two| two[1].distortion < two[0].distortion)
        );
        // A term takes off the square of its scale: the sign is at right angles to what is left.
        for two in found.windows(2) {
            let left = two[0].distortion - two[1].scale * two[1].scale;
            assert!((two[1].distortion - left).abs() < 1e-12);
        }
    }
}
