//! The backward pass of a training step.

use orthant_model::{Op, Shortcut};
use rayon::prelude::*;

use crate::linear::Operands;
use crate::model::Gradients;
use crate::norm::NormGradient;
use crate::pass::{Cache, Pass};
use crate::pool::MaxPool;
use crate::precision::Precision;
use crate::quantizer::weight_gradient;
use crate::random::Purpose;
use crate::sums::with_sums;

/// What a layer's backward pass gives.
struct Back {
    gradients: Gradients,
    /// By the layer's input; `None` for the first layer.
    input: Option<Vec<f32>>,
}

impl Pass<'_> {
    /// Gradients of every layer's parameters, from `∂L/∂logits`; the caches are consumed.
    ///
    /// `precision` is that of the products with packed operands; `visit` sees `∂L/∂x` of every linear
    /// map's real result, before it is used.
    pub fn backward(
        &self,
        caches: Vec<Cache>,
        logits: Vec<f32>,
        precision: Precision,
        mut visit: impl FnMut(usize, &[f32]),
    ) -> Vec<Gradients> {
        let mut all = vec![Gradients::default(); caches.len()];
        // What shortcuts bring to the z of their sources.
        let mut shortcuts: Vec<Option<Vec<f32>>> = caches.iter().map(|_| None).collect();
        let mut upstream = logits;
        for (index, cache) in caches.into_iter().enumerate().rev() {
            if self.model.network().layers[index].op == Op::MeanPool {
                upstream = self.mean_pool_gradient(index, &upstream);
                continue;
            }
            self.apply_slopes(index, &cache, &mut upstream);
            if let Some(shortcut) = shortcuts[index].take() {
                upstream
                    .par_iter_mut()
                    .zip(shortcut)
                    .for_each(|(dz, from)| *dz += from);
            }
            self.pass_shortcut(index, &upstream, &mut shortcuts);
            let back = self.layer_gradient(index, cache, upstream, precision, &mut visit);
            all[index] = back.gradients;
            match back.input {
                Some(input) => upstream = input,
                None => break,
            }
        }
        all
    }

    /// `∂L/∂z` of the activation's input, in place of that of its output.
    fn apply_slopes(&self, index: usize, cache: &Cache, upstream: &mut [f32]) {
        let slope = self.model.training()[index].slope;
        match &cache.z {
            Some(z) => {
                let pairs = upstream.par_iter_mut().zip(z.as_slice());
                pairs.for_each(|(dz, z)| *dz *= slope.at(*z));
            }
            None => {
                let len = self.model.plans()[index].output_len();
                let slope = |z| slope.at(z);
                cache
                    .normalizer
                    .apply_slopes(&cache.sums, len, slope, upstream);
            }
        }
    }

    /// Adds `∂L/∂z` of a layer to that of its shortcut's source.
    fn pass_shortcut(&self, index: usize, dz: &[f32], shortcuts: &mut [Option<Vec<f32>>]) {
        let Some(source) = self.model.network().layers[index].shortcut else {
            return;
        };
        let [from, to] = [source, index].map(|layer| self.model.plans()[layer].output);
        let [from_len, to_len] = [from, to].map(|extent| extent.iter().product::<usize>());
        let target = shortcuts[source].get_or_insert_with(|| vec![0.0; self.batch * from_len]);
        let images = target.par_chunks_mut(from_len).zip(dz.par_chunks(to_len));
        images.for_each(|(target, dz)| Shortcut { from, to }.backward(dz, target));
    }

    fn layer_gradient(
        &self,
        index: usize,
        cache: Cache,
        dz: Vec<f32>,
        precision: Precision,
        visit: &mut impl FnMut(usize, &[f32]),
    ) -> Back {
        let linear = self.linear(index).expect("only mean-pools have no weights");
        let weights = self.weights[index]
            .as_ref()
            .expect("a linear map has weights");
        let latent = &self.model.parameters[index].weight;
        let norm = cache
            .normalizer
            .backward(&cache.sums, linear.plan.output_len(), &dz);
        let dy = self.sum_gradient(index, &cache, &norm, dz);
        visit(index, &dy);

        let operands = Operands {
            input: &cache.input,
            weights: (index > 0).then_some((weights, latent.as_slice())),
            precision,
            keys: self.rounding_keys(index),
        };
        let mut gradient = linear.backward(&operands, &dy);
        if let (Some(mask), Some(input)) = (&cache.mask, &mut gradient.input) {
            mask.apply(input);
        }
        let filter = linear.shape.filter_len();
        let mut weight = vec![0.0; latent.len()];
        let rows = weight.par_chunks_mut(filter).zip(latent.par_chunks(filter));
        rows.enumerate().for_each(|(output, (row, latent))| {
            gradient.weights.filter(output, row);
            if cache.gain != 1.0 {
                row.iter_mut().for_each(|g| *g *= cache.gain);
            }
            let surrogate = self.model.training()[index].surrogate;
            weight_gradient(linear.plan.quantizer, surrogate, latent, row);
        });
        let gradients = Gradients {
            weight,
            gamma: norm.gamma,
            beta: norm.beta,
        };
        Back {
            gradients,
            input: gradient.input,
        }
    }

    /// Keys of the chances that round a layer's gradients: for its input's and for its weights'.
    fn rounding_keys(&self, index: usize) -> [u64; 2] {
        let draws = self.draws.unwrap_or_default();
        [0, 1].map(|place| draws.streams(Purpose::GradientRounding, index)(place).word())
    }

    /// `∂L/∂x` of the linear map's result, back through norm and pool.
    fn sum_gradient(
        &self,
        index: usize,
        cache: &Cache,
        norm: &NormGradient,
        mut dz: Vec<f32>,
    ) -> Vec<f32> {
        let linear = self.linear(index).expect("only mean-pools have no weights");
        let len = linear.plan.output_len();
        let normalize = |image: usize, dz: &mut [f32]| {
            let range = image * len..(image + 1) * len;
            with_sums!(&cache.sums, sums => norm.apply(&sums[range], dz));
        };
        let pool = self.model.network().layers[index].pool;
        let (Some(pool), Some(places)) = (pool, &cache.places) else {
            dz.par_chunks_mut(len)
                .enumerate()
                .for_each(|(image, dz)| normalize(image, dz));
            return dz;
        };
        let pool = MaxPool::new(pool, linear.extent(), linear.plan.output);
        let sums_len: usize = linear.extent().iter().product();
        let mut dy = vec![0.0; self.batch * sums_len];
        let images = dy.par_chunks_mut(sums_len).zip(dz.par_chunks_mut(len));
        images
            .zip(places.par_chunks(len))
            .enumerate()
            .for_each(|(image, ((dy, dz), places))| {
                normalize(image, dz);
                pool.backward(dz, places, dy);
            });
        dy
    }

    fn mean_pool_gradient(&self, index: usize, upstream: &[f32]) -> Vec<f32> {
        let plan = &self.model.plans()[index];
        let (channels, len) = (plan.input[2], plan.input_len());
        let share = channels as f32 / len as f32;
        let mut gradient = vec![0.0; self.batch * len];
        let images = gradient
            .par_chunks_mut(len)
            .zip(upstream.par_chunks(channels));
        images.for_each(|(gradient, upstream)| {
            for pixel in gradient.chunks_exact_mut(channels) {
                let pairs = pixel.iter_mut().zip(upstream);
                pairs.for_each(|(gradient, upstream)| *gradient = upstream * share);
            }
        });
        gradient
    }
}
