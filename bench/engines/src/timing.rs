//! Slices of the two sides in turn, so that what slows the machine slows both.

use std::error::Error;
use std::time::{Duration, Instant};

/// The shortest slice; calls are repeated to fill it.
const SLICE: Duration = Duration::from_millis(4);

/// Nanoseconds per call, one entry per pair of neighbouring slices.
pub struct Pairs {
    /// Of `orthant-kernels`.
    pub ours: Vec<f64>,
    /// Of `numkong`.
    pub theirs: Vec<f64>,
}

impl Pairs {
    /// How many times as fast as the other side ours is, pair by pair.
    pub fn ratios(&self) -> Vec<f64> {
        let pairs = self.ours.iter().zip(&self.theirs);
        pairs.map(|(ours, theirs)| theirs / ours).collect()
    }
}

/// Times `slices` slices of each side; they take turns, and turns in going first.
///
/// Both sides have run before, so that their memory is mapped and their code is in the cache.
pub fn alternate(
    slices: usize,
    mut ours: impl FnMut() -> Result<(), Box<dyn Error>>,
    mut theirs: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<Pairs, Box<dyn Error>> {
    let (our_calls, their_calls) = (calls_per_slice(&mut ours)?, calls_per_slice(&mut theirs)?);
    let mut pairs = Pairs {
        ours: Vec::with_capacity(slices),
        theirs: Vec::with_capacity(slices),
    };
    for slice in 0..slices {
        if slice % 2 == 0 {
            pairs.ours.push(time_ns(our_calls, &mut ours)?);
            pairs.theirs.push(time_ns(their_calls, &mut theirs)?);
        } else {
            pairs.theirs.push(time_ns(their_calls, &mut theirs)?);
            pairs.ours.push(time_ns(our_calls, &mut ours)?);
        }
    }
    Ok(pairs)
}

/// Calls that fill a slice, at least one.
fn calls_per_slice(
    call: &mut impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<u32, Box<dyn Error>> {
    let mut calls = 1;
    loop {
        let slice_ns = time_ns(calls, call)? * f64::from(calls);
        if slice_ns >= SLICE.as_nanos() as f64 {
            return Ok(calls);
        }
        calls *= 2;
    }
}

/// Nanoseconds per call over `calls` calls.
fn time_ns(
    calls: u32,
    call: &mut impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    for _ in 0..calls {
        call()?;
    }
    Ok(start.elapsed().as_nanos() as f64 / f64::from(calls))
}
