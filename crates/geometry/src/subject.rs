//! The network that an analysis is about: what taps do not show of it.

use orthant_bits::{mean_magnitude, sign, ternarize};
use orthant_model::{
    Affine, BatchNorm, LayerPlan, LayerSums, Network, Op, Shortcut, Values, WeightQuantizer,
    normalize,
};
use rayon::prelude::*;

use crate::Problem;

/// What a layer has learnt.
#[derive(Debug, Clone, Copy, Default)]
pub struct SubjectLayer<'a> {
    /// Latent weights `[outputs, kernel height, kernel width, channels of a group]`; empty where
    /// there are none, or none are known.
    pub latent: &'a [f32],
    /// Batch norm with its running moments.
    pub norm: Option<&'a BatchNorm>,
}

/// A network with its latent weights and norms.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    network: &'a Network,
    plans: Vec<LayerPlan>,
    layers: Vec<SubjectLayer<'a>>,
}

impl<'a> Subject<'a> {
    /// A network and what its layers have learnt, in their order.
    ///
    /// # Errors
    /// A network that cannot be.
    ///
    /// # Panics
    /// If there is not one of `layers` for each of the network's.
    pub fn new(
        network: &'a Network,
        layers: Vec<SubjectLayer<'a>>,
    ) -> Result<Self, orthant_model::Error> {
        let plans = network.plan()?;
        assert_eq!(plans.len(), layers.len(), "every layer is described");
        Ok(Self {
            network,
            plans,
            layers,
        })
    }

    /// The network.
    pub fn network(&self) -> &'a Network {
        self.network
    }

    /// The layers' shapes.
    pub fn plans(&self) -> &[LayerPlan] {
        &self.plans
    }

    /// A layer's name.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn name(&self, layer: usize) -> &'a str {
        &self.network.layers[layer].name
    }

    /// A layer's latent weights, `[outputs, filter]`.
    ///
    /// # Errors
    /// A layer whose weights are none, are real, are not known or not finite.
    pub fn latent(&self, layer: usize) -> Result<&'a [f32], Problem> {
        let plan = &self.plans[layer];
        if plan.shape.is_none() {
            return Err(Problem::NoWeights);
        }
        if plan.quantizer == WeightQuantizer::None {
            return Err(Problem::RealWeights);
        }
        let latent = self.layers[layer].latent;
        if latent.len() != plan.weights() {
            return Err(Problem::Latent {
                expected: plan.weights(),
                found: latent.len(),
            });
        }
        match latent.iter().filter(|weight| !weight.is_finite()).count() {
            0 => Ok(latent),
            count => Err(Problem::NotFinite {
                what: "latent weights",
                count: count as u64,
            }),
        }
    }

    /// A filter's scale: 1 but for scaled signs.
    pub(crate) fn scale(&self, layer: usize, filter: &[f32]) -> f32 {
        match self.plans[layer].quantizer {
            WeightQuantizer::SignScaled => mean_magnitude(filter),
            _ => 1.0,
        }
    }

    /// What each output's sum is multiplied with to be the layer's real result.
    fn factors(&self, layer: usize) -> Vec<f32> {
        let plan = &self.plans[layer];
        let Some(shape) = plan.shape else {
            return vec![1.0; plan.output[2]];
        };
        let inverse = 1.0 / self.unit(layer);
        let latent = self.layers[layer].latent;
        if plan.quantizer == WeightQuantizer::SignScaled && latent.len() == plan.weights() {
            let filters = latent.chunks_exact(shape.filter_len());
            return filters
                .map(|filter| mean_magnitude(filter) * inverse)
                .collect();
        }
        vec![inverse; shape.outputs]
    }

    /// What the layer's sums hold of the input's unit.
    pub(crate) fn unit(&self, layer: usize) -> f32 {
        let plan = &self.plans[layer];
        let integers = plan.values == Values::Pixels && plan.quantizer != WeightQuantizer::None;
        if integers {
            self.network.contract.unit as f32
        } else {
            1.0
        }
    }

    /// `z` of whole images from their sums: max-pool, norm, shortcut.
    ///
    /// `source` is the `z` of the shortcut's layer.
    pub(crate) fn z(&self, layer: usize, sums: LayerSums, source: Option<&[f32]>) -> Vec<f32> {
        let plan = &self.plans[layer];
        let images = sums.len() / plan.sums_len();
        let mut z = vec![0.0; images * plan.output_len()];
        let norm = self.layers[layer].norm.map(BatchNorm::affine);
        let affine = norm.unwrap_or_else(|| Affine::identity(plan.output[2]));
        let factors = self.factors(layer);
        let from = self.network.layers[layer].shortcut;
        z.par_chunks_mut(plan.output_len())
            .enumerate()
            .for_each(|(image, z)| {
                let first = image * plan.sums_len();
                match sums {
                    LayerSums::I16(sums) => self.pool(layer, z, |at| f32::from(sums[first + at])),
                    LayerSums::I32(sums) => self.pool(layer, z, |at| sums[first + at] as f32),
                    LayerSums::F32(sums) => self.pool(layer, z, |at| sums[first + at]),
                }
                for pixel in z.chunks_exact_mut(factors.len()) {
                    let constants = factors.iter().zip(&affine.scale).zip(&affine.shift);
                    for (z, ((factor, scale), shift)) in pixel.iter_mut().zip(constants) {
                        *z = normalize(*z, *factor, *scale, *shift);
                    }
                }
                if let (Some(source), Some(from)) = (source, from) {
                    let (from, to) = (self.plans[from].output, plan.output);
                    let len: usize = from.iter().product();
                    Shortcut { from, to }.forward(&source[image * len..][..len], z);
                }
            });
        z
    }

    /// The maxima of one image's sums, or the sums themselves.
    fn pool(&self, layer: usize, out: &mut [f32], sum: impl Fn(usize) -> f32) {
        let plan = &self.plans[layer];
        let pool = match (
            self.network.layers[layer].pool,
            self.network.layers[layer].op,
        ) {
            (Some(pool), Op::Conv(_) | Op::Dense { .. }) => pool,
            _ => {
                out.iter_mut()
                    .enumerate()
                    .for_each(|(at, out)| *out = sum(at));
                return;
            }
        };
        let [_, width, channels] = plan.sums_extent();
        for (pixel, out) in out.chunks_exact_mut(channels).enumerate() {
            out.fill(f32::NEG_INFINITY);
            let at = [pixel / plan.output[1], pixel % plan.output[1]];
            for place in 0..pool.window[0] * pool.window[1] {
                let [row, column] = [place / pool.window[1], place % pool.window[1]];
                let row = at[0] * pool.stride[0] + row;
                let column = at[1] * pool.stride[1] + column;
                let first = (row * width + column) * channels;
                for (channel, out) in out.iter_mut().enumerate() {
                    let sum = sum(first + channel);
                    // A sum that is not a number stays one: it must not vanish in a maximum.
                    if sum > *out || sum.is_nan() {
                        *out = sum;
                    }
                }
            }
        }
    }
}

/// The quantized weights of some filters, without their scale.
pub(crate) fn quantized(quantizer: WeightQuantizer, latent: &[f32]) -> Vec<f32> {
    let quantize = |weight: f32| match quantizer {
        WeightQuantizer::None => weight,
        WeightQuantizer::Sign | WeightQuantizer::SignScaled => sign(weight),
        WeightQuantizer::Ternary { threshold } => ternarize(weight, threshold),
    };
    latent.par_iter().map(|weight| quantize(*weight)).collect()
}
