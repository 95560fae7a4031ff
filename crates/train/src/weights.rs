//! The weights of a forward pass, made from latent ones.

use std::borrow::Cow;

use orthant_bits::{
    Aligned, BitMatrix, TernaryMatrix, expand_signs, expand_ternary, mean_magnitude, words_for,
};
use orthant_kernels::{Error, Inputs, Kernels, Layer, Weights};
use orthant_model::{Values, WeightQuantizer};
use rayon::prelude::*;

use crate::linear::Linear;
use crate::random::{Draw, randomize};

/// Numbers that a task packs.
const CHUNK: usize = 1 << 16;

/// Quantized weights of a layer, in the layout of its kernels.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantized {
    /// The latent weights themselves, which are not copied.
    Float,
    /// ±1.
    Binary(BitMatrix),
    /// −1, 0 and +1.
    Ternary(TernaryMatrix),
}

/// What a forward pass multiplies with.
#[derive(Debug, Clone)]
pub struct ForwardWeights {
    /// The numbers, `[outputs · taps, channels]`, or `[outputs, filter]` where the input is pixels.
    pub quantized: Quantized,
    /// A factor per output; empty where it is 1.
    pub scale: Vec<f32>,
    /// The kernels' own form; empty for layers whose operands are not both packed.
    pub prepared: Aligned<u64>,
}

impl ForwardWeights {
    /// Quantizes `latent : [outputs, filter]`, and prepares it for inputs of a kind: the plan's, or
    /// what dropout makes of it.
    ///
    /// # Errors
    /// A NaN among the weights.
    pub(crate) fn new(
        linear: &Linear,
        latent: &[f32],
        values: Values,
        draw: Option<Draw>,
    ) -> Result<Self, Error> {
        let (kernels, plan) = (linear.kernels, linear.plan);
        let cols = linear.plan.row_len();
        let rows = latent.len() / cols;
        let quantized = match plan.quantizer {
            WeightQuantizer::None => Quantized::Float,
            WeightQuantizer::Sign | WeightQuantizer::SignScaled => {
                let mut bits = BitMatrix::try_zeroed(rows, cols)?;
                pack_signs(kernels, cols, latent, bits.words_mut(), draw)?;
                Quantized::Binary(bits)
            }
            WeightQuantizer::Ternary { threshold } => {
                let mut planes = TernaryMatrix::try_zeroed(rows, cols)?;
                let [sign, nonzero] = planes.planes_mut();
                let per_task = (CHUNK / cols).max(1);
                let words = per_task * words_for(cols);
                let tasks = sign
                    .par_chunks_mut(words)
                    .zip(nonzero.par_chunks_mut(words));
                tasks.zip(latent.par_chunks(per_task * cols)).try_for_each(
                    |((sign, nonzero), latent)| {
                        let mut spare = vec![0.0; latent.len()];
                        let planes = [sign, nonzero];
                        kernels.pack_ternary(cols, latent, threshold, planes, &mut spare)
                    },
                )?;
                Quantized::Ternary(planes)
            }
        };
        let scale = match plan.quantizer {
            WeightQuantizer::SignScaled => latent
                .par_chunks(linear.shape.filter_len())
                .map(mean_magnitude)
                .collect(),
            _ => Vec::new(),
        };
        let mut weights = Self {
            quantized,
            scale,
            prepared: Aligned::zeros(0),
        };
        weights.prepare(linear, values)?;
        Ok(weights)
    }

