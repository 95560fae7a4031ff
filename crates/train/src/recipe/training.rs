//! The training part of a recipe.

use serde::{Deserialize, Serialize};

use crate::loss::Loss;
use crate::optimizer::{Adam, Rule, Sgd};
use crate::schedule::Schedule;

/// How a network is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TrainingRecipe {
    /// Times that every image is seen; 0 writes the initial weights.
    pub epochs: usize,
    /// Images of a step.
    pub batch: usize,
    /// Of every random number of the run.
    #[serde(default)]
    pub seed: u64,
    /// Latent weights of quantized layers are cut to this magnitude after every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_clip: Option<f32>,
    /// Every gradient is cut to this magnitude before the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clip: Option<f32>,
    /// All gradients together are scaled down to this Euclidean length before the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_norm: Option<f32>,
    /// Whether a layer's step is multiplied with its inverse Glorot coefficient.
    #[serde(default)]
    pub glorot_step: bool,
    /// The loss.
    pub loss: LossRecipe,
    /// The optimizer.
    pub optimizer: OptimizerRecipe,
    /// The learning rate over time.
    pub schedule: ScheduleRecipe,
}

/// Names of [`Loss`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", deny_unknown_fields, rename_all = "kebab-case")]
pub enum LossRecipe {
    /// Squared hinge.
    SquaredHinge {},
    /// Cross-entropy.
    CrossEntropy {
        /// Share of the target that is spread over all classes.
        #[serde(default)]
        smoothing: f32,
    },
}

impl From<LossRecipe> for Loss {
    fn from(recipe: LossRecipe) -> Self {
        match recipe {
            LossRecipe::SquaredHinge {} => Self::SquaredHinge,
            LossRecipe::CrossEntropy { smoothing } => Self::CrossEntropy { smoothing },
        }
    }
}

/// Names of [`Rule`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", deny_unknown_fields, rename_all = "kebab-case")]
pub enum OptimizerRecipe {
    /// Adam.
    Adam {
        /// Share of the mean gradient that a step keeps.
        #[serde(default = "beta1")]
        beta1: f32,
        /// Share of the mean square that a step keeps.
        #[serde(default = "beta2")]
        beta2: f32,
        /// Added to the root of the mean square.
        #[serde(default = "epsilon")]
        epsilon: f32,
    },
    /// Stochastic gradient descent.
    Sgd {
        /// Share of the last step that joins the next.
        #[serde(default)]
        momentum: f32,
    },
}

fn beta1() -> f32 {
    0.9
}

fn beta2() -> f32 {
    0.999
}

fn epsilon() -> f32 {
    1e-8
}

impl From<OptimizerRecipe> for Rule {
    fn from(recipe: OptimizerRecipe) -> Self {
        match recipe {
            OptimizerRecipe::Adam {
                beta1,
                beta2,
                epsilon,
            } => Self::Adam(Adam {
                beta1,
                beta2,
                epsilon,
            }),
            OptimizerRecipe::Sgd { momentum } => Self::Sgd(Sgd { momentum }),
        }
    }
}

