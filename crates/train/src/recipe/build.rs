//! From a recipe's layers to a network and how it trains.

use std::collections::HashMap;

use orthant_bits::{Border, InputContract, Padding, PoolShape};
use orthant_model::{Activation, ConvOp, Layer, Network, NormSpec, Op, WeightQuantizer};

use super::nearest::nearest;
use super::network::{
    ActivationName, Kind, LayerRecipe, NetworkRecipe, NormRecipe, PaddingName, QuantizerRecipe,
    WeightName,
};
use crate::Error;
use crate::model::LayerTraining;
use crate::quantizer::{Slope, Surrogate};

/// Why a layer cannot be, as [`Error::Layer`] says it.
type Reason = (&'static str, &'static str);

impl NetworkRecipe {
    /// The network for images of `input` height, width and channels, and how its layers train.
    ///
    /// # Errors
    /// Keys that do not go together, by their layer; a network that cannot be.
    pub fn network(
        &self,
        input: [usize; 3],
        contract: InputContract,
        classes: usize,
    ) -> Result<(Network, Vec<LayerTraining>), Error> {
        if !(self.width.is_finite() && self.width > 0.0) {
            return Err(Error::Width { found: self.width });
        }
        let names = self.names();
        let mut layers = Vec::new();
        let mut training = Vec::new();
        for (index, recipe) in self.layers.iter().enumerate() {
            let name = &names[index];
            let at = |(what, expected)| Error::Layer {
                layer: name.clone(),
                what,
                expected,
            };
            let later = &self.layers[index + 1..];
            let is_last = later.is_empty();
            let gives_classes = later.iter().all(|layer| layer.kind == Kind::MeanPool);
            let shortcut = match &recipe.shortcut {
                None => None,
                Some(source) => Some(find(&names, name, source)?),
            };
            let weights = recipe.weights.unwrap_or(self.weights);
            let activations = recipe.activations.unwrap_or(match (is_last, recipe.kind) {
                (true, _) | (_, Kind::MeanPool) => plain(),
                _ => self.activations,
            });
            let outputs = self.outputs(recipe, gives_classes, classes).map_err(at)?;
            layers.push(Layer {
                name: name.clone(),
                op: self.op(recipe, outputs).map_err(at)?,
                weights: weight_quantizer(&weights).map_err(at)?,
                pool: pool(recipe).map_err(at)?,
                norm: match recipe.kind {
                    Kind::MeanPool => None,
                    _ => norm(&recipe.norm.unwrap_or(self.norm)),
                },
                shortcut,
                activation: activation(&activations).map_err(at)?,
            });
            training.push(LayerTraining {
                surrogate: surrogate(&weights),
                stochastic_weights: weights.stochastic,
                slope: slope(&activations),
                stochastic_activations: activations.stochastic,
                dropout: recipe.dropout.unwrap_or(0.0),
                initializer: recipe.init.unwrap_or(self.init),
            });
        }
        let network = Network {
            input,
            contract,
            layers,
            classes,
        };
        Ok((network, training))
    }

    /// Whether no quantized weights have values other than ±1.
    pub(super) fn rounds(&self) -> bool {
        let layers = self.layers.iter().map(|layer| layer.weights);
        let quantizers = layers.map(|own| own.unwrap_or(self.weights).quantizer);
        quantizers
            .into_iter()
            .all(|name| matches!(name, WeightName::Sign | WeightName::None))
    }

    /// The layers' names: their own, or kind and count.
    fn names(&self) -> Vec<String> {
        let mut counts = HashMap::new();
        let names = self.layers.iter().map(|layer| {
            let kind = match layer.kind {
                Kind::Conv => "conv",
                Kind::Dense => "dense",
                Kind::MeanPool => "mean-pool",
            };
            let count = counts
                .entry(layer.kind)
                .and_modify(|n| *n += 1)
                .or_insert(1);
            layer
                .name
                .clone()
                .unwrap_or_else(|| format!("{kind}{count}"))
        });
        names.collect()
    }

    fn outputs(
        &self,
        recipe: &LayerRecipe,
        gives_classes: bool,
        classes: usize,
    ) -> Result<usize, Reason> {
        match recipe.outputs {
            None if gives_classes || recipe.kind == Kind::MeanPool => Ok(classes),
            Some(0) => Err(("outputs", "at least 1")),
            None => Err((
                "outputs",
                "a number of outputs for every layer but the last",
            )),
            Some(_) if recipe.kind == Kind::MeanPool => Err(("outputs", "no such key here")),
            Some(outputs) if gives_classes => Ok(outputs),
            Some(outputs) => {
                let scaled = (outputs as f64 * self.width).round();
                match scaled < (1u64 << 32) as f64 {
                    true => Ok((scaled as usize).max(1)),
                    false => Err(("outputs", "less than 2^32 of them")),
                }
            }
        }
    }

