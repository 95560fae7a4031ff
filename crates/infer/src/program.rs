//! A packed network made ready for one instruction set: weights laid out, places of tensors planned.

use alloc::string::String;
use alloc::vec::Vec;

use orthant_bits::{
    Aligned, ConvShape, InputContract, PoolShape, expand_signs, expand_ternary, words_for,
};
use orthant_kernels::{Conv, Input, Inputs, Kernels, Layer, Weights};
use orthant_model::{
    Activation, LayerPlan, Packed, PackedWeights, Readout, Shortcut, Values, Words,
};

use crate::Error;
use crate::place::Tenant;

/// Everything that does not change from image to image.
pub struct Program {
    pub kernels: Kernels,
    pub contract: InputContract,
    pub image: [usize; 3],
    pub classes: usize,
    pub steps: Vec<Step>,
    /// What lives in words, in floats; lengths are those of one image.
    pub words: Vec<Tenant>,
    pub floats: Vec<Tenant>,
}

/// A layer.
pub struct Step {
    pub name: String,
    pub plan: LayerPlan,
    pub pool: Option<PoolShape>,
    pub activation: Activation,
    pub map: Map,
    pub readout: Readout,
    /// Where `z` is added from, and how it fits.
    pub shortcut: Option<(usize, Shortcut)>,
    pub input: Place,
    pub output: Place,
    pub floats: Temporaries,
}

/// What the input is multiplied with.
pub enum Map {
    /// Nothing: it is averaged.
    Mean,
    /// Weights in the kernels' own form.
    Packed(ConvShape, Aligned<u64>),
    /// Real numbers.
    Real(ConvShape, Aligned<f32>),
}

/// Where a layer's input or output lies: outside, or in a place by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Pixels,
    Binary(usize),
    Ternary(usize),
    Floats(usize),
    Logits,
}

/// Places of floats that a layer uses on its way, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Temporaries {
    /// The input as real numbers.
    pub expanded: Option<usize>,
    /// Real sums, and their maxima.
    pub sums: Option<usize>,
    pub pooled: Option<usize>,
    /// What a readout in real numbers gives.
    pub z: Option<usize>,
    /// As much again, for packing it to ternary numbers.
    pub spare: Option<usize>,
}

impl Step {
    /// The kernels' view of the product; `None` for real numbers.
    pub fn conv<'a>(&'a self, input: Input<'a>, batch: usize) -> Option<Conv<'a>> {
        match &self.map {
            Map::Packed(shape, weights) => Some(Conv {
                shape: *shape,
                pool: self.pool,
                input,
                batch,
                weights,
            }),
            Map::Mean | Map::Real(..) => None,
        }
    }

    /// An error of this layer.
    pub fn error(&self, source: orthant_kernels::Error) -> Error {
        Error::Layer {
            layer: self.name.clone(),
            source,
        }
    }

    /// Numbers of one image's sums, before any pool.
    pub fn sums_len(&self) -> usize {
        self.plan.shape.map_or(0, |shape| {
            let [height, width] = shape.output();
            height * width * shape.outputs
        })
    }
}

impl Program {
    /// Makes a network ready.
    ///
    /// # Errors
    /// A layer that the kernels refuse.
    pub fn new(kernels: Kernels, packed: &Packed) -> Result<Self, Error> {
        let network = packed.network();
        let mut program = Self {
            kernels,
            contract: network.contract.clone(),
            image: network.input,
            classes: network.classes,
            steps: Vec::new(),
            words: Vec::new(),
            floats: Vec::new(),
        };
        let last = network.layers.len() - 1;
        let mut input = Place::Pixels;
        for (index, (plan, layer)) in packed.plans().iter().zip(packed.layers()).enumerate() {
            let spec = &network.layers[index];
            let named = |source| Error::Layer {
                layer: spec.name.clone(),
                source,
            };
            let map = program.map(plan, &layer.weights).map_err(named)?;
            let output = match index == last {
                true => Place::Logits,
                false => program.output(index, plan, spec.activation),
            };
            // z lives until the last shortcut from it.
            let later = network.layers.iter().enumerate();
            let sources = later.filter(|(_, layer)| layer.shortcut == Some(index));
            let until = sources.map(|(at, _)| at).max().unwrap_or(index);
            let shortcut = spec.shortcut.map(|source| {
                let [from, to] = [source, index].map(|layer| packed.plans()[layer].output);
                (source, Shortcut { from, to })
            });
            let mut step = Step {
                name: spec.name.clone(),
                plan: *plan,
                pool: spec.pool,
                activation: spec.activation,
                map,
                readout: layer.readout.clone(),
                shortcut,
                input,
                output,
                floats: Temporaries::default(),
            };
            step.floats = program.temporaries(index, &step, until);
            program.steps.push(step);
            input = output;
        }
        Ok(program)
    }