/// Names of [`Schedule`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", deny_unknown_fields, rename_all = "kebab-case")]
pub enum ScheduleRecipe {
    /// One rate.
    Constant {
        /// The rate.
        rate: f64,
    },
    /// A factor every epoch.
    Exponential {
        /// The first epoch's rate.
        start: f64,
        /// What the rate would be in the epoch after the last.
        end: f64,
    },
    /// Half a cosine, step by step.
    Cosine {
        /// The highest rate.
        start: f64,
        /// The rate at the end.
        #[serde(default)]
        end: f64,
        /// Epochs in which the rate rises to `start` first.
        #[serde(default)]
        warmup: f64,
    },
    /// Up in a line, down in a cosine, step by step.
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

impl From<ScheduleRecipe> for Schedule {
    fn from(recipe: ScheduleRecipe) -> Self {
        match recipe {
            ScheduleRecipe::Constant { rate } => Self::Constant { rate },
            ScheduleRecipe::Exponential { start, end } => Self::Exponential { start, end },
            ScheduleRecipe::Cosine { start, end, warmup } => Self::Cosine { start, end, warmup },
            ScheduleRecipe::OneCycle {
                peak,
                rise,
                first,
                last,
            } => Self::OneCycle {
                peak,
                rise,
                first,
                last,
            },
        }
    }
}

impl TrainingRecipe {
    /// `Ok` when every number is in its range; else its key and value, and the range.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let mut rules: Vec<(&str, f64, bool, &'static str)> = vec![
            (
                "training.batch",
                self.batch as f64,
                self.batch > 0,
                "at least 1",
            ),
            (
                "training.epochs",
                self.epochs as f64,
                self.epochs < 1 << 32,
                "less than 2^32",
            ),
            // What TOML can hold.
            (
                "training.seed",
                self.seed as f64,
                self.seed < 1 << 63,
                "less than 2^63",
            ),
        ];
        let limits = [
            ("training.weight-clip", self.weight_clip),
            ("training.gradient-clip", self.gradient_clip),
            ("training.gradient-norm", self.gradient_norm),
        ];
        for (key, limit) in limits {
            if let Some(limit) = limit {
                let is_right = limit.is_finite() && limit > 0.0;
                rules.push((key, f64::from(limit), is_right, "a number above 0"));
            }
        }
        if let ScheduleRecipe::Cosine { warmup, .. } = self.schedule {
            let is_right = warmup <= self.epochs as f64;
            let expected = "at most the epochs of the run";
            rules.push(("training.schedule.warmup", warmup, is_right, expected));
        }
        let mut rate = |key, rate: f64, zero_allowed: bool| {
            let is_right = (rate as f32).is_finite() && (rate > 0.0 || zero_allowed && rate == 0.0);
            let expected = if zero_allowed {
                "a number that is not negative"
            } else {
                "a number above 0; with a rate of 0 nothing is learnt"
            };
            rules.push((key, rate, is_right, expected));
        };
        match self.schedule {
            ScheduleRecipe::Constant { rate: one } => rate("training.schedule.rate", one, false),
            ScheduleRecipe::Exponential { start, end } => {
                rate("training.schedule.start", start, false);
                rate("training.schedule.end", end, false);
            }
            ScheduleRecipe::Cosine { start, end, warmup } => {
                rate("training.schedule.start", start, false);
                rate("training.schedule.end", end, true);
                rate("training.schedule.warmup", warmup, true);
            }
            ScheduleRecipe::OneCycle {
                peak,
                rise,
                first,
                last,
            } => {
                rate("training.schedule.peak", peak, false);
                rate("training.schedule.first", first, true);
                rate("training.schedule.last", last, true);
                let is_right = (0.0..=1.0).contains(&rise);
                rules.push((
                    "training.schedule.rise",
                    rise,
                    is_right,
                    "a share from 0 to 1",
                ));
            }
        }
        let mut share = |key, share: f32| {
            let is_right = (0.0..1.0).contains(&share);
            rules.push((
                key,
                f64::from(share),
                is_right,
                "a share from 0 up to but not 1",
            ));
        };
        match self.optimizer {
            OptimizerRecipe::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                share("training.optimizer.beta1", beta1);
                share("training.optimizer.beta2", beta2);
                let is_right = epsilon.is_finite() && epsilon > 0.0;
                let (key, value) = ("training.optimizer.epsilon", f64::from(epsilon));
                rules.push((key, value, is_right, "a number above 0"));
            }
            OptimizerRecipe::Sgd { momentum } => share("training.optimizer.momentum", momentum),
        }
        if let LossRecipe::CrossEntropy { smoothing } = self.loss {
            let is_right = (0.0..1.0).contains(&smoothing);
            let (key, value) = ("training.loss.smoothing", f64::from(smoothing));
            rules.push((key, value, is_right, "a share from 0 up to but not 1"));
        }
        match rules.into_iter().find(|(_, _, is_right, _)| !is_right) {
            Some((key, value, _, expected)) => Err((format!("{key} = {value}"), expected)),
            None => Ok(()),
        }
    }
}
