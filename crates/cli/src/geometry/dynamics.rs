//! What latent weights are for: the same network, and its gradients, with real numbers in place of
//! quantized ones.

use anyhow::Result;
use orthant_data::{Batch, Images};
use orthant_geometry::{Estimate, Moments, cosine};
use orthant_kernels::Kernels;
use orthant_model::{Activation, WeightQuantizer};
use orthant_train::{
    Draws, Evaluator, Gradients, Loss, Model, Precision, Slope, Surrogate, class_of,
};
use serde::Serialize;

/// Images that are evaluated together.
const BATCH: usize = 50;

/// What is measured, and on what.
pub struct Dynamics<'a> {
    /// Who computes it.
    pub kernels: Kernels,
    /// The trained model.
    pub model: &'a Model,
    /// Its loss.
    pub loss: Loss,
    /// Images of a training step.
    pub batch: usize,
    /// Images that batch norm's moments and gradients are taken of.
    pub train: &'a Images,
    /// Images that accuracies are measured on.
    pub test: &'a Images,
}

/// The share of images whose class is found.
#[derive(Debug, Clone, Serialize)]
pub struct Accuracy {
    /// Which layers have their latent weights in place of quantized ones; none, one, or all.
    pub latent_layers: Vec<String>,
    /// The share, of as many images.
    pub accuracy: Estimate,
    /// Above that of the network as it is, image by image.
    pub difference: Estimate,
}

impl Accuracy {
    /// Which weights these are.
    pub fn name(&self) -> String {
        match &self.latent_layers[..] {
            [] => "no layer".to_owned(),
            [layer] => layer.clone(),
            _ => "all layers".to_owned(),
        }
    }
}

/// How a layer's gradient agrees with the one that real numbers in the forward pass give.
#[derive(Debug, Clone, Serialize)]
pub struct GradientAgreement {
    /// The layer.
    pub name: String,
    /// Weights.
    pub weights: usize,
    /// Cosine to the gradient with latent weights in every layer.
    pub latent_weights: Estimate,
    /// Cosine to the gradient with hard tanh in place of every quantized activation.
    pub real_activations: Estimate,
    /// Cosine to the gradient with both.
    pub both: Estimate,
    /// Null model: the cosine of two gradients whose entries are shuffled, mean and deviation.
    pub shuffled: [f64; 2],
    /// What other images do: the cosine to the same network's gradient of another batch.
    pub other_batch: Estimate,
}

