//! The forward pass, of a training step and of an evaluation.

use std::sync::Arc;

use orthant_bits::TensorShape;
use orthant_kernels::Kernels;
use orthant_model::{BatchNorm, Op};
use rayon::prelude::*;

use crate::activate::activate;
use crate::activations::Activations;
use crate::dropout::{Mask, masked};
use crate::error::{Error, InLayer};
use crate::linear::{Arithmetic, Linear};
use crate::model::Model;
use crate::norm::{Normalizer, moments};
use crate::pool::MaxPool;
use crate::random::{Purpose, Stream};
use crate::shortcut::Shortcut;
use crate::sums::{Sums, with_sums};
use crate::weights::ForwardWeights;

/// What a layer's backward pass needs of its forward pass.
pub struct Cache {
    /// What the layer was given, after dropout.
    pub(crate) input: Activations,
    /// What dropout left out.
    pub(crate) mask: Option<Mask>,
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
        let norm = self
            .normalizer
            .norm
            .iter()
            .flat_map(|(_, affine)| [&affine.scale, &affine.shift]);
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let sums = match &self.sums {
            Sums::F32(sums) => finite(sums),
            Sums::I16(_) | Sums::I32(_) => true,
        };
        sums && norm.into_iter().all(|values| finite(values)) && self.z().is_none_or(finite)
    }

    /// Mean and variance of the batch, where the layer has a norm.
    pub fn moments(&self) -> Option<[Vec<f32>; 2]> {
        let (norm, _) = self.normalizer.norm.as_ref()?;
        Some([norm.mean.clone(), norm.variance.clone()])
    }
}

/// A linear map, seen while it happens.
#[derive(Debug, Clone, Copy)]
pub struct Tap<'a> {
    /// Index of the layer.
    pub layer: usize,
    /// What the layer is given, after dropout.
    pub input: &'a Activations,
    /// Its sums `[batch, height, width, outputs]`, before any pool and without their factors.
    pub sums: &'a Sums,
}

