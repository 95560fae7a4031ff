//! A pass through a model: what it is given, what it shows, and what it leaves for the way back.

use std::sync::Arc;

use orthant_kernels::Kernels;
use rayon::prelude::*;

use crate::activations::Activations;
use crate::dropout::{Mask, masked};
use crate::error::{Error, InLayer};
use crate::linear::Linear;
use crate::model::Model;
use crate::norm::Normalizer;
use crate::random::{Draw, Purpose, Stream};
use crate::sums::Sums;
use crate::weights::ForwardWeights;

/// What a layer's backward pass needs of its forward pass.
pub struct Cache {
    /// What the layer was given, after dropout.
    pub(crate) input: Activations,
    /// What dropout left out.
    pub(crate) mask: Option<Mask>,
    /// What dropout multiplies packed inputs with; real ones are multiplied already.
    pub(crate) gain: f32,
    /// Sums, after the pool; empty for a mean-pool.
    pub(crate) sums: Sums,
    /// Where in its window each maximum lies.
    pub(crate) places: Option<Vec<u16>>,
    /// How `z` comes from the sums.
    pub(crate) normalizer: Normalizer,
    /// `z`, where a shortcut needs it.
    pub(crate) z: Option<Arc<Vec<f32>>>,
}

impl Cache {
    /// `z`, where a shortcut needs it.
    pub fn z(&self) -> Option<&[f32]> {
        self.z.as_deref().map(Vec::as_slice)
    }

    /// Whether every number that the layer computed is one, and finite.
    pub(crate) fn is_finite(&self) -> bool {
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let sums = match &self.sums {
            Sums::F32(sums) => finite(sums),
            Sums::I16(_) | Sums::I32(_) => true,
        };
        sums && self.normalizer.is_finite() && self.z().is_none_or(finite)
    }

    /// Mean and variance of the batch, where the layer has a norm.
    pub fn moments(&self) -> Option<[Vec<f32>; 2]> {
        let norm = self.normalizer.norm.as_ref()?;
        Some([norm.mean.clone(), norm.variance.clone()])
    }
}

/// Whose numbers a training step draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Draws {
    /// The run's.
    pub seed: u64,
    /// Steps taken before this one.
    pub step: u64,
}

impl Draws {
    /// The streams of a layer's purpose.
    pub(crate) fn streams(self, purpose: Purpose, layer: usize) -> impl Fn(usize) -> Stream + Sync {
        move |place| Stream::new(self.seed, purpose, self.step, layer, place)
    }
}

/// A forward pass through a model.
pub struct Pass<'a> {
    /// Who computes it.
    pub kernels: Kernels,
    /// The model.
    pub model: &'a Model,
    /// Its weights, quantized; one per layer, `None` for layers without any.
    pub weights: &'a [Option<ForwardWeights>],
    /// Images of the batch.
    pub batch: usize,
    /// `None` in an evaluation, which uses running moments and the one arithmetic.
    pub draws: Option<Draws>,
}

/// Quantizes the weights of every layer.
///
/// # Errors
/// Weights that are not numbers.
pub fn quantize(
    kernels: Kernels,
    model: &Model,
    draws: Option<Draws>,
) -> Result<Vec<Option<ForwardWeights>>, Error> {
    let layer = |index: usize| {
        let plan = &model.plans()[index];
        let Some(linear) = Linear::new(kernels, &model.network().contract, plan) else {
            return Ok(None);
        };
        let training = model.training()[index];
        let streams = draws.map(|draws| draws.streams(Purpose::StochasticWeights, index));
        let streams = streams.as_ref().filter(|_| training.stochastic_weights);
        let draw = streams.map(|streams| streams as Draw);
        let latent = &model.parameters[index].weight;
        let values = match draws {
            Some(_) if training.dropout > 0.0 => masked(plan.values),
            _ => plan.values,
        };
        let weights = ForwardWeights::new(&linear, latent, values, draw);
        Ok(Some(weights.in_layer(model, index)?))
    };
    (0..model.plans().len())
        .into_par_iter()
        .map(layer)
        .collect()
}

impl Pass<'_> {
    /// The linear map of a layer.
    pub(crate) fn linear(&self, layer: usize) -> Option<Linear<'_>> {
        let contract = &self.model.network().contract;
        Linear::new(self.kernels, contract, &self.model.plans()[layer])
    }
}