impl Dynamics<'_> {
    /// Layers whose weights are quantized.
    fn quantized(&self) -> Vec<usize> {
        let plans = self.model.plans().iter().enumerate();
        plans
            .filter(|(_, plan)| plan.weights() > 0 && plan.quantizer != WeightQuantizer::None)
            .map(|(index, _)| index)
            .collect()
    }

    fn name(&self, layer: usize) -> String {
        self.model.network().layers[layer].name.clone()
    }

    /// The model with latent weights in some layers.
    fn with_latent(&self, layers: &[usize]) -> Result<Model> {
        let changed = self.model.changed(|index, layer, _| {
            if layers.contains(&index) {
                layer.weights = WeightQuantizer::None;
            }
        });
        Ok(changed?)
    }

    /// Accuracies of the network as it is, with latent weights in each layer, and in all.
    ///
    /// Batch norm's moments are measured anew each time, those of the network as it is too, so
    /// that they differ in nothing else. `seen` is told what is done of how much.
    pub fn accuracies(&self, seen: &mut dyn FnMut(usize, usize)) -> Result<Vec<Accuracy>> {
        let quantized = self.quantized();
        let mut variants = vec![Vec::new()];
        variants.extend(quantized.iter().map(|&layer| vec![layer]));
        if quantized.len() > 1 {
            variants.push(quantized);
        }
        let of = variants.len();
        let mut first = None;
        let mut accuracies = Vec::new();
        for (done, layers) in variants.into_iter().enumerate() {
            let mut model = self.with_latent(&layers)?;
            model.reestimate(self.kernels, self.train, self.batch, &mut |_| {})?;
            let right = self.right(&model)?;
            let base = first.get_or_insert_with(|| right.clone());
            let pairs = right.iter().zip(&*base);
            let differences: Moments = pairs
                .map(|(now, before)| f64::from(*now) - f64::from(*before))
                .collect();
            let accuracy: Moments = right.iter().map(|right| f64::from(*right)).collect();
            accuracies.push(Accuracy {
                latent_layers: layers.iter().map(|&layer| self.name(layer)).collect(),
                accuracy: accuracy.estimate(),
                difference: differences.estimate(),
            });
            seen(done + 1, of);
        }
        Ok(accuracies)
    }

    /// Of each test image, whether its class is found.
    fn right(&self, model: &Model) -> Result<Vec<bool>> {
        let evaluator = Evaluator::new(self.kernels, model)?;
        let classes = model.network().classes;
        let mut right = Vec::new();
        let pixels = self.test.pixels().chunks(BATCH * self.test.image_len());
        for (pixels, labels) in pixels.zip(self.test.labels().chunks(BATCH)) {
            let logits = evaluator.logits(pixels.to_vec(), &mut |_| {})?;
            let found = logits.chunks(classes).map(class_of);
            right.extend(
                found
                    .zip(labels)
                    .map(|(found, &label)| found == usize::from(label)),
            );
        }
        Ok(right)
    }

    /// How the layers' gradients agree with those of real numbers, over some batches.
    ///
    /// The standard error is that over the batches, which have no image in common.
    pub fn gradients(
        &self,
        batches: usize,
        seen: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<GradientAgreement>> {
        let quantized = self.quantized();
        let latent = self.with_latent(&quantized)?;
        let [real, both] = [
            with_real_activations(self.model)?,
            with_real_activations(&latent)?,
        ];
        let variants = [&latent, &real, &both];
        let mut agreements = vec![[Moments::default(); 4]; quantized.len()];
        let mut shuffled = vec![[0.0; 2]; quantized.len()];
        let mut before: Option<Vec<Gradients>> = None;
        let of = batches.min(self.train.len() / self.batch);
        for done in 0..of {
            let own = self.gradient(self.model, done)?;
            for (variant, model) in variants.into_iter().enumerate() {
                let other = self.gradient(model, done)?;
                for (at, &layer) in quantized.iter().enumerate() {
                    let [own, other] = [&own, &other].map(|all| &all[layer].weight[..]);
                    agreements[at][variant].extend(cosine(own, other));
                    if variant == 0 && done == 0 {
                        shuffled[at] = null(own, other);
                    }
                }
            }
            if let Some(before) = &before {
                for (at, &layer) in quantized.iter().enumerate() {
                    let found = cosine(&own[layer].weight, &before[layer].weight);
                    agreements[at][3].extend(found);
                }
            }
            before = Some(own);
            seen(done + 1, of);
        }
        let layers = quantized.iter().zip(agreements).zip(shuffled);
        let agreement = |((&layer, agreements), shuffled): ((&usize, [Moments; 4]), _)| {
            let [latent_weights, real_activations, both, other_batch] =
                agreements.map(|moments| moments.estimate());
            GradientAgreement {
                name: self.name(layer),
                weights: self.model.plans()[layer].weights(),
                latent_weights,
                real_activations,
                both,
                shuffled,
                other_batch,
            }
        };
        Ok(layers.map(agreement).collect())
    }

    /// The gradients of the training images' batch with a number.
    fn gradient(&self, model: &Model, index: usize) -> Result<Vec<Gradients>> {
        let images = index * self.batch..(index + 1) * self.batch;
        let len = self.train.image_len();
        let batch = Batch {
            pixels: self.train.pixels()[images.start * len..images.end * len].to_vec(),
            labels: self.train.labels()[images].to_vec(),
        };
        let draws = Draws { seed: 0, step: 0 };
        Ok(model
            .gradients(self.kernels, batch, self.loss, draws, Precision::F32)?
            .1)
    }
}

/// The model with the hard tanh in place of quantized activations.
fn with_real_activations(model: &Model) -> Result<Model> {
    let changed = model.changed(|_, layer, training| {
        if matches!(
            layer.activation,
            Activation::Sign | Activation::Ternary { .. }
        ) {
            layer.activation = Activation::Clip;
            training.slope = Slope::Surrogate(Surrogate::Clip);
            training.stochastic_activations = false;
        }
    });
    Ok(changed?)
}

/// Mean and deviation of the cosine of two vectors when one of them is shuffled.
///
/// ```text
/// mean     = n · mean(u) · mean(v) / (‖u‖ ‖v‖)
/// variance = n² · var(u) · var(v) / ((n − 1) ‖u‖² ‖v‖²)
/// ```
fn null(u: &[f32], v: &[f32]) -> [f64; 2] {
    let n = u.len() as f64;
    let [(u_sum, u_squares), (v_sum, v_squares)] = [u, v].map(|vector| {
        let numbers = vector.iter().map(|&number| f64::from(number));
        numbers.fold((0.0, 0.0), |(sum, squares), number| {
            (sum + number, squares + number * number)
        })
    });
    let norms = (u_squares * v_squares).sqrt();
    let variance = |sum: f64, squares: f64| squares / n - (sum / n).powi(2);
    let spread = variance(u_sum, u_squares) * variance(v_sum, v_squares);
    [
        u_sum * v_sum / n / norms,
        (spread * n * n / (n - 1.0)).sqrt() / norms,
    ]
}
