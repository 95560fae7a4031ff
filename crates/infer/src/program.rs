//! A packed network made ready for one instruction set: weights laid out, places of tensors
//! planned.

use alloc::string::String;
use alloc::vec::Vec;

use orthant_bits::{
    Aligned, ConvShape, InputContract, PoolShape, expand_signs, expand_ternary, words_for,
};
use orthant_kernels::{
    Conv, Input, Inputs, Kernels, Layer, Output, StoredConv, StoredLayer, Weights, conv2d_stored,
};
use orthant_model::{
    Activation, LayerPlan, Packed, PackedWeights, Readout, Shortcut, Values, Words,
};

use crate::Error;
use crate::place::Tenant;

/// Everything that does not change from image to image.
pub struct Program<'m> {
    pub kernels: Kernels,
    pub contract: InputContract,
    pub image: [usize; 3],
    pub classes: usize,
    pub steps: Vec<Step<'m>>,
    /// What lives in words, in floats; lengths are those of one image.
    pub words: Vec<Tenant>,
    pub floats: Vec<Tenant>,
}

/// A layer.
pub struct Step<'m> {
    pub name: String,
    pub plan: LayerPlan,
    pub pool: Option<PoolShape>,
    pub activation: Activation,
    pub map: Map<'m>,
    pub readout: Readout,
    /// Where `z` is added from, and how it fits.
    pub shortcut: Option<(usize, Shortcut)>,
    pub input: Place,
    pub output: Place,
    pub floats: Temporaries,
}

/// What the input is multiplied with.
pub enum Map<'m> {
    /// Nothing: it is averaged.
    Mean,
    /// Packed weights in the kernels' own form.
    Prepared(ConvShape, Aligned<u64>),
    /// Packed weights where they lie.
    Stored(StoredLayer<'m>),
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

/// What a layer's packed weights meet.
pub struct Product<'a> {
    pub input: Input<'a>,
    /// A pool of the sums, before any comparison.
    pub pool: Option<PoolShape>,
    pub batch: usize,
}

impl Step<'_> {
    /// Whether the product is one of packed numbers.
    pub fn is_packed(&self) -> bool {
        matches!(self.map, Map::Prepared(..) | Map::Stored(_))
    }

    /// Whether comparisons make the next layer's bits of the sums.
    pub fn folds(&self) -> bool {
        matches!(self.readout, Readout::Bits(_) | Readout::Ternary(_))
    }

    /// The product of packed numbers, and a pool of its sums.
    pub fn convolve(
        &self,
        kernels: Kernels,
        product: Product,
        output: Output,
        scratch: &mut [u64],
    ) -> Result<(), orthant_kernels::Error> {
        let Product { input, pool, batch } = product;
        match &self.map {
            Map::Prepared(shape, weights) => {
                let conv = Conv {
                    shape: *shape,
                    pool,
                    input,
                    batch,
                    weights,
                };
                kernels.conv2d(&conv, 0..conv.output_rows()?, output, scratch)
            }
            Map::Stored(layer) => {
                let conv = StoredConv {
                    layer: *layer,
                    pool,
                    input,
                    batch,
                };
                conv2d_stored(&conv, 0..conv.output_rows()?, output)
            }
            Map::Mean | Map::Real(..) => unreachable!("the product is one of packed numbers"),
        }
    }

    /// Words that [`convolve`](Self::convolve) writes on.
    pub fn scratch_len(&self, images: usize) -> Result<usize, orthant_kernels::Error> {
        match &self.map {
            Map::Prepared(shape, weights) => Conv {
                shape: *shape,
                pool: self.pool,
                input: self.input.nothing(),
                batch: images,
                weights,
            }
            .scratch_len(),
            Map::Mean | Map::Stored(_) | Map::Real(..) => Ok(0),
        }
    }

    /// An error of this layer.
    pub fn error(&self, source: orthant_kernels::Error) -> Error {
        Error::Layer {
            layer: self.name.clone(),
            source,
        }
    }
}

impl<'m> Program<'m> {
    /// Makes a network ready, on weights in the form of `kernels`.
    ///
    /// # Errors
    /// A layer that the kernels refuse.
    pub fn prepared(kernels: Kernels, packed: &Packed) -> Result<Self, Error> {
        let contract = &packed.network().contract;
        Self::new(kernels, packed, |plan, weights| {
            prepare(kernels, contract, plan, weights)
        })
    }

    /// The same on packed weights where they lie.
    ///
    /// # Errors
    /// A layer that the kernels refuse.
    pub fn stored(kernels: Kernels, packed: &'m Packed) -> Result<Self, Error> {
        let contract = &packed.network().contract;
        Self::new(kernels, packed, |plan, weights| {
            store(contract, plan, weights)
        })
    }

