//! A linear map, dense or convolution, on whatever numbers meet in it.

mod backward;
mod bf16;
mod integer;
mod patches;

pub(crate) use backward::Operands;

use std::borrow::Cow;

use orthant_bits::{ConvShape, InputContract};
use orthant_kernels::{Conv, Error, FloatConv, Kernels, Output};
use orthant_model::{LayerPlan, Patches, Values};
use rayon::prelude::*;

use crate::activations::Activations;
use crate::sums::Sums;
use crate::weights::{ForwardWeights, Quantized};

/// Rows of a dense layer's output that a task computes.
const DENSE_ROWS: usize = 16;

/// Patches of a float convolution that a task multiplies.
const FLOAT_ROWS: usize = 256;

/// How real numbers are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// As fast as can be; for training steps.
    Fast,
    /// In the one order of evaluation, equal on every machine.
    Fixed,
}

/// A layer's linear map.
#[derive(Debug, Clone, Copy)]
pub struct Linear<'a> {
    /// Who computes it.
    pub kernels: Kernels,
    /// What pixels stand for.
    pub contract: &'a InputContract,
    /// The layer.
    pub plan: &'a LayerPlan,
    /// Its convolution.
    pub shape: ConvShape,
    /// What its filters read.
    patches: Patches<'a>,
}

impl<'a> Linear<'a> {
    /// The linear map of a layer that has one.
    pub fn new(kernels: Kernels, contract: &'a InputContract, plan: &'a LayerPlan) -> Option<Self> {
        let shape = plan.shape?;
        Some(Self {
            kernels,
            contract,
            plan,
            shape,
            patches: Patches::new(shape, contract),
        })
    }

    /// Height, width and channels of the sums of one image.
    pub fn extent(&self) -> [usize; 3] {
        let [height, width] = self.patches.output();
        [height, width, self.shape.outputs]
    }

    /// What each output's sum is multiplied with to be the layer's real result.
    ///
    /// `gain` is what dropout multiplies the inputs that it keeps with.
    pub fn factors(&self, weights: &ForwardWeights, input: Values, gain: f32) -> Vec<f32> {
        let integers = input == Values::Pixels && weights.quantized != Quantized::Float;
        let unit = if integers {
            self.contract.unit as f32
        } else {
            1.0
        };
        match weights.scale.is_empty() {
            true => vec![gain / unit; self.shape.outputs],
            false => weights
                .scale
                .iter()
                .map(|scale| scale * (gain / unit))
                .collect(),
        }
    }

    /// The sums of `batch` images, weights without their scale.
    ///
    /// # Errors
    /// What the kernels refuse.
    pub fn forward(
        &self,
        weights: &ForwardWeights,
        latent: &[f32],
        input: &Activations,
        batch: usize,
        arithmetic: Arithmetic,
    ) -> Result<Sums, Error> {
        let is_packed = weights.quantized != Quantized::Float;
        if let Some(input) = input.view().packed().filter(|_| is_packed) {
            let conv = Conv {
                shape: self.shape,
                pool: None,
                input,
                batch,
                weights: &weights.prepared,
            };
            return match i16::try_from(self.plan.largest_sum) {
                Ok(_) => self.packed(&conv, |sums| Output::I16(sums)).map(Sums::I16),
                Err(_) => self.packed(&conv, |sums| Output::I32(sums)).map(Sums::I32),
            };
        }
        let weights = weights.to_f32(self, latent, false);
        match arithmetic {
            Arithmetic::Fast => Ok(Sums::F32(self.fast(input, batch, &weights))),
            Arithmetic::Fixed => self.fixed(input, batch, &weights).map(Sums::F32),
        }
    }

    /// Integer sums of packed operands, rows shared among threads.
    fn packed<T: Clone + Default + Send>(
        &self,
        conv: &Conv,
        output: for<'o> fn(&'o mut [T]) -> Output<'o>,
    ) -> Result<Vec<T>, Error> {
        let [height, width, outputs] = self.extent();
        let rows = if height == 1 { DENSE_ROWS } else { height };
        let scratch_len = conv.scratch_len()?;
        let all = conv.output_rows()?;
        let mut sums = vec![T::default(); all * width * outputs];
        let tasks = sums.par_chunks_mut(rows * width * outputs).enumerate();
        tasks.try_for_each_init(
            || vec![0; scratch_len],
            |scratch, (task, sums)| {
                let rows = task * rows..((task + 1) * rows).min(all);
                self.kernels.conv2d(conv, rows, output(sums), scratch)
            },
        )?;
        Ok(sums)
    }

    /// Real sums through the fast matrix product.
    fn fast(&self, input: &Activations, batch: usize, weights: &[f32]) -> Vec<f32> {
        let [height, width, outputs] = self.extent();
        let mut sums = vec![0.0; batch * height * width * outputs];
        let tasks = sums.par_chunks_mut(FLOAT_ROWS * outputs).enumerate();
        tasks.for_each_init(Vec::new, |patches, (task, sums)| {
            let first = task * FLOAT_ROWS;
            let positions = first..first + sums.len() / outputs;
            self.multiply_patches(input, positions, weights, patches, sums);
        });
        sums
    }

    /// Real sums in the order of evaluation.
    fn fixed(&self, input: &Activations, batch: usize, weights: &[f32]) -> Result<Vec<f32>, Error> {
        let len = self.plan.input_len();
        let floats: Cow<[f32]> = match input {
            Activations::Float(values) => values.into(),
            _ => input
                .view()
                .to_f32(self.contract, self.shape.channels, batch * len)
                .into(),
        };
        let sums_len: usize = self.extent().iter().product();
        let mut sums = vec![0.0; batch * sums_len];
        let tasks = sums.par_chunks_mut(sums_len).zip(floats.par_chunks(len));
        tasks.try_for_each_init(
            || vec![0.0; FloatConv::scratch_len(&self.shape)],
            |scratch, (sums, input)| {
                let conv = FloatConv {
                    shape: self.shape,
                    batch: 1,
                    input,
                    weights,
                };
                self.kernels.conv2d_f32(&conv, sums, scratch)
            },
        )?;
        Ok(sums)
    }
}
