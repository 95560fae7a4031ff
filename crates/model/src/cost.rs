//! What an inference of one image costs: operations, bytes, memory accesses, energy.
//!
//! Everything is counted from the layers' shapes, twice: for the network as it runs packed, and for
//! its float twin, the same shapes with 32-bit weights and activations, where a step is the hard
//! tanh. Both read the image as bytes. A convolution's taps outside the image count as if they were
//! inside, as is usual.

mod count;
pub mod energy;

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Add;

use crate::{Error, LayerPlan, Network, Op, WeightQuantizer};
use count::{count, energy_of};
use energy::{Energy, Memory};

/// A number of the network as it is, and the same of its float twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Twin<T> {
    /// Of the network as it runs: packed where its operands are.
    pub packed: T,
    /// Of the same shapes with 32-bit floats.
    pub float32: T,
}

impl<T> Twin<T> {
    fn both(number: T) -> Self
    where
        T: Copy,
    {
        Self {
            packed: number,
            float32: number,
        }
    }

    /// Each through the same function.
    pub fn map<U>(self, mut of: impl FnMut(T) -> U) -> Twin<U> {
        Twin {
            packed: of(self.packed),
            float32: of(self.float32),
        }
    }
}

impl Add for Twin<u64> {
    type Output = Self;

    /// Sums that 64 bits do not hold stay at the largest number.
    fn add(self, other: Self) -> Self {
        Self {
            packed: self.packed.saturating_add(other.packed),
            float32: self.float32.saturating_add(other.float32),
        }
    }
}

impl Add for Twin<Energy> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            packed: self.packed + other.packed,
            float32: self.float32 + other.float32,
        }
    }
}

/// Multiply-accumulates by what meets in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Macs {
    /// ±1 × ±1: the only ones that are truly 1-bit.
    pub binary: u64,
    /// Packed operands of which at least one is ternary.
    pub ternary: u64,
    /// 8-bit pixels × ±1 or ternary weights.
    pub pixels: u64,
    /// At least one operand is a real number.
    pub float: u64,
}

impl Macs {
    /// All of them.
    pub fn total(&self) -> u64 {
        let small = self.binary.saturating_add(self.ternary);
        small.saturating_add(self.pixels).saturating_add(self.float)
    }
}

impl Add for Macs {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            binary: self.binary.saturating_add(other.binary),
            ternary: self.ternary.saturating_add(other.ternary),
            pixels: self.pixels.saturating_add(other.pixels),
            float: self.float.saturating_add(other.float),
        }
    }
}

/// What is done to single numbers: pools, batch norm, shortcuts, activations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elementwise {
    /// Multiplications of floats: scales, batch norm's factor, means.
    pub multiplications: u64,
    /// Additions of floats: batch norm's shift, shortcuts, means.
    pub additions: u64,
    /// Comparisons of floats: activations, and pools of real sums.
    pub float_comparisons: u64,
    /// Comparisons of integer sums: folded batch norm, and pools. A pool behind folded ones is an
    /// or of bits, which is not counted.
    pub integer_comparisons: u64,
}

/// What becomes of a layer's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// Scale, batch norm and activation are comparisons of integers: [`Fold`](crate::Fold).
    Comparisons,
    /// They become real numbers by a scale and a shift.
    Real,
}

/// What one layer costs.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerCost {
    /// The layer's name.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Its shapes, and what its input holds.
    pub plan: LayerPlan,
    /// What becomes of its sums.
    pub ending: Ending,
    /// Numbers that batch norm learns: a shift per channel, and a factor unless it is fixed.
    pub learnt: usize,
    /// Numbers that batch norm follows without learning them: running mean and variance.
    pub running: usize,
    /// Multiply-accumulates.
    pub macs: Macs,
    /// One-bit operations in them: [`LayerCost::ops`].
    pub bops: u64,
    /// Words of 64 bits in which packed operands meet; channels fill whole words.
    pub words: u64,
    /// What is done to single numbers.
    pub other: Twin<Elementwise>,
    /// Bytes of the weights; packed, rows of channels fill whole words, as files hold them.
    pub weight_bytes: Twin<u64>,
    /// Bytes of what else an inference reads per channel: thresholds, or scale and shift.
    pub constant_bytes: Twin<u64>,
    /// Bytes of the input; packed channels fill whole words.
    pub input_bytes: Twin<u64>,
    /// Bytes of the output.
    pub output_bytes: Twin<u64>,
    /// Bytes that shortcuts read here, and those that are written here for later ones.
    pub shortcut_bytes: Twin<u64>,
    /// Bytes of every activation that is alive in the layer: input, output, and `z` as floats,
    /// its own where a shortcut starts or ends here, and earlier ones that are still to be added.
    /// Sums are no tensor: pool and activation take them as they are computed.
    pub live_bytes: Twin<u64>,
    /// Energy by Horowitz's table: [`energy`].
    pub energy: Twin<Energy>,
}

impl LayerCost {
    /// Bits of one weight: 1, 2 or 32; `None` without weights.
    pub fn bits_per_weight(&self) -> Option<u32> {
        self.plan.shape?;
        Some(match self.plan.quantizer {
            WeightQuantizer::Sign | WeightQuantizer::SignScaled => 1,
            WeightQuantizer::Ternary { .. } => 2,
            WeightQuantizer::None => 32,
        })
    }

