//! A small generator of test data, the same on every machine.

use alloc::vec::Vec;

/// SplitMix64.
///
/// # Reference
/// Steele, Lea and Flood 2014, *Fast splittable pseudorandom number generators*, fig. 17.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator that repeats itself for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An integer in `0..end`; its bias below 2^-40 does not matter here.
    pub fn below(&mut self, end: usize) -> usize {
        (self.word() % end as u64) as usize
    }

    /// One of `choices`.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// `len` numbers of `choices`.
    pub fn picks<T: Copy>(&mut self, len: usize, choices: &[T]) -> Vec<T> {
        (0..len).map(|_| self.pick(choices)).collect()
    }

    /// A float in [−1, 1), in steps of 2^-23.
    pub fn unit(&mut self) -> f32 {
        (self.word() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// `len` floats in [−1, 1).
    pub fn units(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| self.unit()).collect()
    }
}
