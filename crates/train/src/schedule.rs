//! The learning rate over time.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// A schedule, by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", deny_unknown_fields, rename_all = "kebab-case")]
pub enum Schedule {
    /// One rate.
    Constant {
        /// The rate.
        rate: f64,
    },
    /// `start · (end / start)^(epoch / epochs)`, changed once an epoch.
    ///
    /// # Reference
    /// Courbariaux & Hubara 2016, *Binarized Neural Networks*, the authors' CIFAR-10 settings.
    Exponential {
        /// The first epoch's rate.
        start: f64,
        /// What the rate would be in the epoch after the last.
        end: f64,
    },
    /// `end + (start − end) · (1 + cos(π · t)) / 2` over the steps, after a rise in a line.
    ///
    /// # Reference
    /// Loshchilov & Hutter 2017, *SGDR*, eq. 5, arXiv:1608.03983.
    Cosine {
        /// The highest rate.
        start: f64,
        /// The rate at the end.
        #[serde(default)]
        end: f64,
        /// Epochs in which the rate rises first.
        #[serde(default)]
        warmup: f64,
    },
    /// Up in a line to the peak, then down in half a cosine, over the steps.
    ///
    /// # Reference
    /// Smith & Topin 2018, *Super-Convergence*, §3, arXiv:1708.07120.
    OneCycle {
        /// The highest rate.
        peak: f64,
        /// Share of the steps in which it rises.
        #[serde(default = "rise")]
        rise: f64,
        /// The first rate, as a share of the highest.
        #[serde(default = "first")]
        first: f64,
        /// The last rate, as a share of the highest.
        #[serde(default)]
        last: f64,
    },
}

fn rise() -> f64 {
    0.3
}

fn first() -> f64 {
    0.04
}

/// Where in a run a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps taken before this one.
    pub step: u64,
    /// Steps of an epoch, at least 1.
    pub epoch_steps: u64,
    /// Epochs of the run.
    pub epochs: u64,
}

impl Schedule {
    /// The rate of a step.
    pub fn rate(self, at: Progress) -> f64 {
        let steps = (at.epochs * at.epoch_steps).max(1) as f64;
        let half_cosine = |t: f64| (1.0 + (PI * t.clamp(0.0, 1.0)).cos()) / 2.0;
        match self {
            Self::Constant { rate } => rate,
            Self::Exponential { start, end } => {
                let epoch = at.step / at.epoch_steps;
                start * (end / start).powf(epoch as f64 / at.epochs.max(1) as f64)
            }
            Self::Cosine { start, end, warmup } => {
                let rising = warmup * at.epoch_steps as f64;
                let step = at.step as f64;
                if step < rising {
                    return start * (step + 1.0) / (rising + 1.0);
                }
                let t = (step - rising) / (steps - rising).max(1.0);
                end + (start - end) * half_cosine(t)
            }
            Self::OneCycle {
                peak,
                rise,
                first,
                last,
            } => {
                let (step, rising) = (at.step as f64, rise * steps);
                if step < rising {
                    return peak * (first + (1.0 - first) * step / rising);
                }
                let t = (step - rising) / (steps - rising).max(1.0);
                peak * (last + (1.0 - last) * half_cosine(t))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(schedule: Schedule, step: u64) -> f64 {
        schedule.rate(Progress {
            step,
            epoch_steps: 990,
            epochs: 500,
        })
    }

    #[test]
    fn the_paper_s_factor_an_epoch_is_0_983907() {
        let schedule = Schedule::Exponential {
            start: 1e-3,
            end: 3e-7,
        };
        assert_eq!(rate(schedule, 0), 1e-3);
        assert_eq!(rate(schedule, 989), 1e-3);
        assert!((rate(schedule, 990) / 1e-3 - 0.983907).abs() < 1e-6);
        assert!((rate(schedule, 990 * 499) / 0.983907 - 3.1e-7).abs() < 1e-8);
    }

    #[test]
    fn curves_pass_through_their_points() {
        let cosine = Schedule::Cosine {
            start: 1.0,
            end: 0.1,
            warmup: 10.0,
        };
        assert!(rate(cosine, 0) < 0.001);
        assert_eq!(rate(cosine, 9900), 1.0);
        assert!((rate(cosine, 9900 + 485_100 / 2) - 0.55).abs() < 1e-6);
        assert!((rate(cosine, 494_999) - 0.1).abs() < 1e-6);
        let cycle = Schedule::OneCycle {
            peak: 2.0,
            rise: 0.4,
            first: 0.1,
            last: 0.01,
        };
        assert_eq!(rate(cycle, 0), 0.2);
        assert!((rate(cycle, 198_000) - 2.0).abs() < 1e-9);
        assert!((rate(cycle, 99_000) - 1.1).abs() < 1e-9);
        assert!((rate(cycle, 494_999) - 0.02).abs() < 1e-6);
    }
}
