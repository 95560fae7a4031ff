//! An epoch as far as it is done.

use orthant_model::WeightQuantizer;
use serde::{Deserialize, Serialize};

use crate::{Model, Score};

/// What the steps of an epoch came to, up to one of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Steps.
    pub steps: usize,
    /// Score of their batches, each before its own step.
    pub score: Score,
    /// The last step's rate.
    pub rate: f64,
    /// For each layer, how many weights changed their quantized value in a step, summed over steps;
    /// empty before the first.
    pub flips: Vec<u64>,
    /// Time of the steps.
    pub seconds: f64,
}

impl Tally {
    /// Adds a step.
    pub fn add(&mut self, score: Score, flips: Vec<u64>, rate: f64, seconds: f64) {
        self.steps += 1;
        self.score.add(score);
        self.rate = rate;
        self.seconds += seconds;
        self.flips.resize(flips.len(), 0);
        let sums = self.flips.iter_mut().zip(flips);
        sums.for_each(|(sum, flips)| *sum += flips);
    }

    /// Share of each layer's weights that changed their quantized value in a step, averaged over
    /// the steps; `None` where nothing is quantized, or by chance.
    pub fn flip_ratios(&self, model: &Model) -> Vec<Option<f64>> {
        let layers = model.plans().iter().zip(model.training()).zip(&self.flips);
        let ratio = |((plan, training), flips): ((&orthant_model::LayerPlan, _), &u64)| {
            let training: &crate::LayerTraining = training;
            let is_quantized = plan.quantizer != WeightQuantizer::None;
            let is_counted = is_quantized && !training.stochastic_weights && plan.weights() > 0;
            is_counted.then(|| *flips as f64 / (plan.weights() * self.steps) as f64)
        };
        layers.map(ratio).collect()
    }
}
