//! Optimizers: the rule that turns gradients into steps, and the moments that it keeps.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::init::glorot_step;
use crate::model::{Gradients, Model};
use orthant_model::WeightQuantizer;

/// Numbers that a task updates.
const CHUNK: usize = 1 << 15;

/// A rule, by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Rule {
    /// Adam.
    Adam(Adam),
    /// Stochastic gradient descent with momentum.
    Sgd(Sgd),
}

/// Adam's settings.
///
/// ```text
/// m = beta1 · m + (1 − beta1) · g        v = beta2 · v + (1 − beta2) · g²
/// w −= rate · √(1 − beta2^t) / (1 − beta1^t) · m / (√v + epsilon)
/// ```
///
/// # Reference
/// Kingma & Ba 2015, *Adam*, algorithm 1 in the form of §2's last paragraph, arXiv:1412.6980.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// Share of the mean gradient that a step keeps; 0.9.
    pub beta1: f32,
    /// Share of the mean square that a step keeps; 0.999.
    pub beta2: f32,
    /// Added to the root of the mean square; 1e-8.
    pub epsilon: f32,
}

impl Default for Adam {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

/// `m = momentum · m + g`, `w −= rate · m`.
///
/// # Reference
/// Polyak 1964, *Some methods of speeding up the convergence of iteration methods*.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// Share of the last step that joins the next; 0.
    pub momentum: f32,
}

/// Limits on gradients and weights, and the layers' shares of the rate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// Magnitude of latent weights of quantized layers, after the step.
    pub weight: Option<f32>,
    /// Magnitude of each gradient.
    pub gradient: Option<f32>,
    /// Euclidean length of all gradients together, before they are cut one by one.
    ///
    /// Pascanu et al. 2013, *On the difficulty of training recurrent neural networks*, algorithm 1,
    /// arXiv:1211.5063.
    pub gradient_norm: Option<f32>,
    /// Whether a layer's step on its weights is multiplied with its inverse Glorot coefficient,
    /// SGD's with the square.
    pub glorot_step: bool,
}

/// What the rule remembers of one tensor; a vector that the rule does not use is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Moments {
    /// Mean gradients, or the velocity, before the rate.
    pub first: Vec<f32>,
    /// Mean squares.
    pub second: Vec<f32>,
}

/// What the rule remembers of one layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LayerMoments {
    /// Of the latent weights.
    pub weight: Moments,
    /// Of batch norm's factors.
    pub gamma: Moments,
    /// Of what batch norm adds.
    pub beta: Moments,
}

/// A rule and its memory.
#[derive(Debug, Clone)]
pub struct Optimizer {
    rule: Rule,
    limits: Limits,
    /// Steps taken.
    pub steps: u64,
    /// One per layer.
    pub moments: Vec<LayerMoments>,
}

/// A gradient that is not a number, or infinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFinite {
    /// Index of the layer, the last one in the order of the network.
    pub layer: usize,
}

impl Optimizer {
    /// An optimizer that has not taken a step.
    pub fn new(rule: Rule, limits: Limits, model: &Model) -> Self {
        let moments = |len: usize| Moments {
            first: vec![0.0; len],
            second: match rule {
                Rule::Adam(_) => vec![0.0; len],
                Rule::Sgd(_) => Vec::new(),
            },
        };
        let layers = model.parameters.iter().zip(&model.network().layers);
        let layers = layers.map(|(parameters, layer)| {
            let channels = parameters.norm.as_ref().map_or(0, |norm| norm.beta.len());
            let has_gamma = layer.norm.is_some_and(|norm| norm.gamma);
            LayerMoments {
                weight: moments(parameters.weight.len()),
                gamma: moments(if has_gamma { channels } else { 0 }),
                beta: moments(channels),
            }
        });
        Self {
            rule,
            limits,
            steps: 0,
            moments: layers.collect(),
        }
    }