    fn prepare(&mut self, linear: &Linear, values: Values) -> Result<(), Error> {
        let inputs = match values {
            Values::Pixels => Inputs::Pixels(linear.contract),
            Values::Binary => Inputs::Binary,
            Values::Ternary => Inputs::Ternary,
            Values::Float => return Ok(()),
        };
        let weights = match &self.quantized {
            Quantized::Float => return Ok(()),
            Quantized::Binary(bits) => Weights::Binary(bits.words()),
            Quantized::Ternary(planes) => Weights::Ternary {
                sign: planes.sign().words(),
                nonzero: planes.nonzero().words(),
            },
        };
        let (shape, kernels) = (linear.shape, linear.kernels);
        let layer = Layer {
            shape,
            inputs,
            weights,
        };
        self.prepared = Aligned::zeros(kernels.prepared_len(&layer)?);
        kernels.prepare(&layer, &mut self.prepared)
    }

    /// The weights as floats, `[outputs, filter]`, with their scale or without it.
    ///
    /// `latent` is what they were made from.
    pub(crate) fn to_f32<'a>(
        &self,
        linear: &Linear,
        latent: &'a [f32],
        scaled: bool,
    ) -> Cow<'a, [f32]> {
        if self.quantized == Quantized::Float {
            return latent.into();
        }
        let (cols, filter) = (linear.plan.row_len(), linear.shape.filter_len());
        let mut floats = vec![0.0; latent.len()];
        floats
            .par_chunks_mut(filter)
            .enumerate()
            .for_each(|(output, filter)| {
                let first = output * (filter.len() / cols);
                for (row, to) in filter.chunks_exact_mut(cols).enumerate() {
                    match &self.quantized {
                        Quantized::Binary(bits) => expand_signs(bits.row(first + row), 0..cols, to),
                        Quantized::Ternary(planes) => {
                            let planes = [planes.sign(), planes.nonzero()];
                            expand_ternary(planes.map(|plane| plane.row(first + row)), 0..cols, to);
                        }
                        Quantized::Float => {}
                    }
                }
                if let Some(scale) = self.scale.get(output).filter(|_| scaled) {
                    filter.iter_mut().for_each(|weight| *weight *= scale);
                }
            });
        floats.into()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> u64 {
        let words = match &self.quantized {
            Quantized::Float => 0,
            Quantized::Binary(bits) => bits.words().len(),
            Quantized::Ternary(planes) => 2 * planes.sign().words().len(),
        };
        let words = words + self.prepared.len();
        (words * size_of::<u64>() + self.scale.len() * size_of::<f32>()) as u64
    }

    /// Weights whose value differs from the one in `other`.
    pub fn changed(&self, other: &Self) -> u64 {
        let differ = |a: &BitMatrix, b: &BitMatrix| -> u64 {
            let pairs = a.words().iter().zip(b.words());
            pairs.map(|(a, b)| u64::from((a ^ b).count_ones())).sum()
        };
        match (&self.quantized, &other.quantized) {
            (Quantized::Binary(a), Quantized::Binary(b)) => differ(a, b),
            (Quantized::Ternary(a), Quantized::Ternary(b)) => {
                let planes = [(a.sign(), b.sign()), (a.nonzero(), b.nonzero())];
                let words = planes.map(|(a, b)| a.words().iter().zip(b.words()));
                let [sign, nonzero] = words.map(|pairs| pairs.map(|(a, b)| a ^ b));
                let either = sign
                    .zip(nonzero)
                    .map(|(s, z)| u64::from((s | z).count_ones()));
                either.sum()
            }
            _ => 0,
        }
    }
}

fn pack_signs(
    kernels: Kernels,
    cols: usize,
    latent: &[f32],
    words: &mut [u64],
    draw: Option<Draw>,
) -> Result<(), Error> {
    let per_task = (CHUNK / cols).max(1);
    let tasks = words.par_chunks_mut(per_task * words_for(cols));
    let tasks = tasks.zip(latent.par_chunks(per_task * cols)).enumerate();
    tasks.try_for_each(|(task, (words, latent))| match draw {
        None => kernels.pack_signs(cols, latent, words),
        Some(draw) => {
            let mut latent = latent.to_vec();
            randomize(&mut latent, &mut draw(task));
            kernels.pack_signs(cols, &latent, words)
        }
    })
}
