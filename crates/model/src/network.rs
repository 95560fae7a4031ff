//! A whole network, and whether it can be.

use alloc::string::String;
use alloc::vec::Vec;

use orthant_bits::{ConvShape, InputContract};

use crate::plan::{dense, largest_input};
use crate::{Activation, Error, Layer, LayerPlan, Op, Values, WeightQuantizer};

/// Integers below this are exact as `f32`.
const EXACT: u64 = 1 << 24;

/// Weights of a network, beyond which a program would ask for more memory than there is.
const MOST_WEIGHTS: usize = 1 << 30;

/// Pixels of a pool's window, whose places are counted in 16 bits.
const MOST_PLACES: usize = 1 << 16;

/// A network for images of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Height, width and channels of an image.
    pub input: [usize; 3],
    /// What the pixels stand for.
    pub contract: InputContract,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// Number of classes, which is what the last layer gives.
    pub classes: usize,
}

impl Network {
    /// The shapes of every layer.
    ///
    /// # Errors
    /// The first layer that cannot be, by its name: an impossible shape, a hidden layer without an
    /// activation, a shortcut that does not fit, a parameter out of its range.
    pub fn plan(&self) -> Result<Vec<LayerPlan>, Error> {
        self.check_contract()?;
        let mut weights = 0usize;
        let mut plans: Vec<LayerPlan> = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            if self.layers[..index]
                .iter()
                .any(|one| one.name == layer.name)
            {
                return Err(Error::Name {
                    name: layer.name.clone(),
                });
            }
            check_parameters(layer)?;
            let (input, values) = match plans.last() {
                Some(plan) => (plan.output, Values::of(self.layers[index - 1].activation)),
                None => (self.input, Values::Pixels),
            };
            let plan = self.plan_layer(layer, input, values)?;
            self.check_activation(index)?;
            if let Some(source) = layer.shortcut {
                check_shortcut(self, &plans, index, source, plan.output)?;
            }
            weights = weights.saturating_add(plan.weights());
            if weights > MOST_WEIGHTS {
                return Err(Error::ManyWeights {
                    layer: layer.name.clone(),
                    weights,
                    limit: MOST_WEIGHTS,
                });
            }
            plans.push(plan);
        }
        match plans.last() {
            None => Err(Error::Empty),
            Some(last) if last.output_len() != self.classes => Err(Error::Classes {
                layer: self.layers[plans.len() - 1].name.clone(),
                expected: self.classes,
                found: last.output_len(),
            }),
            Some(_) => Ok(plans),
        }
    }

    fn check_contract(&self) -> Result<(), Error> {
        let InputContract { a, b, unit } = &self.contract;
        if *unit <= 0 || *a == 0 || b.len() != self.input[2] {
            return Err(Error::Contract {
                a: *a,
                unit: *unit,
                channels: self.input[2],
                found: b.len(),
            });
        }
        match largest_input(&self.contract) {
            largest if largest >= EXACT => Err(Error::LargeInputs {
                largest,
                limit: EXACT,
            }),
            _ => Ok(()),
        }
    }

    fn plan_layer(
        &self,
        layer: &Layer,
        input: [usize; 3],
        values: Values,
    ) -> Result<LayerPlan, Error> {
        let named = |source| Error::Shape {
            layer: layer.name.clone(),
            source,
        };
        let shape = match layer.op {
            Op::Conv(op) => Some(ConvShape {
                stride: op.stride,
                dilation: op.dilation,
                padding: op.padding,
                groups: op.groups,
                border: op.border,
                ..ConvShape::new(input, op.outputs, op.kernel)
            }),
            Op::Dense { outputs } => Some(dense(input, values, outputs)),
            Op::MeanPool => None,
        };
        let mut plan = LayerPlan {
            input,
            values,
            shape,
            quantizer: layer.weights,
            output: [1, 1, input[2]],
            largest_sum: 0,
        };
        let Some(shape) = shape else {
            return match values {
                Values::Pixels => Err(Error::MeanOfPixels {
                    layer: layer.name.clone(),
                }),
                _ => Ok(plan),
            };
        };
        shape.check().map_err(named)?;
        let mut extent = shape.output();
        if let Some(pool) = layer.pool {
            extent = pool.output(extent).map_err(named)?;
            let places = pool.window[0].saturating_mul(pool.window[1]);
            if places > MOST_PLACES {
                return Err(Error::Window {
                    layer: layer.name.clone(),
                    places,
                    limit: MOST_PLACES,
                });
            }
        }
        plan.output = [extent[0], extent[1], shape.outputs];
        if plan.is_packed() {
            let border = u64::from(shape.border.value().unsigned_abs());
            let largest = match values {
                Values::Pixels => largest_input(&self.contract)
                    .max(border * u64::from(self.contract.unit.unsigned_abs())),
                _ => 1,
            };
            plan.largest_sum = largest.saturating_mul(shape.filter_len() as u64);
            if plan.largest_sum >= EXACT {
                return Err(Error::LargeSums {
                    layer: layer.name.clone(),
                    largest: plan.largest_sum,
                    limit: EXACT,
                });
            }
        }
        Ok(plan)
    }

    /// A hidden layer quantizes or bends its result; only the last one, and means, give it as is.
    fn check_activation(&self, index: usize) -> Result<(), Error> {
        let layer = &self.layers[index];
        let is_last = index + 1 == self.layers.len();
        let is_plain = layer.activation == Activation::None;
        let name = || layer.name.clone();
        match layer.op {
            Op::MeanPool if !is_plain => Err(Error::ActivationOfMean { layer: name() }),
            Op::MeanPool if layer.pool.is_some() || layer.norm.is_some() => {
                Err(Error::ActivationOfMean { layer: name() })
            }
            Op::MeanPool => Ok(()),
            _ if is_last && !is_plain => Err(Error::LastActivation { layer: name() }),
            _ if !is_last && is_plain => Err(Error::Linear { layer: name() }),
            _ => Ok(()),
        }
    }
}

