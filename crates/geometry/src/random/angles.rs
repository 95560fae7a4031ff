//! Angles between random vectors, and between them and what quantizers make of them.

use rayon::prelude::*;
use serde::Serialize;

use crate::random::stream::{Purpose, Stream};
use crate::theory::Distribution;
use crate::{Estimate, Spread, angle_deg, binarization_cosine, cosine, ternarization_cosine};

/// What a random vector's angle is measured to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "counterpart")]
pub enum Counterpart {
    /// Another vector of the same distribution.
    Vector,
    /// Its own signs.
    Signs,
    /// What `ternarize` makes of it.
    Ternary {
        /// The threshold in standard deviations.
        threshold_sigma: f64,
    },
}

/// Angles that were measured on random vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct AngleSamples {
    /// Cosine of each angle, in the order of drawing.
    pub cosines: Vec<f64>,
    /// Samples without an angle: ternary vectors of nothing but zeros.
    pub undefined: u64,
}

impl AngleSamples {
    /// The angles in degrees.
    pub fn angles_deg(&self) -> Vec<f64> {
        self.cosines
            .iter()
            .map(|&cosine| angle_deg(cosine))
            .collect()
    }

    /// Mean and deviation of the angle, in degrees.
    pub fn angle_deg(&self) -> Spread {
        Spread::of(&self.angles_deg())
    }

    /// Mean and deviation of the cosine.
    pub fn cosine(&self) -> Spread {
        Spread::of(&self.cosines)
    }

    /// The share of samples for which an angle is defined.
    pub fn defined_share(&self) -> Estimate {
        let defined = self.cosines.len() as f64;
        let samples = self.cosines.len() as u64 + self.undefined;
        let share = defined / samples as f64;
        Estimate {
            value: share,
            standard_error: (share * (1.0 - share) / samples as f64).sqrt(),
            samples,
        }
    }

    pub(crate) fn collect(chunks: Vec<Vec<Option<f64>>>) -> Self {
        let samples: usize = chunks.iter().map(Vec::len).sum();
        let cosines: Vec<_> = chunks.into_iter().flatten().flatten().collect();
        Self {
            undefined: (samples - cosines.len()) as u64,
            cosines,
        }
    }
}

/// Samples that share a stream.
const CHUNK: usize = 64;

/// Draws vectors `u : [d]` and measures their angles, on the threads of rayon's pool.
///
/// Independent samples; those of one seed and `d` are of the same vectors, whatever the counterpart
/// is but another vector. Null model: [`gaussian_signs`](crate::gaussian_signs),
/// [`RandomPair`](crate::RandomPair) and [`AngleLimit::at`](crate::AngleLimit::at).
///
/// # Panics
/// If a parameter of the distribution is outside its range.
pub fn random_angles(
    d: usize,
    distribution: &Distribution,
    counterpart: Counterpart,
    samples: usize,
    seed: u64,
) -> AngleSamples {
    let chunk = |at: usize| {
        let mut stream = Stream::of(seed, Purpose::Angles, d, at as u64);
        let count = CHUNK.min(samples - at * CHUNK);
        let mut u = vec![0.0; d];
        let mut v = vec![
            0.0;
            if counterpart == Counterpart::Vector {
                d
            } else {
                0
            }
        ];
        let mut sample = || {
            stream.fill(distribution, &mut u);
            match counterpart {
                Counterpart::Vector => {
                    stream.fill(distribution, &mut v);
                    cosine(&u, &v)
                }
                Counterpart::Signs => binarization_cosine(&u),
                Counterpart::Ternary { threshold_sigma } => {
                    ternarization_cosine(&u, threshold_sigma as f32)
                }
            }
        };
        (0..count).map(|_| sample()).collect()
    };
    let chunks = samples.div_ceil(CHUNK);
    AngleSamples::collect((0..chunks).into_par_iter().map(chunk).collect())
}
