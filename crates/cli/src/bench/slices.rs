//! Timing in short slices that take turns, so that a drifting machine slows all sides alike.

use std::time::Instant;

use anyhow::Result;
use cpu_time::ThreadTime;
use rayon::ThreadPool;
use rayon::prelude::*;

/// The length that a slice aims at, in seconds; one step may be longer.
const SLICE_S: f64 = 1.5e-3;

/// What a worker repeats.
type Step<'a, W> = Box<dyn Fn(&mut W) -> Result<()> + Sync + 'a>;

/// Something to time: a step that every worker repeats.
pub struct Side<'a, W> {
    workers: Vec<W>,
    step: Step<'a, W>,
    steps: u32,
}

impl<'a, W: Send> Side<'a, W> {
    /// A side whose slice is as many steps as fit, found by trying.
    pub fn new(
        pool: &ThreadPool,
        workers: Vec<W>,
        step: impl Fn(&mut W) -> Result<()> + Sync + 'a,
    ) -> Result<Self> {
        let mut side = Self {
            workers,
            step: Box::new(step),
            steps: 1,
        };
        side.slice(pool)?;
        loop {
            let seconds = side.slice(pool)?;
            if seconds * 2.0 > SLICE_S || side.steps > 1 << 24 {
                return Ok(side);
            }
            side.steps *= 2;
        }
    }

    /// Seconds of one slice.
    ///
    /// One worker runs on the calling thread and counts its processor time, which leaves out what
    /// other programs take; several run on the pool and count the time on the clock.
    fn slice(&mut self, pool: &ThreadPool) -> Result<f64> {
        let (step, steps) = (&self.step, self.steps);
        if let [worker] = &mut self.workers[..] {
            let start = ThreadTime::now();
            for _ in 0..steps {
                step(worker)?;
            }
            return Ok(start.elapsed().as_secs_f64());
        }
        let start = Instant::now();
        pool.install(|| {
            self.workers
                .par_iter_mut()
                .with_max_len(1)
                .try_for_each(|worker| (0..steps).try_for_each(|_| step(worker)))
        })?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Seconds of one step of every worker at once.
    pub fn step_seconds(&mut self, pool: &ThreadPool) -> Result<f64> {
        Ok(self.slice(pool)? / f64::from(self.steps))
    }
}

/// Median of some numbers, and the quartiles around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// A quarter of the numbers lie below.
    pub low: f64,
    /// Half of the numbers lie below.
    pub median: f64,
    /// A quarter of the numbers lie above.
    pub high: f64,
}

impl Spread {
    /// The spread of at least one number.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut numbers: Vec<_> = numbers.into_iter().collect();
        numbers.sort_by(f64::total_cmp);
        let at = |share: f64| numbers[((numbers.len() - 1) as f64 * share).round() as usize];
        Self {
            low: at(0.25),
            median: at(0.5),
            high: at(0.75),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_the_quartiles() {
        let spread = Spread::of([5.0, 1.0, 3.0, 2.0, 4.0]);
        assert_eq!(
            spread,
            Spread {
                low: 2.0,
                median: 3.0,
                high: 4.0
            }
        );
        assert_eq!(
            Spread::of([7.0]),
            Spread {
                low: 7.0,
                median: 7.0,
                high: 7.0
            }
        );
    }
}
