//! `candle`: layers called one by one; f32 products of the crate `gemm`, patches copied in tiles.
//!
//! It has no int8 convolution.

use std::error::Error;

use candle_core::{Device, Tensor};
use candle_nn::{Conv2d, Conv2dConfig, Linear, Module};

use crate::engine::{AT_ONCE, Engine};
use crate::images::{CHANNELS, Images, SIDE, real};
use crate::network::{Layer, Network};

/// Loads the network in float32.
///
/// # Errors
/// The engine's own.
pub fn float32(network: &Network, images: &Images) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    let layers = network.layers.iter().map(Step::new);
    let parts = images.parts(AT_ONCE);
    let shape = (parts[0].count(), CHANNELS, SIDE, SIDE);
    let tensor = |part: &Images| Tensor::from_vec(part.channels_first(real), shape, &Device::Cpu);
    Ok(Box::new(Float32 {
        steps: layers.collect::<Result<_, _>>()?,
        parts: parts.iter().map(tensor).collect::<Result<_, _>>()?,
    }))
}

struct Float32 {
    steps: Vec<Step>,
    parts: Vec<Tensor>,
}

/// A layer but for its rectifier.
enum Step {
    Convolution { product: Conv2d, pool: bool },
    Dense(Linear),
}

impl Step {
    /// The norm in weights and bias.
    fn new(layer: &Layer) -> candle_core::Result<Self> {
        let weights = layer.channels_first(|output, weight| layer.gain[output] * f32::from(weight));
        let bias = Tensor::from_vec(layer.bias(), layer.outputs, &Device::Cpu)?;
        if layer.is_dense() {
            let shape = (layer.outputs, layer.filter_len());
            let weights = Tensor::from_vec(weights, shape, &Device::Cpu)?;
            return Ok(Self::Dense(Linear::new(weights, Some(bias))));
        }
        let shape = (layer.outputs, layer.inputs, layer.kernel, layer.kernel);
        let weights = Tensor::from_vec(weights, shape, &Device::Cpu)?;
        let border = Conv2dConfig {
            padding: layer.border(),
            ..Conv2dConfig::default()
        };
        Ok(Self::Convolution {
            product: Conv2d::new(weights, Some(bias), border),
            pool: layer.pool,
        })
    }

    fn forward(&self, values: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Convolution {
                product,
                pool: true,
            } => product.forward(values)?.max_pool2d(2),
            Self::Convolution { product, .. } => product.forward(values),
            Self::Dense(product) => product.forward(&values.flatten_from(1)?),
        }
    }
}

impl Float32 {
    fn part(&self, images: &Tensor) -> candle_core::Result<Vec<f32>> {
        let mut values = images.clone();
        for (index, step) in self.steps.iter().enumerate() {
            values = step.forward(&values)?;
            if index + 1 < self.steps.len() {
                values = values.relu()?;
            }
        }
        values.flatten_all()?.to_vec1()
    }
}

impl Engine for Float32 {
    fn logits(&mut self) -> Result<Vec<f32>, Box<dyn Error>> {
        let mut logits = Vec::new();
        for part in &self.parts {
            logits.extend(self.part(part)?);
        }
        Ok(logits)
    }
}