    /// Takes a step.
    ///
    /// # Errors
    /// A gradient that is not finite; the model is not changed then.
    pub fn step(
        &mut self,
        model: &mut Model,
        gradients: &[Gradients],
        rate: f64,
    ) -> Result<(), NotFinite> {
        let mut squares = 0.0;
        for (layer, gradients) in gradients.iter().enumerate().rev() {
            let learns_gamma = !self.moments[layer].gamma.first.is_empty();
            let gamma = if learns_gamma {
                &gradients.gamma[..]
            } else {
                &[]
            };
            let tensors = [&gradients.weight[..], gamma, &gradients.beta[..]];
            let layer_squares: f64 = tensors.into_iter().map(sum_of_squares).sum();
            if !layer_squares.is_finite() {
                return Err(NotFinite { layer });
            }
            squares += layer_squares;
        }
        let scale = match self.limits.gradient_norm {
            Some(limit) if squares.sqrt() > f64::from(limit) => f64::from(limit) / squares.sqrt(),
            _ => 1.0,
        };
        self.steps += 1;
        let update = |rate: f64, weight_limit: Option<f32>| Update {
            rule: self.rule,
            rate: self.corrected(rate),
            scale: scale as f32,
            gradient_limit: self.limits.gradient.unwrap_or(f32::INFINITY),
            weight_limit: weight_limit.unwrap_or(f32::INFINITY),
        };
        let mut updates = Vec::new();
        for plan in model.plans() {
            let is_latent = plan.quantizer != WeightQuantizer::None;
            let limit = self.limits.weight.filter(|_| is_latent);
            let share = match plan.shape {
                Some(shape) if self.limits.glorot_step => match self.rule {
                    Rule::Adam(_) => glorot_step(&shape),
                    Rule::Sgd(_) => glorot_step(&shape).powi(2),
                },
                _ => 1.0,
            };
            updates.push([update(rate * share, limit), update(rate, None)]);
        }
        let layers = model
            .parameters
            .iter_mut()
            .zip(&mut self.moments)
            .zip(gradients);
        for (((parameters, moments), gradients), [latent, plain]) in layers.zip(updates) {
            latent.apply(
                &mut parameters.weight,
                &mut moments.weight,
                &gradients.weight,
            );
            if let Some(norm) = &mut parameters.norm {
                plain.apply(&mut norm.beta, &mut moments.beta, &gradients.beta);
                if !moments.gamma.first.is_empty() {
                    plain.apply(&mut norm.gamma, &mut moments.gamma, &gradients.gamma);
                }
            }
        }
        Ok(())
    }

    /// The rate, with Adam's correction of moments that started at 0.
    fn corrected(&self, rate: f64) -> f32 {
        let Rule::Adam(adam) = self.rule else {
            return rate as f32;
        };
        let steps = self.steps as f64;
        let kept = |beta: f32| 1.0 - f64::from(beta).powf(steps);
        (rate * kept(adam.beta2).sqrt() / kept(adam.beta1)) as f32
    }
}

/// Sum of squares, in f64 chunk by chunk; not finite where a number is not.
fn sum_of_squares(values: &[f32]) -> f64 {
    let chunks = values.par_chunks(CHUNK).map(|chunk| {
        // Sixteen sums side by side, in a fixed order.
        let mut sums = [0.0f32; 16];
        let (whole, rest) = chunk.as_chunks::<16>();
        for sixteen in whole {
            for (sum, g) in sums.iter_mut().zip(sixteen) {
                *sum += g * g;
            }
        }
        let rest: f32 = rest.iter().map(|g| g * g).sum();
        sums.iter().map(|sum| f64::from(*sum)).sum::<f64>() + f64::from(rest)
    });
    chunks.collect::<Vec<f64>>().iter().sum()
}

/// A step on one tensor.
#[derive(Clone, Copy)]
struct Update {
    rule: Rule,
    rate: f32,
    scale: f32,
    gradient_limit: f32,
    weight_limit: f32,
}

impl Update {
    fn apply(self, weights: &mut [f32], moments: &mut Moments, gradients: &[f32]) {
        let chunks = weights
            .par_chunks_mut(CHUNK)
            .zip(moments.first.par_chunks_mut(CHUNK));
        let chunks = chunks.zip(gradients.par_chunks(CHUNK));
        match self.rule {
            Rule::Sgd(sgd) => chunks.for_each(|((w, m), g)| self.momentum_step(sgd, w, m, g)),
            Rule::Adam(adam) => {
                let chunks = chunks.zip(moments.second.par_chunks_mut(CHUNK));
                chunks.for_each(|(((w, m), g), v)| self.adam_step(adam, w, [m, v], g));
            }
        }
    }

    fn momentum_step(self, sgd: Sgd, weights: &mut [f32], first: &mut [f32], gradients: &[f32]) {
        for ((w, m), g) in weights.iter_mut().zip(first).zip(gradients) {
            *m = sgd.momentum * *m + cut(*g * self.scale, self.gradient_limit);
            *w = cut(*w - self.rate * *m, self.weight_limit);
        }
    }

    fn adam_step(
        self,
        adam: Adam,
        weights: &mut [f32],
        [first, second]: [&mut [f32]; 2],
        gradients: &[f32],
    ) {
        let numbers = weights.iter_mut().zip(first).zip(second).zip(gradients);
        for (((w, m), v), g) in numbers {
            let g = cut(*g * self.scale, self.gradient_limit);
            *m = adam.beta1 * *m + (1.0 - adam.beta1) * g;
            *v = adam.beta2 * *v + (1.0 - adam.beta2) * g * g;
            let step = self.rate * *m / (v.sqrt() + adam.epsilon);
            *w = cut(*w - step, self.weight_limit);
        }
    }
}

/// A number cut to a magnitude; what is not a number stays.
///
/// `clamp` would check its bounds each time.
#[inline(always)]
fn cut(x: f32, limit: f32) -> f32 {
    if x < -limit {
        -limit
    } else if x > limit {
        limit
    } else {
        x
    }
}

#[cfg(test)]
mod tests;