    fn new<'p>(
        kernels: Kernels,
        packed: &'p Packed,
        map: impl Fn(&LayerPlan, &'p PackedWeights) -> Result<Map<'m>, orthant_kernels::Error>,
    ) -> Result<Self, Error> {
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
        let last_uses = network.last_uses();
        let mut input = Place::Pixels;
        for (index, (plan, layer)) in packed.plans().iter().zip(packed.layers()).enumerate() {
            let spec = &network.layers[index];
            let named = |source| Error::Layer {
                layer: spec.name.clone(),
                source,
            };
            let map = map(plan, &layer.weights).map_err(named)?;
            let output = match index == last {
                true => Place::Logits,
                false => program.output(index, plan, spec.activation),
            };
            // z lives until the last shortcut from it.
            let until = last_uses[index].unwrap_or(index);
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
        let is_real = !step.is_packed();
        let expands = is_real && !matches!(step.input, Place::Floats(_));
        let multiplies = matches!(step.map, Map::Real(..));
        let pools = multiplies && step.pool.is_some();
        let has_z = matches!(step.readout, Readout::Real { .. });
        let is_ternary = matches!(step.activation, Activation::Ternary { .. });
        let output = step.plan.output_len();
        let mut at = |is_there: bool, len, life| is_there.then(|| self.float(len, life));
        Temporaries {
            expanded: at(expands, step.plan.input_len(), life),
            sums: at(multiplies, step.plan.sums_len(), life),
            pooled: at(pools, output, life),
            z: at(has_z, output, [index, until]),
            spare: at(has_z && is_ternary, output, life),
        }
    }
}

/// A layer's shape and the kind of its inputs, where its product is one of packed numbers.
fn packed_inputs<'c>(
    contract: &'c InputContract,
    plan: &LayerPlan,
) -> Option<(ConvShape, Inputs<'c>)> {
    let inputs = match plan.values {
        Values::Pixels => Inputs::Pixels(contract),
        Values::Binary => Inputs::Binary,
        Values::Ternary => Inputs::Ternary,
        Values::Float => return None,
    };
    plan.shape
        .filter(|_| plan.is_packed())
        .map(|shape| (shape, inputs))
}

/// A product that is not one of packed numbers.
fn real(plan: &LayerPlan, weights: &PackedWeights) -> Map<'static> {
    match plan.shape {
        Some(shape) => Map::Real(shape, to_reals(plan, weights)),
        None => Map::Mean,
    }
}

fn prepare(
    kernels: Kernels,
    contract: &InputContract,
    plan: &LayerPlan,
    weights: &PackedWeights,
) -> Result<Map<'static>, orthant_kernels::Error> {
    let Some((shape, inputs)) = packed_inputs(contract, plan) else {
        return Ok(real(plan, weights));
    };
    let [sign, nonzero] = &planes(weights);
    let weights = match weights {
        PackedWeights::Ternary { .. } => Weights::Ternary { sign, nonzero },
        _ => Weights::Binary(sign),
    };
    let layer = Layer {
        shape,
        inputs,
        weights,
    };
    let mut prepared = Aligned::zeros(kernels.prepared_len(&layer)?);
    kernels.prepare(&layer, &mut prepared)?;
    Ok(Map::Prepared(shape, prepared))
}

fn store<'m>(
    contract: &'m InputContract,
    plan: &LayerPlan,
    weights: &'m PackedWeights,
) -> Result<Map<'m>, orthant_kernels::Error> {
    let Some((shape, inputs)) = packed_inputs(contract, plan) else {
        return Ok(real(plan, weights));
    };
    let weights = match weights {
        PackedWeights::Binary(words) => Weights::Binary(words),
        PackedWeights::Ternary { sign, nonzero } => Weights::Ternary { sign, nonzero },
        PackedWeights::None | PackedWeights::Real(_) => unreachable!("the weights are packed"),
    };
    let layer = Layer {
        shape,
        inputs,
        weights,
    };
    StoredLayer::new(layer).map(Map::Stored)
}

/// The planes of packed weights as numbers.
fn planes(weights: &PackedWeights) -> [Vec<u64>; 2] {
    match weights {
        PackedWeights::Binary(words) => [to_words(words), Vec::new()],
        PackedWeights::Ternary { sign, nonzero } => [to_words(sign), to_words(nonzero)],
        PackedWeights::None | PackedWeights::Real(_) => Default::default(),
    }
}

fn to_words(words: &Words) -> Vec<u64> {
    words.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

/// Weights as real numbers, `[outputs, filter]`, packed ones without their scale.
fn to_reals(plan: &LayerPlan, weights: &PackedWeights) -> Aligned<f32> {
    let planes = planes(weights);
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
