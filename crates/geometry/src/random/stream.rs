//! Random numbers that depend on what they are for, never on who draws them first.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers, one for each seed, purpose, subject and place.
#[derive(Debug, Clone)]
pub struct Stream(pub(crate) ChaCha8Rng);

/// What a stream is for, and what tells streams of that purpose apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The caller's own.
    Caller = 0,
    /// Vectors whose angles are measured: dimensions, chunk.
    Angles = 1,
    /// Vectors that are rotated, and the rotations: dimensions, chunk.
    Rotated = 2,
    /// The permutation of a batch: layer, batch.
    Permutation = 3,
    /// Output positions: layer, place.
    Positions = 4,
    /// Weights of filters that nobody has learnt.
    Filters = 5,
    /// A rotation: dimensions.
    Rotation = 6,
}

impl Stream {
    /// The caller's own stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self::of(seed, Purpose::Caller, 0, 0)
    }

    pub(crate) fn of(seed: u64, purpose: Purpose, subject: usize, place: u64) -> Self {
        let mut key = [0; 32];
        let numbers = [seed, purpose as u64, subject as u64, place];
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
}
