//! Steps.

use orthant_data::Batch;
use orthant_kernels::Kernels;
use orthant_model::WeightQuantizer;
use rayon::prelude::*;

use crate::checkpoint::Checkpoint;
use crate::lint::{self, Finding, FindingKind};
use crate::loss::{Loss, Score};
use crate::memory;
use crate::optimizer::{Limits, NotFinite, Optimizer};
use crate::pass::{Cache, Draws, Pass, quantize};
use crate::schedule::{Progress, Schedule};
use crate::weights::ForwardWeights;
use crate::{Error, Model, Recipe};

/// A loss that is this many times the first step's has diverged.
const DIVERGED: f64 = 1e3;

/// A model, its optimizer, and where the run is.
pub struct Trainer {
    kernels: Kernels,
    recipe: Recipe,
    /// What is trained.
    pub model: Model,
    /// What trains it.
    pub optimizer: Optimizer,
    loss: Loss,
    schedule: Schedule,
    weights: Vec<Option<ForwardWeights>>,
    first_loss: Option<f64>,
}

impl Trainer {
    /// A trainer at the start of a run.
    ///
    /// # Errors
    /// Weights that are not numbers.
    pub fn new(kernels: Kernels, recipe: Recipe, mut model: Model) -> Result<Self, Error> {
        let limits = Limits {
            weight: recipe.training.weight_clip,
            gradient: recipe.training.gradient_clip,
            gradient_norm: recipe.training.gradient_norm,
            glorot_step: recipe.training.glorot_step,
        };
        let optimizer = Optimizer::new(recipe.training.optimizer, limits, &model);
        if !recipe.training.latent {
            let seed = recipe.training.seed;
            model.round(Draws { seed, step: 0 });
        }
        let mut trainer = Self {
            kernels,
            loss: recipe.training.loss.into(),
            schedule: recipe.training.schedule,
            recipe,
            optimizer,
            weights: Vec::new(),
            first_loss: None,
            model,
        };
        trainer.weights = quantize(kernels, &trainer.model, Some(trainer.draws()))?;
        Ok(trainer)
    }

