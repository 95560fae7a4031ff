//! The training part of a recipe.

use serde::{Deserialize, Serialize};

use crate::loss::Loss;
use crate::optimizer::Rule;
use crate::precision::Precision;
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
    /// Whether quantized layers keep latent weights from step to step. Where they do not, a step
    /// ends with weights rounded to ±1, up or down by chance, so that their mean is kept.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub latent: bool,
    /// In which numbers products of gradients with packed operands are taken.
    #[serde(default, skip_serializing_if = "Precision::is_reference")]
    pub precision: Precision,
    /// Every gradient is cut to this magnitude before the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clip: Option<f32>,
    /// All gradients together are scaled down to this Euclidean length before the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_norm: Option<f32>,
    /// Whether a layer's step is multiplied with its inverse Glorot coefficient, SGD's with the
    /// square.
    #[serde(default)]
    pub glorot_step: bool,
    /// The loss.
    pub loss: LossRecipe,
    /// The optimizer.
    pub optimizer: Rule,
    /// The learning rate over time.
    pub schedule: Schedule,
}

fn yes() -> bool {
    true
}

fn is_true(flag: &bool) -> bool {
    *flag
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

/// Ranges that numbers were found to keep, up to the first that does not.
struct Ranges(Result<(), (String, &'static str)>);

impl Ranges {
    fn require(&mut self, key: &str, value: f64, is_right: bool, expected: &'static str) {
        if self.0.is_ok() && !is_right {
            self.0 = Err((format!("training.{key} = {value}"), expected));
        }
    }

    fn above_zero(&mut self, key: &str, value: f32) {
        let is_right = value.is_finite() && value > 0.0;
        self.require(key, value.into(), is_right, "a number above 0");
    }

    fn share(&mut self, key: &str, value: f32) {
        let is_right = (0.0..1.0).contains(&value);
        self.require(
            key,
            value.into(),
            is_right,
            "a share from 0 up to but not 1",
        );
    }

    /// A rate that something is learnt at; steps are taken in 32 bits.
    fn rate(&mut self, key: &str, value: f64) {
        let is_right = (value as f32).is_finite() && value > 0.0;
        let expected = "a number above 0; with a rate of 0 nothing is learnt";
        self.require(&format!("schedule.{key}"), value, is_right, expected);
    }

    fn not_negative(&mut self, key: &str, value: f64) {
        let is_right = (value as f32).is_finite() && value >= 0.0;
        let expected = "a number that is not negative";
        self.require(&format!("schedule.{key}"), value, is_right, expected);
    }
}

impl TrainingRecipe {
    /// `Ok` when every number is in its range; else its key and value, and the range.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let mut ranges = Ranges(Ok(()));
        ranges.require("batch", self.batch as f64, self.batch > 0, "at least 1");
        let is_right = self.epochs < 1 << 32;
        ranges.require("epochs", self.epochs as f64, is_right, "less than 2^32");
        // What TOML can hold.
        ranges.require(
            "seed",
            self.seed as f64,
            self.seed < 1 << 63,
            "less than 2^63",
        );
        for (key, limit) in [
            ("weight-clip", self.weight_clip),
            ("gradient-clip", self.gradient_clip),
            ("gradient-norm", self.gradient_norm),
        ] {
            limit
                .into_iter()
                .for_each(|limit| ranges.above_zero(key, limit));
        }
        if let LossRecipe::CrossEntropy { smoothing } = self.loss {
            ranges.share("loss.smoothing", smoothing);
        }
        check_rule(&self.optimizer, &mut ranges);
        check_schedule(&self.schedule, &mut ranges, self.epochs);
        ranges.0
    }
}

fn check_rule(rule: &Rule, ranges: &mut Ranges) {
    match rule {
        Rule::Adam(adam) => {
            ranges.share("optimizer.beta1", adam.beta1);
            ranges.share("optimizer.beta2", adam.beta2);
            ranges.above_zero("optimizer.epsilon", adam.epsilon);
        }
        Rule::Sgd(sgd) => ranges.share("optimizer.momentum", sgd.momentum),
    }
}

fn check_schedule(schedule: &Schedule, ranges: &mut Ranges, epochs: usize) {
    match *schedule {
        Schedule::Constant { rate } => ranges.rate("rate", rate),
        Schedule::Exponential { start, end } => {
            ranges.rate("start", start);
            ranges.rate("end", end);
        }
        Schedule::Cosine { start, end, warmup } => {
            ranges.rate("start", start);
            ranges.not_negative("end", end);
            ranges.not_negative("warmup", warmup);
            let expected = "at most the epochs of the run";
            ranges.require("schedule.warmup", warmup, warmup <= epochs as f64, expected);
        }
        Schedule::OneCycle {
            peak,
            rise,
            first,
            last,
        } => {
            ranges.rate("peak", peak);
            ranges.not_negative("first", first);
            ranges.not_negative("last", last);
            let is_right = (0.0..=1.0).contains(&rise);
            ranges.require("schedule.rise", rise, is_right, "a share from 0 to 1");
        }
    }
}
