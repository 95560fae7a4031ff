//! A network that can be trained: its layers, how each trains, and its parameters.

use orthant_model::{BatchNorm, Layer, LayerPlan, Network, NormSpec, WeightQuantizer};
use rayon::prelude::*;

use crate::Error;
use crate::init::Initializer;
use crate::pass::Draws;
use crate::quantizer::{Slope, Surrogate};
use crate::random::{Purpose, Stream, round};

/// Weights that a task rounds.
const ROUNDED: usize = 1 << 16;

/// How a layer trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerTraining {
    /// The weights' surrogate.
    pub surrogate: Surrogate,
    /// Whether a step draws the signs of the weights.
    pub stochastic_weights: bool,
    /// The slope of the activation.
    pub slope: Slope,
    /// Whether a step draws the signs of the activations.
    pub stochastic_activations: bool,
    /// Share of the inputs that a step leaves out, in [0, 1).
    pub dropout: f32,
    /// Where the weights start.
    pub initializer: Initializer,
}

/// What a layer learns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameters {
    /// Latent weights `[outputs, kernel height, kernel width, channels of a group]`; empty for a
    /// layer without any.
    pub weight: Vec<f32>,
    /// Batch norm.
    pub norm: Option<BatchNorm>,
}

/// Gradients of a layer's parameters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gradients {
    /// As [`Parameters::weight`].
    pub weight: Vec<f32>,
    /// Of batch norm's factors; empty where there is no norm.
    pub gamma: Vec<f32>,
    /// Of what batch norm adds; empty where there is no norm.
    pub beta: Vec<f32>,
}

/// A network that can be trained.
#[derive(Debug, Clone)]
pub struct Model {
    network: Network,
    plans: Vec<LayerPlan>,
    training: Vec<LayerTraining>,
    /// What the layers have learnt, in their order.
    pub parameters: Vec<Parameters>,
}

impl Model {
    /// A model with initial weights drawn from `seed`.
    ///
    /// # Errors
    /// A network that cannot be.
    ///
    /// # Panics
    /// If there is not one training per layer.
    pub fn new(network: Network, training: Vec<LayerTraining>, seed: u64) -> Result<Self, Error> {
        let plans = network.plan()?;
        assert_eq!(plans.len(), training.len(), "every layer has its training");
        let layers = plans
            .par_iter()
            .zip(&training)
            .zip(&network.layers)
            .enumerate();
        let parameters = layers
            .map(|(index, ((plan, training), layer))| {
                let mut stream = Stream::new(seed, Purpose::Weights, 0, index, 0);
                let draw = |shape| training.initializer.draw(&shape, &mut stream);
                let norm = |norm: NormSpec| BatchNorm::new(norm.epsilon, plan.output[2]);
                Parameters {
                    weight: plan.shape.map(draw).unwrap_or_default(),
                    norm: layer.norm.map(norm),
                }
            })
            .collect();
        Ok(Self {
            network,
            plans,
            training,
            parameters,
        })
    }

    /// A model with the same parameters in a network whose layers and their training are changed,
    /// as long as every layer keeps its shapes.
    ///
    /// # Errors
    /// A network that cannot be.
    ///
    /// # Panics
    /// If a layer has another shape than before.
    pub fn changed(
        &self,
        mut change: impl FnMut(usize, &mut Layer, &mut LayerTraining),
    ) -> Result<Self, Error> {
        let mut changed = self.clone();
        let layers = changed.network.layers.iter_mut();
        for (index, (layer, training)) in layers.zip(&mut changed.training).enumerate() {
            change(index, layer, training);
        }
        changed.plans = changed.network.plan()?;
        let pairs = changed.plans.iter().zip(&self.plans);
        for (plan, before) in pairs {
            assert_eq!(
                (plan.shape, plan.output),
                (before.shape, before.output),
                "parameters fit the shapes that they were made for"
            );
        }
        Ok(changed)
    }

    /// What the network is.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The layers' shapes.
    pub fn plans(&self) -> &[LayerPlan] {
        &self.plans
    }

    /// How the layers train.
    pub fn training(&self) -> &[LayerTraining] {
        &self.training
    }

    /// Rounds the weights of layers of ±1 to one of these by chance, each layer and part of it from
    /// a stream of its own.
    pub(crate) fn round(&mut self, draws: Draws) {
        let layers = self.parameters.iter_mut().zip(&self.plans);
        for (index, (parameters, plan)) in layers.enumerate() {
            if plan.quantizer == WeightQuantizer::Sign {
                let streams = draws.streams(Purpose::Rounding, index);
                let chunks = parameters.weight.par_chunks_mut(ROUNDED).enumerate();
                chunks.for_each(|(chunk, weights)| round(weights, &mut streams(chunk)));
            }
        }
    }

    /// Moves the running moments towards those of a batch, `momentum` of the old ones kept.
    pub(crate) fn follow(&mut self, moments: Vec<Option<[Vec<f32>; 2]>>) {
        let layers = self
            .parameters
            .iter_mut()
            .zip(&self.network.layers)
            .zip(moments);
        for ((parameters, layer), moments) in layers {
            let (Some(norm), Some(spec), Some([mean, variance])) =
                (&mut parameters.norm, layer.norm, moments)
            else {
                continue;
            };
            for (running, batch) in [(&mut norm.mean, mean), (&mut norm.variance, variance)] {
                for (running, batch) in running.iter_mut().zip(batch) {
                    *running = spec.momentum * *running + (1.0 - spec.momentum) * batch;
                }
            }
        }
    }

    /// Number of weights, those that are quantized and those that stay real.
    pub fn weights(&self) -> [usize; 2] {
        let of = |real: bool| {
            let plans = self.plans.iter();
            let plans = plans.filter(|plan| (plan.quantizer == WeightQuantizer::None) == real);
            plans.map(LayerPlan::weights).sum()
        };
        [of(false), of(true)]
    }
}