    fn map(
        &self,
        plan: &LayerPlan,
        weights: &PackedWeights,
    ) -> Result<Map, orthant_kernels::Error> {
        let Some(shape) = plan.shape else {
            return Ok(Map::Mean);
        };
        let planes = match weights {
            PackedWeights::Binary(words) => [to_words(words), Vec::new()],
            PackedWeights::Ternary { sign, nonzero } => [to_words(sign), to_words(nonzero)],
            PackedWeights::None | PackedWeights::Real(_) => Default::default(),
        };
        let [sign, nonzero] = &planes;
        let inputs = match plan.values {
            Values::Pixels => Inputs::Pixels(&self.contract),
            Values::Binary => Inputs::Binary,
            Values::Ternary => Inputs::Ternary,
            Values::Float => {
                return Ok(Map::Real(shape, to_reals(plan, weights, &planes)));
            }
        };
        let weights = match weights {
            PackedWeights::Binary(_) => Weights::Binary(sign),
            PackedWeights::Ternary { .. } => Weights::Ternary { sign, nonzero },
            PackedWeights::None | PackedWeights::Real(_) => {
                return Ok(Map::Real(shape, to_reals(plan, weights, &planes)));
            }
        };
        let layer = Layer {
            shape,
            inputs,
            weights,
        };
        let mut prepared = Aligned::zeros(self.kernels.prepared_len(&layer)?);
        self.kernels.prepare(&layer, &mut prepared)?;
        Ok(Map::Packed(shape, prepared))
    }

    fn output(&mut self, index: usize, plan: &LayerPlan, activation: Activation) -> Place {
        let life = [index, index + 1];
        let [height, width, channels] = plan.output;
        let plane = height * width * words_for(channels);
        let mut words = |len| {
            self.words.push(Tenant { len, life });
            self.words.len() - 1
        };
        match Values::of(activation) {
            Values::Binary => Place::Binary(words(plane)),
            Values::Ternary => Place::Ternary(words(2 * plane)),
            Values::Float | Values::Pixels => Place::Floats(self.float(plan.output_len(), life)),
        }
    }

    fn float(&mut self, len: usize, life: [usize; 2]) -> usize {
        self.floats.push(Tenant { len, life });
        self.floats.len() - 1
    }

    fn temporaries(&mut self, index: usize, step: &Step, until: usize) -> Temporaries {
        let life = [index, index];
        let is_real = !matches!(step.map, Map::Packed(..));
        let expands = is_real && !matches!(step.input, Place::Floats(_));
        let multiplies = matches!(step.map, Map::Real(..));
        let pools = multiplies && step.pool.is_some();
        let has_z = matches!(step.readout, Readout::Real { .. });
        let is_ternary = matches!(step.activation, Activation::Ternary { .. });
        let output = step.plan.output_len();
        let mut at = |is_there: bool, len, life| is_there.then(|| self.float(len, life));
        Temporaries {
            expanded: at(expands, step.plan.input_len(), life),
            sums: at(multiplies, step.sums_len(), life),
            pooled: at(pools, output, life),
            z: at(has_z, output, [index, until]),
            spare: at(has_z && is_ternary, output, life),
        }
    }
}

fn to_words(words: &Words) -> Vec<u64> {
    words.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

/// Weights as real numbers, `[outputs, filter]`, packed ones without their scale.
fn to_reals(plan: &LayerPlan, weights: &PackedWeights, planes: &[Vec<u64>; 2]) -> Aligned<f32> {
    let mut reals = Aligned::zeros(plan.weights());
    let cols = plan.row_len();
    let row = |plane: usize, row: usize| &planes[plane][row * words_for(cols)..][..words_for(cols)];
    match weights {
        PackedWeights::Real(numbers) => {
            let numbers = numbers.iter().map(|number| f32::from_le_bytes(*number));
            reals
                .iter_mut()
                .zip(numbers)
                .for_each(|(to, from)| *to = from);
        }
        PackedWeights::Binary(_) => {
            for (at, to) in reals.chunks_exact_mut(cols).enumerate() {
                expand_signs(row(0, at), 0..cols, to);
            }
        }
        PackedWeights::Ternary { .. } => {
            for (at, to) in reals.chunks_exact_mut(cols).enumerate() {
                expand_ternary([row(0, at), row(1, at)], 0..cols, to);
            }
        }
        PackedWeights::None => {}
    }
    reals
}
