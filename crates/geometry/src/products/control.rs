//! The permutation control: the layer's input with its entries shuffled.
//!
//! All entries of a batch's tensor trade places, which leaves their distribution and destroys every
//! correlation. The permutation is never written down: a keyed bijection tells where an entry comes
//! from, so that only the patches that are looked at cost anything. Since places mean nothing any
//! more, patches are cut out of the shuffled entries one after another; none has a border.
//!
//! # Reference
//! Anderson & Berg 2018 (permuted activations), arXiv:1705.07199; Luby & Rackoff 1988 for
//! permutations from rounds of keyed functions.

use orthant_bits::ConvShape;
use orthant_model::{Columns, Patches};

use crate::random::{Purpose, Stream};

/// A permutation of `0..len`.
#[derive(Debug, Clone)]
pub(crate) struct Permutation {
    len: u64,
    half_bits: u32,
    keys: [u64; 4],
}

impl Permutation {
    /// A batch's permutation in a layer.
    pub(crate) fn new(seed: u64, layer: usize, batch: u64, len: usize) -> Self {
        let mut stream = Stream::of(seed, Purpose::Permutation, layer, batch);
        let bits = u64::BITS - (len as u64).saturating_sub(1).leading_zeros();
        Self {
            len: len as u64,
            half_bits: bits.div_ceil(2).max(1),
            keys: core::array::from_fn(|_| stream.bits()),
        }
    }

    /// Where the entry at a place comes from.
    pub(crate) fn source(&self, place: usize) -> usize {
        let mut at = place as u64;
        // Places beyond the end are passed through until one lies inside, which it does after a
        // few steps: the power of four above the length is less than four times as large.
        loop {
            at = self.rounds(at);
            if at < self.len {
                return at as usize;
            }
        }
    }

    fn rounds(&self, at: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (at >> self.half_bits, at & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mixed(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

/// The finalizer of SplitMix64.
///
/// # Reference
/// Steele, Lea & Flood 2014, *Fast Splittable Pseudorandom Number Generators*, fig. 14.
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// Output positions of one image whose taps all lie inside it, where a subsample is taken of.
pub(crate) fn interior(shape: &ConvShape, patches: &Patches) -> Vec<usize> {
    let taps = Columns::all(shape, 0).taps;
    let [height, width] = patches.output();
    let is_inside = |position: &usize| {
        let mut taps = taps.clone();
        taps.all(|tap| patches.under(*position, tap).is_some())
    };
    (0..height * width).filter(is_inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_comes_from_one_place() {
        for len in [1, 2, 3, 5, 64, 65, 1000, 4097] {
            for seed in 0..3 {
                let permutation = Permutation::new(seed, 1, 2, len);
                let mut sources: Vec<_> = (0..len).map(|at| permutation.source(at)).collect();
                sources.sort_unstable();
                assert!(sources.into_iter().eq(0..len), "{len}");
            }
        }
    }

    #[test]
    fn neighbours_are_torn_apart() {
        let len = 100_000;
        let permutation = Permutation::new(7, 0, 0, len);
        let together = (1..len)
            .filter(|at| permutation.source(*at).abs_diff(permutation.source(at - 1)) < 100);
        // Two places out of all are within 100 with a probability of 0.002.
        assert!(together.count() < 300);
        let mean: f64 = (0..1000)
            .map(|at| permutation.source(at) as f64)
            .sum::<f64>()
            / 1000.0;
        assert!((mean / len as f64 - 0.5).abs() < 4.0 * (1.0 / 12.0f64 / 1000.0).sqrt());
    }
}
