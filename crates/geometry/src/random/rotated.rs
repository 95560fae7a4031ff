//! The generalised binarization transform: rotate, binarize, rotate back (T7).

use rayon::prelude::*;
use serde::Serialize;

use crate::random::angles::AngleSamples;
use crate::random::haar::HaarRotation;
use crate::random::hadamard::HadamardRotation;
use crate::random::stream::{Purpose, Stream};

/// How vectors are rotated before they are made binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rotating {
    /// Not at all: plain signs.
    Plain,
    /// By a [`HaarRotation`].
    Haar,
    /// By a [`HadamardRotation`].
    Hadamard,
}

/// Samples that share a stream.
const CHUNK: usize = 4;

/// Angles between Gaussian vectors `u : [d]` whose coordinates have the given deviations and
/// `θ_R(u) = Rᵀ sign(R u)`.
///
/// Every sample has a rotation of its own, so that samples are independent; a Haar rotation costs
/// `O(d²)`. A rotation back changes no angle and is left out. Null model: plain,
/// [`scaled_sign_cosine`](crate::scaled_sign_cosine); Haar,
/// [`gaussian_signs`](crate::gaussian_signs) exactly, whatever the deviations.
pub fn rotated_angles(
    deviations: &[f64],
    rotating: Rotating,
    samples: usize,
    seed: u64,
) -> AngleSamples {
    let d = deviations.len();
    let chunk = |at: usize| {
        let mut stream = Stream::of(seed, Purpose::Rotated, d, at as u64);
        let count = CHUNK.min(samples - at * CHUNK);
        let mut sample = || {
            let mut u: Vec<f64> = deviations.iter().map(|s| s * stream.normal()).collect();
            match rotating {
                Rotating::Plain => sign_cosine(&u),
                Rotating::Haar => {
                    HaarRotation::random(d, &mut stream).rotate_in_place(&mut u);
                    sign_cosine(&u)
                }
                Rotating::Hadamard => {
                    sign_cosine(&HadamardRotation::random(d, &mut stream).rotate(&u))
                }
            }
        };
        (0..count).map(|_| sample()).collect()
    };
    let chunks = samples.div_ceil(CHUNK);
    AngleSamples::collect((0..chunks).into_par_iter().map(chunk).collect())
}

/// The cosine to the signs, in f64: deviations may span more than f32 holds.
fn sign_cosine(u: &[f64]) -> Option<f64> {
    let sum: f64 = u.iter().map(|x| x.abs()).sum();
    let square: f64 = u.iter().map(|x| x * x).sum();
    let norms = (square * u.len() as f64).sqrt();
    (norms > 0.0 && norms.is_finite()).then(|| sum / norms)
}