    fn op(&self, recipe: &LayerRecipe, outputs: usize) -> Result<Op, Reason> {
        let border: Border = recipe.border.unwrap_or(self.border).into();
        let dropout = recipe.dropout.unwrap_or(0.0);
        if !(0.0..1.0).contains(&dropout) {
            return Err(("dropout", "a share from 0 up to but not 1"));
        }
        if recipe.kind == Kind::Conv {
            if dropout > 0.0 && border != Border::Zero {
                return Err((
                    "dropout",
                    "none beside a border of ±1, which would not be dropped",
                ));
            }
            let both = |side: Option<super::Side>, size| side.map_or([size; 2], Into::into);
            return Ok(Op::Conv(ConvOp {
                outputs,
                kernel: both(recipe.kernel, 3),
                stride: both(recipe.stride, 1),
                dilation: both(recipe.dilation, 1),
                padding: match recipe.padding {
                    None | Some(PaddingName::Same) => Padding::Same,
                    Some(PaddingName::Valid) => Padding::Valid,
                },
                groups: recipe.groups.unwrap_or(1),
                border,
            }));
        }
        let only_convolutions = [
            ("kernel", recipe.kernel.is_some()),
            ("stride", recipe.stride.is_some()),
            ("dilation", recipe.dilation.is_some()),
            ("padding", recipe.padding.is_some()),
            ("groups", recipe.groups.is_some()),
            ("border", recipe.border.is_some()),
            ("pool", recipe.pool.is_some()),
            ("pool-stride", recipe.pool_stride.is_some()),
        ];
        if let Some((what, _)) = only_convolutions
            .into_iter()
            .find(|(_, is_there)| *is_there)
        {
            return Err((what, "no such key here, it belongs to convolutions"));
        }
        let only_weights = [
            ("dropout", recipe.dropout.is_some()),
            ("weights", recipe.weights.is_some()),
            ("activations", recipe.activations.is_some()),
            ("norm", recipe.norm.is_some()),
            ("init", recipe.init.is_some()),
        ];
        let is_wrong = only_weights.into_iter().find(|(_, is_there)| *is_there);
        if let Some((what, _)) = is_wrong.filter(|_| recipe.kind == Kind::MeanPool) {
            return Err((what, "no such key here, a mean-pool has no weights"));
        }
        Ok(match recipe.kind {
            Kind::MeanPool => Op::MeanPool,
            _ => Op::Dense { outputs },
        })
    }
}

/// The max-pool of a layer; its windows lie side by side unless the recipe says otherwise.
fn pool(recipe: &LayerRecipe) -> Result<Option<PoolShape>, Reason> {
    match (recipe.pool, recipe.pool_stride) {
        (None, Some(_)) => Err(("pool-stride", "`pool` beside it, the side of the windows")),
        (window, stride) => Ok(window.map(|window| PoolShape {
            window: window.into(),
            stride: stride.unwrap_or(window).into(),
        })),
    }
}

fn find(names: &[String], layer: &str, source: &str) -> Result<usize, Error> {
    names
        .iter()
        .position(|name| name == source)
        .ok_or_else(|| Error::NoLayer {
            layer: layer.to_owned(),
            source_name: source.to_owned(),
            nearest: nearest(source, names.iter().map(String::as_str)),
        })
}

fn plain() -> QuantizerRecipe<ActivationName> {
    QuantizerRecipe {
        quantizer: ActivationName::None,
        surrogate: None,
        threshold: None,
        stochastic: false,
    }
}

fn norm(recipe: &NormRecipe) -> Option<NormSpec> {
    match recipe {
        NormRecipe::None(_) => None,
        NormRecipe::Batch(recipe) => Some(NormSpec {
            epsilon: recipe.epsilon,
            momentum: recipe.momentum,
            gamma: recipe.gamma,
        }),
    }
}

/// `Ok` when a quantizer has the keys that belong to it, and its threshold.
fn check<Name>(
    recipe: &QuantizerRecipe<Name>,
    is_step: bool,
    is_sign: bool,
    is_ternary: bool,
) -> Result<f32, Reason> {
    match recipe.threshold {
        None if is_ternary => return Err(("threshold", "one beside `quantizer = \"ternary\"`")),
        Some(_) if !is_ternary => return Err(("threshold", "it beside \"ternary\" alone")),
        _ => {}
    }
    if recipe.stochastic && !is_sign {
        return Err(("stochastic", "it beside \"sign\" alone"));
    }
    if recipe.surrogate.is_some() && !is_step {
        return Err(("surrogate", "it beside sign, sign-scaled and ternary alone"));
    }
    Ok(recipe.threshold.unwrap_or(0.0))
}

fn weight_quantizer(recipe: &QuantizerRecipe<WeightName>) -> Result<WeightQuantizer, Reason> {
    let name = recipe.quantizer;
    let (is_sign, is_ternary) = (name == WeightName::Sign, name == WeightName::Ternary);
    let threshold = check(recipe, name != WeightName::None, is_sign, is_ternary)?;
    Ok(match name {
        WeightName::None => WeightQuantizer::None,
        WeightName::Sign => WeightQuantizer::Sign,
        WeightName::SignScaled => WeightQuantizer::SignScaled,
        WeightName::Ternary => WeightQuantizer::Ternary { threshold },
    })
}

fn activation(recipe: &QuantizerRecipe<ActivationName>) -> Result<Activation, Reason> {
    let name = recipe.quantizer;
    let (is_sign, is_ternary) = (
        name == ActivationName::Sign,
        name == ActivationName::Ternary,
    );
    let threshold = check(recipe, is_sign || is_ternary, is_sign, is_ternary)?;
    Ok(match name {
        ActivationName::None => Activation::None,
        ActivationName::Sign => Activation::Sign,
        ActivationName::Ternary => Activation::Ternary { threshold },
        ActivationName::Clip => Activation::Clip,
        ActivationName::Relu => Activation::Relu,
    })
}

fn surrogate<Name>(recipe: &QuantizerRecipe<Name>) -> Surrogate {
    recipe.surrogate.unwrap_or_default()
}

fn slope(recipe: &QuantizerRecipe<ActivationName>) -> Slope {
    match recipe.quantizer {
        ActivationName::None => Slope::One,
        ActivationName::Relu => Slope::Relu,
        // The hard tanh's own slope is the surrogate that is named after it.
        ActivationName::Clip => Slope::Surrogate(Surrogate::Clip),
        ActivationName::Sign | ActivationName::Ternary => Slope::Surrogate(surrogate(recipe)),
    }
}