/// Whose numbers a training step draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let draw = streams.map(|streams| streams as crate::weights::Draw);
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

    /// The logits `[batch, classes]`, and in a training step what its backward pass needs.
    ///
    /// `tap` sees every linear map.
    ///
    /// # Errors
    /// Numbers that are not, by their layer.
    pub fn forward(
        &self,
        pixels: Vec<u8>,
        tap: &mut dyn FnMut(Tap),
    ) -> Result<(Vec<f32>, Vec<Cache>), Error> {
        let mut activations = Activations::Pixels(pixels);
        let mut kept: Vec<Option<Arc<Vec<f32>>>> = Vec::new();
        let mut caches = Vec::new();
        for index in 0..self.model.plans().len() {
            let source = self.model.network().layers[index].shortcut;
            let source = source.and_then(|source| kept[source].as_deref().map(Vec::as_slice));
            let (cache, output) = match self.model.network().layers[index].op {
                Op::MeanPool => self.mean_pool(index, activations)?,
                _ => {
                    let done = self.layer(index, activations, source, tap);
                    done.in_layer(self.model, index)?
                }
            };
            kept.push(cache.z.clone());
            if self.draws.is_some() {
                caches.push(cache);
            }
            activations = output;
        }
        match activations {
            Activations::Float(logits) => Ok((logits, caches)),
            _ => unreachable!("the last layer has no activation, as its plan says"),
        }
    }

    fn layer(
        &self,
        index: usize,
        input: Activations,
        source: Option<&[f32]>,
        tap: &mut dyn FnMut(Tap),
    ) -> Result<(Cache, Activations), orthant_kernels::Error> {
        let linear = self.linear(index).expect("only mean-pools have no weights");
        let weights = self.weights[index]
            .as_ref()
            .expect("a linear map has weights");
        let (layer, training) = (
            &self.model.network().layers[index],
            self.model.training()[index],
        );
        let plan = linear.plan;
        let latent = &self.model.parameters[index].weight;

        let dropout = self.draws.filter(|_| training.dropout > 0.0);
        let mask = dropout.map(|draws| {
            let streams = draws.streams(Purpose::Dropout, index);
            Mask::draw(plan, self.batch, training.dropout, &streams)
        });
        let (input, gain) = match &mask {
            None => (input, 1.0),
            Some(mask) => {
                let input = mask.forward(input, linear.contract);
                let is_real = matches!(input, Activations::Float(_));
                (input, if is_real { 1.0 } else { mask.gain })
            }
        };

        let arithmetic = match self.draws {
            Some(_) => Arithmetic::Fast,
            None => Arithmetic::Fixed,
        };
        let sums = linear.forward(weights, latent, &input, self.batch, arithmetic)?;
        tap(Tap {
            layer: index,
            input: &input,
            sums: &sums,
        });
        let (sums, places) = match layer.pool {
            None => (sums, None),
            Some(pool) => {
                let (sums, places) =
                    MaxPool::new(pool, linear.extent(), plan.output).forward(&sums);
                (sums, Some(places))
            }
        };

        let factors = linear.factors(weights, input.values(), gain);
        let norm = self.model.parameters[index].norm.as_ref();
        let norm = norm.map(|norm| match self.draws {
            None => norm.clone(),
            Some(_) => {
                let [mean, variance] = moments(&sums, plan.output_len(), &factors);
                BatchNorm {
                    mean,
                    variance,
                    ..norm.clone()
                }
            }
        });
        let normalizer = Normalizer::new(factors, norm);
        let z = self
            .model
            .keeps_z(index)
            .then(|| Arc::new(self.z(index, &normalizer, &sums, source)));

        let len = plan.output_len();
        let [height, width, channels] = plan.output;
        let shape = TensorShape::new(self.batch, height, width, channels);
        let streams = self
            .draws
            .map(|draws| draws.streams(Purpose::Activations, index));
        let streams = streams.as_ref().filter(|_| training.stochastic_activations);
        let draw = streams.map(|streams| streams as crate::activate::Draw);
        let output = activate(self.kernels, layer.activation, shape, draw, |image, to| {
            let range = image * len..(image + 1) * len;
            match &z {
                Some(z) => to.copy_from_slice(&z[range]),
                None => with_sums!(&sums, sums => normalizer.apply(&sums[range], to)),
            }
        })?;
        let cache = Cache {
            input,
            mask,
            sums,
            places,
            normalizer,
            z,
        };
        Ok((cache, output))
    }

    /// `z` of the whole batch, the shortcut's source added.
    fn z(
        &self,
        index: usize,
        normalizer: &Normalizer,
        sums: &Sums,
        source: Option<&[f32]>,
    ) -> Vec<f32> {
        let plans = self.model.plans();
        let len = plans[index].output_len();
        let mut z = vec![0.0; sums.len()];
        z.par_chunks_mut(len).enumerate().for_each(|(image, z)| {
            let range = image * len..(image + 1) * len;
            with_sums!(sums, sums => normalizer.apply(&sums[range], z));
            let from = self.model.network().layers[index].shortcut;
            if let (Some(source), Some(from)) = (source, from) {
                let (from, to) = (plans[from].output, plans[index].output);
                let len: usize = from.iter().product();
                Shortcut { from, to }.forward(&source[image * len..][..len], z);
            }
        });
        z
    }

    fn mean_pool(&self, index: usize, input: Activations) -> Result<(Cache, Activations), Error> {
        let plan = &self.model.plans()[index];
        let (channels, len) = (plan.input[2], plan.input_len());
        let contract = &self.model.network().contract;
        let values = input.to_f32(contract, channels, self.batch * len);
        let mut means = vec![0.0; self.batch * channels];
        let images = means.par_chunks_mut(channels).zip(values.par_chunks(len));
        let done = images.map(|(mean, image)| self.kernels.mean_pool(image, mean));
        done.collect::<Result<(), _>>()
            .in_layer(self.model, index)?;
        let cache = Cache {
            input,
            mask: None,
            sums: Sums::F32(Vec::new()),
            places: None,
            normalizer: Normalizer::new(Vec::new(), None),
            z: None,
        };
        Ok((cache, Activations::Float(means)))
    }
}
