//! A trained network, packed for deployment.

use std::borrow::Cow;

use orthant_data::Source;
use orthant_kernels::Kernels;
use orthant_model::{Fold, Labels, Packed, PackedLayer, PackedWeights, Readout};

use crate::linear::Linear;
use crate::norm::Normalizer;
use crate::pass::quantize;
use crate::weights::{ForwardWeights, Quantized};
use crate::{Error, Model, Trained};

/// Packs a model: weights to bits, batch norms and quantizers to comparisons of integers.
///
/// The packed network gives the numbers of an evaluation of the model, bit for bit.
///
/// # Errors
/// Weights or batch norms that are not finite numbers, by their layer; names that are not one per
/// class.
pub fn pack(kernels: Kernels, model: &Model, labels: Labels) -> Result<Packed<'static>, Error> {
    let network = model.network();
    let weights = quantize(kernels, model, None)?;
    let mut layers = Vec::new();
    for (index, (plan, weights)) in model.plans().iter().zip(&weights).enumerate() {
        let linear = Linear::new(kernels, &network.contract, plan);
        let (Some(linear), Some(weights)) = (linear, weights) else {
            layers.push(PackedLayer {
                weights: PackedWeights::None,
                readout: Readout::None,
            });
            continue;
        };
        let parameters = &model.parameters[index];
        let factors = linear.factors(weights, plan.values, 1.0);
        let folds = Normalizer::new(factors, parameters.norm.clone()).folds();
        layers.push(PackedLayer {
            weights: packed_weights(weights, &parameters.weight),
            readout: network.fold(index, plan, &folds)?,
        });
    }
    Ok(Packed::new(network.clone(), labels, layers)?)
}

fn packed_weights(weights: &ForwardWeights, latent: &[f32]) -> PackedWeights<'static> {
    let bytes = |words: &[u64]| Cow::Owned(words.iter().map(|word| word.to_le_bytes()).collect());
    match &weights.quantized {
        Quantized::Binary(bits) => PackedWeights::Binary(bytes(bits.words())),
        Quantized::Ternary(planes) => PackedWeights::Ternary {
            sign: bytes(planes.sign().words()),
            nonzero: bytes(planes.nonzero().words()),
        },
        Quantized::Float => {
            let reals = latent.iter().map(|weight| weight.to_le_bytes());
            PackedWeights::Real(Cow::Owned(reals.collect()))
        }
    }
}

impl Trained {
    /// The run as it is deployed.
    ///
    /// # Errors
    /// Those of [`pack`](crate::pack).
    pub fn pack(&self, kernels: Kernels) -> Result<Packed<'static>, Error> {
        let source: Result<Source, _> = self.recipe.data.source.parse();
        let labels = Labels {
            classes: self.header.classes.clone(),
            white: source.map_or(u8::MAX, |source| source.known().largest()),
        };
        pack(kernels, &self.model, labels)
    }
}

impl Normalizer {
    /// How each channel's sum becomes `z`.
    fn folds(&self) -> Vec<Fold> {
        let affine = self.affine();
        let channels = self.factors.iter().zip(&affine.scale).zip(&affine.shift);
        let fold = |((&factor, &scale), &shift)| Fold {
            factor,
            scale,
            shift,
        };
        channels.map(fold).collect()
    }
}
