//! Random numbers that depend on a seed and on what they are for.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What numbers are drawn for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The permutation of a batch.
    Permutation = 1,
    /// Output positions.
    Positions = 2,
    /// Weights of filters that nobody has learnt.
    Filters = 3,
    /// A rotation.
    Rotation = 4,
}

/// A stream for every purpose, layer and place.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64, purpose: Purpose, layer: usize, place: u64) -> Self {
        let mut key = [0; 32];
        let numbers = [seed, purpose as u64, layer as u64, place];
        for (to, number) in key.chunks_exact_mut(8).zip(numbers) {
            to.copy_from_slice(&number.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `end`, to one part in 2^64 / end.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// A number of the standard normal distribution.
    ///
    /// # Reference
    /// Box & Muller 1958, *A Note on the Generation of Random Normal Deviates*.
    pub(crate) fn normal(&mut self) -> f64 {
        let mut unit = || ((self.0.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        let radius = (-2.0 * unit().ln()).sqrt();
        radius * (core::f64::consts::TAU * unit()).cos()
    }
}
