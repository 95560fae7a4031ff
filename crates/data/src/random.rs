//! Streams of random numbers: ChaCha with 8 rounds, keyed by what is drawn from them.
//!
//! ```text
//! key    : seed u64, epoch u64, 16 bytes of purpose       integers little-endian
//! stream : number of the image in the epoch; 0 for the order of the images;
//!          number of the split for the order in which a split is read, of seed and epoch 0
//! ```
//!
//! A stream depends on nothing drawn elsewhere, so work may be divided and repeated at will. The
//! generator's values are part of its interface; the two algorithms here are written out, since
//! a library may change its own with a release.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream that orders an epoch.
    pub(crate) fn order(seed: u64, epoch: u64) -> Self {
        Self::keyed(seed, epoch, b"orthant order\0\0\0", 0)
    }

    /// The stream that augments the image at `position` of an epoch.
    pub(crate) fn augment(seed: u64, epoch: u64, position: usize) -> Self {
        Self::keyed(seed, epoch, b"orthant augment\0", position as u64)
    }

    /// The stream that mixes the images of a split as they are read: 0 training, 1 test.
    pub(crate) fn mix(split: u64) -> Self {
        Self::keyed(0, 0, b"orthant mix\0\0\0\0\0", split)
    }

    fn keyed(seed: u64, epoch: u64, purpose: &[u8; 16], stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&epoch.to_le_bytes());
        key[16..].copy_from_slice(purpose);
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A number below `bound`, each equally likely.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "no number is below 0");
        let bound = bound as u64;
        // 2^64 mod bound; as many of the last draws would favour small remainders.
        let excess = (u64::MAX % bound + 1) % bound;
        loop {
            let draw = self.0.next_u64();
            if draw <= u64::MAX - excess {
                return (draw % bound) as usize;
            }
        }
    }

    /// The numbers below `len` in an order, each order equally likely.
    ///
    /// # Reference
    /// Knuth, *The Art of Computer Programming* 2, 3rd ed., §3.4.2, algorithm P.
    pub(crate) fn permutation(&mut self, len: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..len).collect();
        for last in (1..len).rev() {
            numbers.swap(last, self.below(last + 1));
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_stay_as_they_are() {
        // Printed by random/golden.py, which has a ChaCha of its own.
        let order = Stream::order(7, 3).permutation(12);
        assert_eq!(order, [7, 4, 8, 3, 10, 0, 6, 5, 11, 9, 2, 1]);
        let mixed = Stream::mix(1).permutation(12);
        assert_eq!(mixed, [4, 9, 2, 11, 8, 10, 0, 3, 6, 1, 7, 5]);
        let mut stream = Stream::augment(7, 3, 5);
        assert_eq!([9, 9, 2, 1].map(|bound| stream.below(bound)), [2, 3, 1, 0]);
    }

    #[test]
    fn streams_differ_by_each_part_of_their_key() {
        let first = |mut stream: Stream| stream.below(usize::MAX);
        let draws = [
            first(Stream::order(1, 2)),
            first(Stream::order(2, 1)),
            first(Stream::order(1, 3)),
            first(Stream::augment(1, 2, 0)),
            first(Stream::augment(1, 2, 1)),
            first(Stream::augment(1, 3, 0)),
            first(Stream::order(0, 0)),
            first(Stream::mix(0)),
            first(Stream::mix(1)),
        ];
        for (index, draw) in draws.iter().enumerate() {
            assert!(!draws[..index].contains(draw));
        }
    }

    #[test]
    fn every_order_of_four_is_as_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..24_000 {
            let order = Stream::order(0, epoch).permutation(4);
            *counts.entry(order).or_insert(0_i32) += 1;
        }
        assert_eq!(counts.len(), 24);
        // 1,000 expected of each, with a standard deviation of 31.
        assert!(counts.values().all(|count| (count - 1000).abs() < 155));
    }

    proptest! {
        #[test]
        fn a_permutation_has_every_number_once(seed: u64, epoch: u64, len in 0_usize..300) {
            let mut numbers = Stream::order(seed, epoch).permutation(len);
            numbers.sort_unstable();
            prop_assert!(numbers.into_iter().eq(0..len));
        }

        #[test]
        fn a_draw_is_below_its_bound(seed: u64, bound in 1..=usize::MAX) {
            prop_assert!(Stream::order(seed, 0).below(bound) < bound);
        }
    }
}