fn check_shortcut(
    network: &Network,
    plans: &[LayerPlan],
    index: usize,
    source: usize,
    output: [usize; 3],
) -> Result<(), Error> {
    let layer = network.layers[index].name.clone();
    let Some(plan) = plans.get(source) else {
        return Err(Error::ShortcutSource { layer });
    };
    let [from, to] = [network.layers[source].op, network.layers[index].op];
    if from == Op::MeanPool || to == Op::MeanPool {
        return Err(Error::ShortcutSource { layer });
    }
    let found = plan.output;
    let factor = found[0] / output[0];
    let fits = factor >= 1
        && found[..2] == [output[0] * factor, output[1] * factor]
        && found[2] <= output[2];
    if fits {
        Ok(())
    } else {
        let source = network.layers[source].name.clone();
        Err(Error::ShortcutShape {
            layer,
            source,
            expected: output,
            found,
        })
    }
}

fn check_parameters(layer: &Layer) -> Result<(), Error> {
    let error = |what, expected, found| {
        Err(Error::Parameter {
            layer: layer.name.clone(),
            what,
            expected,
            found,
        })
    };
    let thresholds = [
        match layer.weights {
            WeightQuantizer::Ternary { threshold } => Some(threshold),
            _ => None,
        },
        match layer.activation {
            Activation::Ternary { threshold } => Some(threshold),
            _ => None,
        },
    ];
    for threshold in thresholds.into_iter().flatten() {
        if !(threshold.is_finite() && threshold >= 0.0) {
            return error("threshold", "a number that is not negative", threshold);
        }
    }
    if let Some(norm) = layer.norm {
        if !(norm.epsilon.is_finite() && norm.epsilon > 0.0) {
            return error("norm's epsilon", "a number above 0", norm.epsilon);
        }
        if !(0.0..1.0).contains(&norm.momentum) {
            let expected = "a number from 0 up to but not 1";
            return error("norm's momentum", expected, norm.momentum);
        }
    }
    Ok(())
}

impl Network {
    /// The names of the layers, in order.
    pub fn names(&self) -> Vec<String> {
        self.layers.iter().map(|layer| layer.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
