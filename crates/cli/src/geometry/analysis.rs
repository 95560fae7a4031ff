//! Everything that is computed of a run, analysis by analysis; what cannot be is said, and the rest
//! goes on.

use anyhow::Result;
use orthant_data::{Dataset, Images};
use orthant_geometry::{
    Binarizability, FirstLayer, FirstLayerReport, LayerWeights, PowerLaw, Problem, ProductOptions,
    ProductReport, Products, Subject, SubjectLayer, WeightGeometry, WeightsQuantizer,
    binarizability, spread_law, weight_geometry,
};
use orthant_kernels::Kernels;
use orthant_model::{Network, WeightQuantizer};
use orthant_train::{EpochMetrics, Evaluator, Model, Trained};
use serde::Serialize;

use super::dynamics::{Accuracy, Dynamics, GradientAgreement};
use super::extent::Extent;
use crate::images::Split;
use crate::progress;

/// Images that are evaluated together.
const BATCH: usize = 50;

/// Batches whose gradients are compared.
const GRADIENT_BATCHES: usize = 8;

/// What an analysis starts from.
pub struct Analyst<'a> {
    /// Who computes it.
    pub kernels: Kernels,
    /// The run.
    pub trained: &'a Trained,
    /// Its epochs.
    pub history: Vec<EpochMetrics>,
    /// The data.
    pub data: &'a Dataset,
    /// Which images products are taken of.
    pub split: Split,
    /// How many.
    pub extent: Extent,
}

/// A thing that was not to be had, in a layer or in the whole network.
#[derive(Debug, Clone, Serialize)]
pub struct Obstacle {
    /// The layer; none where it concerns all.
    pub layer: Option<String>,
    /// The analysis.
    pub analysis: &'static str,
    /// What stands in the way.
    pub what: String,
}

/// Everything that is known of a run.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// Layers of weights whose weights are quantized.
    pub weights: Vec<WeightGeometry>,
    /// How the deviation of their angles falls with their length.
    pub spread: Option<PowerLaw>,
    /// Every layer of weights, as if it were still to be quantized.
    pub keeps: Vec<Binarizability>,
    /// Products, layer by layer.
    pub products: ProductReport,
    /// The first layer.
    pub first: FirstLayerReport,
    /// Accuracies with latent weights in place of quantized ones.
    pub accuracies: Vec<Accuracy>,
    /// Gradients with real numbers in the forward pass.
    pub gradients: Vec<GradientAgreement>,
    /// The run's epochs.
    pub history: Vec<EpochMetrics>,
    /// What was not to be had.
    pub obstacles: Vec<Obstacle>,
}

impl Analyst<'_> {
    /// Computes everything, with a bar for each part.
    pub fn analyse(&self) -> Result<Analysis> {
        let model = &self.trained.model;
        let mut obstacles = Vec::new();
        let weights = weights(model, &mut obstacles);
        let keeps = binarizabilities(model, &mut obstacles);
        let (products, first) = self.seen(&mut obstacles)?;
        for layer in &products.layers {
            obstacles.extend(layer.problems.iter().map(|problem| Obstacle {
                layer: Some(layer.name.clone()),
                analysis: "products",
                what: problem.to_string(),
            }));
        }
        obstacles.extend(first.problems.iter().map(|problem| Obstacle {
            layer: first.name.clone(),
            analysis: "first layer",
            what: problem.to_string(),
        }));
        let (accuracies, gradients) = self.dynamics(&mut obstacles)?;
        Ok(Analysis {
            spread: spread_law(&weights),
            weights,
            keeps,
            products,
            first,
            accuracies,
            gradients,
            history: self.history.clone(),
            obstacles,
        })
    }

    /// What taps show; where the network cannot be evaluated, the reason.
    fn seen(&self, obstacles: &mut Vec<Obstacle>) -> Result<(ProductReport, FirstLayerReport)> {
        let model = &self.trained.model;
        let layers = model.parameters.iter().map(|parameters| SubjectLayer {
            latent: &parameters.weight,
            norm: parameters.norm.as_ref(),
        });
        let subject = Subject::new(model.network(), layers.collect())?;
        let images = self.split.of(self.data);
        let count = self.extent.images(images.len());
        let options = ProductOptions {
            seed: self.extent.seed,
            images: count as u64,
            activations: true,
        };
        let mut products = Products::new(&subject, options);
        let mut first = FirstLayer::new(&subject, self.extent.seed, count as u64);
        let len = images.image_len();
        let pixels = &images.pixels()[..count.min(images.len()) * len];
        let bar = progress::bar("products", pixels.len() / len);
        let evaluated = Evaluator::new(self.kernels, model).and_then(|evaluator| {
            pixels.chunks(BATCH * len).try_for_each(|batch| {
                evaluator.logits(batch.to_vec(), &mut |tap| {
                    products.see(&tap);
                    first.see(&tap);
                })?;
                bar.inc((batch.len() / len) as u64);
                Ok(())
            })
        });
        if let Err(error) = evaluated {
            obstacles.push(Obstacle {
                layer: None,
                analysis: "evaluation",
                what: error.to_string(),
            });
        }
        let found = (products.finish(), first.finish());
        bar.finish_and_clear();
        Ok(found)
    }

    /// What latent weights are for; where it cannot be measured, the reason.
    fn dynamics(
        &self,
        obstacles: &mut Vec<Obstacle>,
    ) -> Result<(Vec<Accuracy>, Vec<GradientAgreement>)> {
        let images = self.extent.dynamics;
        if images == 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        let training = &self.trained.recipe.training;
        let dynamics = Dynamics {
            kernels: self.kernels,
            model: &self.trained.model,
            loss: training.loss.into(),
            batch: training.batch,
            train: &spaced(self.data.train(), images)?,
            test: &spaced(self.data.test(), images)?,
        };
        let mut note = |error: anyhow::Error| {
            obstacles.push(Obstacle {
                layer: None,
                analysis: "learning dynamics",
                what: format!("{error:#}"),
            });
        };
        let accuracies = progress::counted("accuracies with latent weights", |seen| {
            dynamics.accuracies(seen)
        });
        let gradients = progress::counted("gradients with real numbers", |seen| {
            dynamics.gradients(GRADIENT_BATCHES, seen)
        });
        let accuracies = accuracies.map_err(&mut note).unwrap_or_default();
        Ok((accuracies, gradients.map_err(note).unwrap_or_default()))
    }
}