    /// Goes on where a checkpoint of the same network was written.
    ///
    /// # Errors
    /// A tensor that is missing or of another shape, weights that are not numbers.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        checkpoint.restore(&mut self.model, Some(&mut self.optimizer))?;
        self.first_loss = checkpoint.header.first_loss;
        self.weights = quantize(self.kernels, &self.model, Some(self.draws()))?;
        Ok(())
    }

    /// Mean loss of the run's first batch, which a diverging one is held against.
    pub fn first_loss(&self) -> Option<f64> {
        self.first_loss
    }

    /// Who computes the steps.
    pub fn kernels(&self) -> Kernels {
        self.kernels
    }

    fn draws(&self) -> Draws {
        Draws {
            seed: self.recipe.training.seed,
            step: self.optimizer.steps,
        }
    }

    /// One step on a batch: its score before the step, and for each layer how many weights changed
    /// their quantized value.
    ///
    /// # Errors
    /// A loss or gradient that is not finite, a loss far above the first one.
    pub fn step(&mut self, batch: Batch, rate: f64) -> Result<(Score, Vec<u64>), Error> {
        let draws = Some(self.draws());
        let pass = Pass {
            kernels: self.kernels,
            model: &self.model,
            weights: &self.weights,
            batch: batch.labels.len(),
            draws,
        };
        let step = self.optimizer.steps;
        let diverged = |what: String| Error::Diverged { step, what };
        let name = |layer: usize| &self.model.network().layers[layer].name;
        let (logits, caches) = pass
            .forward(batch.pixels, &mut |_| {})
            .map_err(|error| self.diverged(error))?;
        let (score, gradient) = self.loss.score(&logits, &batch.labels);
        let loss = score.mean_loss();
        let first = *self.first_loss.get_or_insert(loss);
        if !loss.is_finite() || loss > DIVERGED * first.max(1.0) {
            let broken = caches.iter().position(|cache| !cache.is_finite());
            return Err(diverged(match broken {
                Some(layer) => format!("the numbers of layer {} are not finite", name(layer)),
                None => format!("the loss is {loss:e}, {first:.3} at first"),
            }));
        }
        let moments = caches.iter().map(Cache::moments).collect::<Vec<_>>();
        let precision = self.recipe.training.precision;
        let gradients = pass.backward(caches, gradient, precision, |_, _| {});
        let done = self.optimizer.step(&mut self.model, &gradients, rate);
        if let Err(NotFinite { layer }) = done {
            let layer = &self.model.network().layers[layer].name;
            return Err(diverged(format!(
                "the gradient of layer {layer} is not finite"
            )));
        }
        drop(gradients);
        self.model.follow(moments);
        if !self.recipe.training.latent {
            self.model.round(self.draws());
        }
        let weights = quantize(self.kernels, &self.model, Some(self.draws()))?;
        let pairs = weights.iter().zip(&self.weights);
        let flips = pairs.map(|(new, old)| match (new, old) {
            (Some(new), Some(old)) => new.changed(old),
            _ => 0,
        });
        let flips = flips.collect();
        self.weights = weights;
        Ok((score, flips))
    }

    /// What a layer's numbers mean that are none: the run has diverged.
    pub fn diverged(&self, error: Error) -> Error {
        match error {
            Error::Kernels { layer, source } => Error::Diverged {
                step: self.optimizer.steps,
                what: format!("layer {layer}: {source}"),
            },
            other => other,
        }
    }

    /// Bytes that training on batches of so many images holds at most, without the data: an
    /// estimate, some tenths off.
    pub fn memory(&self, batch: usize) -> u64 {
        memory::peak(&self.model, &self.optimizer, &self.weights, batch)
    }

    /// What carries no information in a step on some images.
    ///
    /// # Errors
    /// Numbers that are not, by their layer.
    ///
    /// # Panics
    /// If the pixels are not whole images.
    pub fn lint(&self, pixels: Vec<u8>) -> Result<Vec<Finding>, Error> {
        let network = self.model.network();
        let image: usize = network.input.iter().product();
        assert!(
            pixels.len().is_multiple_of(image),
            "pixels are whole images"
        );
        let images = pixels.len() / image;
        let pass = Pass {
            kernels: self.kernels,
            model: &self.model,
            weights: &self.weights,
            batch: images,
            draws: Some(self.draws()),
        };
        let mut findings = lint::flat_norms(&self.model);
        let done = pass.forward(pixels, &mut |tap| {
            let channels = self.model.plans()[tap.layer].input[2];
            let zero_counts = self.model.training()[tap.layer].dropout == 0.0;
            let constant = lint::constant_channels(tap.input, channels, zero_counts);
            if let Some(affected) = constant.filter(|affected| *affected > 0) {
                findings.push(Finding {
                    // What a layer is given is what the one before it made.
                    layer: network.layers[tap.layer - 1].name.clone(),
                    kind: FindingKind::Constant { images },
                    affected,
                    channels,
                });
            }
        });
        done.map_err(|error| self.diverged(error))?;
        Ok(findings)
    }

    /// `Ok` when every parameter is a finite number.
    ///
    /// # Errors
    /// The first layer that has another.
    pub fn check(&self) -> Result<(), Error> {
        let layers = self
            .model
            .network()
            .layers
            .iter()
            .zip(&self.model.parameters);
        for (layer, parameters) in layers {
            let norm = parameters.norm.iter();
            let norm = norm.flat_map(|n| [&n.gamma, &n.beta, &n.mean, &n.variance]);
            let mut tensors = norm.chain([&parameters.weight]);
            if tensors.any(|tensor| !tensor.par_iter().all(|value| value.is_finite())) {
                return Err(Error::Diverged {
                    step: self.optimizer.steps,
                    what: format!("the parameters of layer {} are not finite", layer.name),
                });
            }
        }
        Ok(())
    }

    /// The rate of the next step, in epochs of so many.
    pub fn rate(&self, epoch_steps: usize) -> f64 {
        self.schedule.rate(Progress {
            step: self.optimizer.steps,
            epoch_steps: epoch_steps as u64,
            epochs: self.recipe.training.epochs as u64,
        })
    }

    /// Mean angle in degrees between a layer's latent filters and their quantized form; `None`
    /// where nothing is quantized.
    ///
    /// `cos θ = w · q / (‖w‖ ‖q‖)` of each filter, averaged as angles; filters that are 0 are left
    /// out.
    ///
    /// # Reference
    /// Anderson & Berg 2018, *The High-Dimensional Geometry of Binary Neural Networks*,
    /// arXiv:1705.07199.
    pub fn angles(&self) -> Vec<Option<f64>> {
        let layers = self.model.plans().iter().zip(&self.model.parameters);
        layers
            .map(|(plan, parameters)| {
                let shape = plan.shape?;
                let threshold = match plan.quantizer {
                    WeightQuantizer::None => return None,
                    WeightQuantizer::Sign | WeightQuantizer::SignScaled => None,
                    WeightQuantizer::Ternary { threshold } => Some(threshold),
                };
                let quantize = |w| match threshold {
                    None => orthant_bits::sign(w),
                    Some(threshold) => orthant_bits::ternarize(w, threshold),
                };
                let filters = parameters.weight.par_chunks(shape.filter_len());
                let angles: Vec<Option<f64>> =
                    filters.map(|filter| angle(filter, quantize)).collect();
                let known: Vec<f64> = angles.into_iter().flatten().collect();
                (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
            })
            .collect()
    }
}

/// The cosine's formula is that of the analyses, which stand above training; `orthant-bits` and
/// `orthant-model`, below both, have no square root without the standard library.
fn angle(filter: &[f32], quantize: impl Fn(f32) -> f32) -> Option<f64> {
    let (mut dot, mut latent, mut quantized) = (0.0, 0.0, 0.0);
    for &w in filter {
        let (q, w) = (f64::from(quantize(w)), f64::from(w));
        dot += w * q;
        latent += w * w;
        quantized += q * q;
    }
    let lengths = (latent * quantized).sqrt();
    (lengths > 0.0).then(|| (dot / lengths).clamp(-1.0, 1.0).acos().to_degrees())
}

#[cfg(test)]
mod tests;
