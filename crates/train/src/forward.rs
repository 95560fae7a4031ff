//! The forward pass, of a training step and of an evaluation.

use std::sync::Arc;

use orthant_bits::TensorShape;
use orthant_model::{LayerSums, Op, Shortcut, Tap};
use rayon::prelude::*;

use crate::activate::activate;
use crate::activations::Activations;
use crate::dropout::Mask;
use crate::error::{Error, InLayer};
use crate::linear::{Arithmetic, Linear};
use crate::norm::{Normalizer, moments};
use crate::pass::{Cache, Pass};
use crate::pool::MaxPool;
use crate::random::{Draw, Purpose};
use crate::sums::{Sums, with_sums};

impl Pass<'_> {
    /// The logits `[batch, classes]`, and in a training step what its backward pass needs.
    ///
    /// `tap` sees every layer.
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
                Op::MeanPool => self.mean_pool(index, activations, tap)?,
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
        let weights = self.weights[index].as_ref();
        let weights = weights.expect("a linear map has weights");
        let latent = &self.model.parameters[index].weight;

        let (input, mask, gain) = self.drop_inputs(index, &linear, input);
        let arithmetic = match self.draws {
            Some(_) => Arithmetic::Fast,
            None => Arithmetic::Fixed,
        };
        let sums = linear.forward(weights, latent, &input, self.batch, arithmetic)?;
        tap(Tap {
            layer: index,
            input: input.view(),
            sums: sums.view(),
        });
        let (sums, places) = match self.model.network().layers[index].pool {
            None => (sums, None),
            Some(pool) => {
                let pool = MaxPool::new(pool, linear.extent(), linear.plan.output);
                let (sums, places) = pool.forward(&sums);
                (sums, Some(places))
            }
        };
        let factors = linear.factors(weights, input.values(), gain);
        let normalizer = self.normalizer(index, factors, &sums);
        let keeps_z = self.model.network().keeps_z(index);
        let z = keeps_z.then(|| Arc::new(self.z(index, &normalizer, &sums, source)));
        let cache = Cache {
            input,
            mask,
            gain,
            sums,
            places,
            normalizer,
            z,
        };
        let output = self.activate(index, &cache)?;
        Ok((cache, output))
    }

    /// What a layer is given in a step with dropout: the inputs that are left, the mask, its gain
    /// on packed inputs.
    fn drop_inputs(
        &self,
        index: usize,
        linear: &Linear,
        input: Activations,
    ) -> (Activations, Option<Mask>, f32) {
        let share = self.model.training()[index].dropout;
        let Some(draws) = self.draws.filter(|_| share > 0.0) else {
            return (input, None, 1.0);
        };
        let streams = draws.streams(Purpose::Dropout, index);
        let mask = Mask::draw(linear.plan, self.batch, share, &streams);
        let input = mask.forward(input, linear.contract);
        let gain = match input {
            Activations::Float(_) => 1.0,
            _ => mask.gain,
        };
        (input, Some(mask), gain)
    }

    /// How `z` comes from the sums: by the moments of the batch in a step, else by running ones.
    fn normalizer(&self, index: usize, factors: Vec<f32>, sums: &Sums) -> Normalizer {
        let norm = self.model.parameters[index].norm.clone();
        let norm = norm.map(|mut norm| {
            if self.draws.is_some() {
                let image = self.model.plans()[index].output_len();
                [norm.mean, norm.variance] = moments(sums, image, &factors);
            }
            norm
        });
        Normalizer::new(factors, norm)
    }

    /// The next layer's input.
    fn activate(&self, index: usize, cache: &Cache) -> Result<Activations, orthant_kernels::Error> {
        let plan = &self.model.plans()[index];
        let [height, width, channels] = plan.output;
        let shape = TensorShape::new(self.batch, height, width, channels);
        let is_stochastic = self.model.training()[index].stochastic_activations;
        let draws = self.draws.filter(|_| is_stochastic);
        let streams = draws.map(|draws| draws.streams(Purpose::Activations, index));
        let draw = streams.as_ref().map(|streams| streams as Draw);
        let activation = self.model.network().layers[index].activation;
        let len = plan.output_len();
        activate(self.kernels, activation, shape, draw, |image, to| {
            let range = image * len..(image + 1) * len;
            match cache.z() {
                Some(z) => to.copy_from_slice(&z[range]),
                None => with_sums!(&cache.sums, sums => cache.normalizer.apply(&sums[range], to)),
            }
        })
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

    fn mean_pool(
        &self,
        index: usize,
        input: Activations,
        tap: &mut dyn FnMut(Tap),
    ) -> Result<(Cache, Activations), Error> {
        let plan = &self.model.plans()[index];
        let (channels, len) = (plan.input[2], plan.input_len());
        let contract = &self.model.network().contract;
        let values = input.view().to_f32(contract, channels, self.batch * len);
        let mut means = vec![0.0; self.batch * channels];
        let images = means.par_chunks_mut(channels).zip(values.par_chunks(len));
        let done = images.map(|(mean, image)| self.kernels.mean_pool(image, mean));
        done.collect::<Result<(), _>>()
            .in_layer(self.model, index)?;
        tap(Tap {
            layer: index,
            input: input.view(),
            sums: LayerSums::F32(&means),
        });
        let cache = Cache {
            input,
            mask: None,
            gain: 1.0,
            sums: Sums::F32(Vec::new()),
            places: None,
            normalizer: Normalizer::new(Vec::new(), None),
            z: None,
        };
        Ok((cache, Activations::Float(means)))
    }
}