/// So many images of a split, from its beginning to its end, since classes may lie together.
fn spaced(images: &Images, count: usize) -> Result<Images> {
    let count = count.min(images.len());
    let places = (0..count).map(|at| at * images.len() / count);
    let pixels = places.clone().flat_map(|at| images.image(at)).copied();
    let labels = places.map(|at| images.labels()[at]);
    let part = Images::try_new(images.shape(), pixels.collect(), labels.collect());
    Ok(part?)
}

/// Layers of quantized weights, by their weights alone.
fn weights(model: &Model, obstacles: &mut Vec<Obstacle>) -> Vec<WeightGeometry> {
    let quantizer = |quantizer| match quantizer {
        WeightQuantizer::None => None,
        WeightQuantizer::Sign | WeightQuantizer::SignScaled => Some(WeightsQuantizer::Sign),
        WeightQuantizer::Ternary { threshold } => Some(WeightsQuantizer::Ternary { threshold }),
    };
    let found = layers(model).filter_map(|(name, latent, filters, plan)| {
        let layer = LayerWeights {
            name,
            latent,
            filters,
            quantizer: quantizer(plan)?,
        };
        let found = keep(name, "weights", weight_geometry(&layer), obstacles)?;
        if found.undefined.filters() > 0 {
            obstacles.push(Obstacle {
                layer: Some(name.to_owned()),
                analysis: "weights",
                what: without_angle(&found),
            });
        }
        Some(found)
    });
    found.collect()
}

/// How many filters have no angle, and why.
fn without_angle(found: &WeightGeometry) -> String {
    let undefined = &found.undefined;
    let reasons = [
        (undefined.constant_filters, "constant"),
        (undefined.zero_filters, "0"),
        (undefined.not_finite_filters, "not finite"),
        (undefined.vanishing_filters, "below the threshold"),
    ];
    let reasons = reasons.into_iter().filter(|(count, _)| *count > 0);
    let reasons: Vec<_> = reasons
        .map(|(count, why)| format!("{count} {why}"))
        .collect();
    format!(
        "{} of {} filters have no angle: {}",
        undefined.filters(),
        found.filters,
        reasons.join(", ")
    )
}

/// Every layer of weights, as a tensor of any origin.
fn binarizabilities(model: &Model, obstacles: &mut Vec<Obstacle>) -> Vec<Binarizability> {
    let found = layers(model).filter_map(|(name, latent, filters, _)| {
        let found = binarizability(name, latent, filters);
        keep(name, "binarizability", found, obstacles)
    });
    found.collect()
}

/// Layers of weights: name, latent weights, filters, quantizer.
fn layers(model: &Model) -> impl Iterator<Item = (&str, &[f32], usize, WeightQuantizer)> {
    let names = model.network().layers.iter().map(|layer| &layer.name[..]);
    let plans = model.plans().iter().zip(&model.parameters);
    names.zip(plans).filter_map(|(name, (plan, parameters))| {
        let filters = plan.shape?.outputs;
        Some((name, &parameters.weight[..], filters, plan.quantizer))
    })
}

fn keep<T>(
    layer: &str,
    analysis: &'static str,
    found: Result<T, Problem>,
    obstacles: &mut Vec<Obstacle>,
) -> Option<T> {
    let what = |problem: Problem| {
        obstacles.push(Obstacle {
            layer: Some(layer.to_owned()),
            analysis,
            what: problem.to_string(),
        });
    };
    found.map_err(what).ok()
}

impl Analysis {
    /// The layer's products, where it has any.
    pub fn products_of(&self, layer: &str) -> Option<&orthant_geometry::LayerProducts> {
        self.products
            .layers
            .iter()
            .find(|found| found.name == layer)
    }
}

/// Whether the network's weights have zeros.
pub fn is_ternary(network: &Network) -> bool {
    let mut layers = network.layers.iter();
    layers.any(|layer| matches!(layer.weights, WeightQuantizer::Ternary { .. }))
}
