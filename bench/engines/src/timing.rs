//! Slices of several sides in turn, so that what slows the machine slows all.

use std::error::Error;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// What one side does while it is timed.
pub type Call<'a> = Box<dyn FnMut() -> Result<(), Box<dyn Error>> + 'a>;

/// Nanoseconds per call, one entry per slice; those of the same slice are neighbours in time.
#[derive(Default)]
pub struct Times {
    /// As the clock on the wall has it.
    pub wall_ns: Vec<f64>,
    /// Of all threads of the process together; more than the wall's if several worked at once.
    pub cpu_ns: Vec<f64>,
}

/// Times `slices` slices of each side; they take turns, and turns in going first.
///
/// A slice takes at least `shortest`; calls are repeated to fill it. Every side has run before, so
/// that its memory is mapped and its code is in the cache.
///
/// # Errors
/// The first error of a call.
pub fn alternate(
    slices: usize,
    shortest: Duration,
    sides: &mut [Call<'_>],
) -> Result<Vec<Times>, Box<dyn Error>> {
    let mut calls = Vec::with_capacity(sides.len());
    for side in &mut *sides {
        calls.push(calls_per_slice(shortest, side)?);
    }
    let mut times: Vec<Times> = sides.iter().map(|_| Times::default()).collect();
    for slice in 0..slices {
        for turn in 0..sides.len() {
            let side = (slice + turn) % sides.len();
            let (wall_ns, cpu_ns) = time_ns(calls[side], &mut sides[side])?;
            times[side].wall_ns.push(wall_ns);
            times[side].cpu_ns.push(cpu_ns);
        }
    }
    Ok(times)
}

/// Calls that fill a slice, at least one.
fn calls_per_slice(shortest: Duration, call: &mut Call<'_>) -> Result<u32, Box<dyn Error>> {
    let mut calls = 1;
    loop {
        let slice_ns = time_ns(calls, call)?.0 * f64::from(calls);
        if slice_ns >= shortest.as_nanos() as f64 {
            return Ok(calls);
        }
        calls *= 2;
    }
}

/// Nanoseconds per call over `calls` calls, on the wall and of the processor.
fn time_ns(calls: u32, call: &mut Call<'_>) -> Result<(f64, f64), Box<dyn Error>> {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    for _ in 0..calls {
        call()?;
    }
    let per_call = |time: Duration| time.as_nanos() as f64 / f64::from(calls);
    Ok((per_call(wall.elapsed()), per_call(cpu.elapsed())))
}
