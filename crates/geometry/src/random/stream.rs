//! Random numbers that depend on what they are for, never on who draws them first.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A stream of random numbers, one for each seed, purpose, number of dimensions and chunk.
#[derive(Debug, Clone)]
pub struct Stream(pub(crate) ChaCha8Rng);

/// What a stream is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The caller's own.
    Caller = 0,
    /// Vectors whose angles are measured.
    Angles = 1,
    /// Vectors that are rotated, and the rotations.
    Rotated = 2,
}

impl Stream {
    /// The caller's own stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self::of(seed, Purpose::Caller, 0, 0)
    }

    pub(crate) fn of(seed: u64, purpose: Purpose, dimensions: usize, chunk: usize) -> Self {
        let mut key = [0; 32];
        let numbers = [seed, purpose as u64, dimensions as u64, chunk as u64];
        for (to, number) in key.chunks_exact_mut(8).zip(numbers) {
            to.copy_from_slice(&number.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }
}
