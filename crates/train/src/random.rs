//! Random numbers that depend on what they are for, never on who draws them first.

use orthant_bits::sign;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Initial weights.
    Weights = 1,
    /// Inputs that dropout leaves out.
    Dropout = 2,
    /// Stochastic activations.
    Activations = 3,
    /// Stochastic weights.
    StochasticWeights = 4,
    /// Weights that are rounded after a step.
    Rounding = 5,
    /// Gradients that a backward pass rounds to integers.
    GradientRounding = 6,
}

/// A stream of its own for every purpose, step, layer and place in it.
///
/// The four numbers and the seed are the key of a ChaCha8 generator, so that a stream can be drawn
/// by any thread at any time.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a place: `step` counts from the start of the run, `place` inside a layer.
    pub fn new(seed: u64, purpose: Purpose, step: u64, layer: usize, place: usize) -> Self {
        let mut key = [0; 32];
        let tag = (purpose as u64) << 56 | (layer as u64) << 32 | place as u64;
        for (to, number) in key.chunks_exact_mut(8).zip([seed, step, tag, 0]) {
            to.copy_from_slice(&number.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number in (0, 1], a multiple of 2^-24.
    #[inline]
    pub fn unit(&mut self) -> f32 {
        ((self.0.next_u32() >> 8) + 1) as f32 / (1 << 24) as f32
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from the standard normal distribution.
    ///
    /// # Reference
    /// Box & Muller 1958, *A Note on the Generation of Random Normal Deviates*.
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * f64::from(self.unit()).ln()).sqrt();
        let angle = core::f64::consts::TAU * f64::from(self.unit());
        (radius * angle.cos()) as f32
    }
}

/// Where a layer draws from: a stream for each place, an image or a task.
pub type Draw<'a> = &'a (dyn Fn(usize) -> Stream + Sync);

/// Rounds each number to +1 with probability `(v + 1) / 2`, cut to [0, 1], and else to −1.
///
/// Between −1 and 1 the mean is the number.
///
/// # Reference
/// Hubara et al. 2016, *Binarized Neural Networks*, eq. 2, arXiv:1602.02830.
pub fn round(values: &mut [f32], stream: &mut Stream) {
    randomize(values, stream);
    values.iter_mut().for_each(|value| *value = sign(*value));
}

/// Replaces each number by one whose sign is +1 with probability `(v + 1) / 2`, cut to [0, 1].
///
/// # Reference
/// Hubara et al. 2016, *Binarized Neural Networks*, eq. 2, arXiv:1602.02830.
pub fn randomize(values: &mut [f32], stream: &mut Stream) {
    for value in values {
        // A draw is above 0, so that a probability of 0 never gives +1.
        *value = ((*value + 1.0) * 0.5).clamp(0.0, 1.0) - stream.unit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_key_s() {
        let draw = |step, layer, place| {
            let mut stream = Stream::new(7, Purpose::Dropout, step, layer, place);
            [stream.unit(), stream.unit()]
        };
        assert_eq!(draw(1, 2, 3), draw(1, 2, 3));
        for other in [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)] {
            assert_ne!(other, draw(1, 2, 3));
        }
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::new(0, Purpose::Weights, 0, 0, 0);
        let n = 40_000;
        let units: Vec<f64> = (0..n).map(|_| f64::from(stream.unit())).collect();
        assert!(units.iter().all(|u| *u > 0.0 && *u <= 1.0));
        let normals: Vec<f64> = (0..n).map(|_| f64::from(stream.normal())).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / f64::from(n);
        let square = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>() / f64::from(n);
        // Four standard errors of each.
        assert!((mean(&units) - 0.5).abs() < 4.0 * 0.2887 / 200.0);
        assert!(mean(&normals).abs() < 4.0 / 200.0);
        assert!((square(&normals) - 1.0).abs() < 4.0 * std::f64::consts::SQRT_2 / 200.0);
    }

    #[test]
    fn chance_is_the_hard_sigmoid() {
        let n = 20_000;
        for (value, expected) in [
            (-1.5, 0.0),
            (-1.0, 0.0),
            (-0.5, 0.25),
            (0.3, 0.65),
            (1.0, 1.0),
        ] {
            let mut stream = Stream::new(3, Purpose::Activations, 0, 0, 0);
            let mut values = vec![value; n];
            randomize(&mut values, &mut stream);
            let share = values.iter().filter(|v| **v >= 0.0).count() as f64 / n as f64;
            let error: f64 = expected * (1.0 - expected) / n as f64;
            assert!(
                (share - expected).abs() <= 4.0 * error.sqrt(),
                "{value}: {share}"
            );
        }
    }
}