    /// Weights, and what batch norm learns; its running moments are not among them.
    pub fn parameters(&self) -> usize {
        self.plan.weights() + self.learnt
    }

    /// Bytes of all activations that are read and written, shortcuts among them.
    pub fn activation_bytes(&self) -> Twin<u64> {
        self.input_bytes + self.output_bytes + self.shortcut_bytes
    }

    /// Whether every product is ±1 × ±1, and comparisons of integers end the layer.
    pub fn is_one_bit(&self) -> bool {
        self.macs.binary > 0
            && self.macs.binary == self.macs.total()
            && self.ending == Ending::Comparisons
    }

    /// Bytes that are read and written, each once: a lower bound for any program.
    pub fn access_bytes(&self) -> Twin<u64> {
        self.weight_bytes + self.constant_bytes + self.activation_bytes()
    }

    /// Operations in the convention of binary networks, a multiply-accumulate counted as one:
    ///
    /// ```text
    /// OPs = FLOPs + BOPs / 64
    /// ```
    ///
    /// A product counts as many one-bit operations as pairs of bitplanes meet in it: 1 for
    /// ±1 × ±1, 2 with a ternary operand, 8 for a pixel and twice that with a ternary weight. What
    /// is done to single numbers is left out, as the convention has it.
    ///
    /// # Reference
    /// Liu et al. 2018, *Bi-Real Net*, arXiv:1808.00278, and 2020, *ReActNet*, arXiv:2003.03488,
    /// for the formula; Hubara et al. 2016, *Binarized Neural Networks*, arXiv:1602.02830, for a
    /// pixel as eight bitplanes.
    pub fn ops(&self) -> f64 {
        self.macs.float as f64 + self.bops as f64 / 64.0
    }
}

/// What an inference of one image costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Height, width and channels of the image.
    pub input: [usize; 3],
    /// The layers, in order.
    pub layers: Vec<LayerCost>,
    /// The memory that all weights and constants lie in.
    pub memory: Twin<Memory>,
}

impl Cost {
    /// The sum of a count over the layers; the largest number where 64 bits do not hold it.
    pub fn count(&self, of: impl Fn(&LayerCost) -> u64) -> u64 {
        self.layers.iter().map(of).fold(0, u64::saturating_add)
    }

    /// The sum of what is more than a count over the layers.
    pub fn total<T: Default + Add<Output = T>>(&self, of: impl Fn(&LayerCost) -> T) -> T {
        self.layers.iter().map(of).fold(T::default(), T::add)
    }

    /// Most bytes of activations that are alive at a time.
    pub fn peak_bytes(&self) -> Twin<u64> {
        let most = |of: fn(&Twin<u64>) -> u64| {
            let layers = self.layers.iter();
            layers.map(|layer| of(&layer.live_bytes)).max().unwrap_or(0)
        };
        Twin {
            packed: most(|live| live.packed),
            float32: most(|live| live.float32),
        }
    }

    /// Operations, two to a multiply-accumulate, for each pixel of the image.
    pub fn operations_per_pixel(&self) -> f64 {
        let pixels = self.input[0] as f64 * self.input[1] as f64;
        2.0 * self.total(|layer| layer.macs).total() as f64 / pixels
    }
}

impl Network {
    /// What an inference of one image costs.
    ///
    /// ```
    /// # use orthant_bits::InputContract;
    /// # use orthant_model::{Activation, Layer, Network, Op, WeightQuantizer};
    /// # let dense = |name: &str, outputs, activation| Layer {
    /// #     name: name.into(),
    /// #     op: Op::Dense { outputs },
    /// #     weights: WeightQuantizer::Sign,
    /// #     pool: None,
    /// #     norm: None,
    /// #     shortcut: None,
    /// #     activation,
    /// # };
    /// # let network = Network {
    /// #     input: [8, 8, 1],
    /// #     contract: InputContract::uniform(1, 8, 8, 1),
    /// #     layers: vec![
    /// #         dense("dense1", 128, Activation::Sign),
    /// #         dense("dense2", 10, Activation::None),
    /// #     ],
    /// #     classes: 10,
    /// # };
    /// // 64 pixels, 128 signs, 10 classes.
    /// let cost = network.cost()?;
    /// let macs = cost.total(|layer| layer.macs);
    /// assert_eq!([macs.pixels, macs.binary], [64 * 128, 128 * 10]);
    /// assert_eq!(cost.layers[1].weight_bytes.packed, 10 * 128 / 8);
    /// # Ok::<(), orthant_model::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`plan`](Network::plan).
    pub fn cost(&self) -> Result<Cost, Error> {
        let plans = self.plan()?;
        let last_uses = self.last_uses();
        let indices = 0..plans.len();
        let mut layers: Vec<_> = indices
            .map(|at| count(self, &plans, &last_uses, at))
            .collect();
        let resident = layers.iter().fold(Twin::default(), |bytes, layer| {
            bytes + layer.weight_bytes + layer.constant_bytes
        });
        let memory = resident.map(Memory::holding);
        for layer in &mut layers {
            layer.energy = energy_of(layer, memory);
        }
        Ok(Cost {
            input: self.input,
            layers,
            memory,
        })
    }
}

#[cfg(test)]
mod tests;
