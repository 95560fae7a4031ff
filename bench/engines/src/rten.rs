//! `rten`: ONNX, f32 and u8 × i8 products, im2col on the fly.
//!
//! Its integer convolution decides the form of the int8 network. It multiplies u8 weights by i8
//! images and converts others at every call; weights are u8, but activations too, since it
//! quantizes to u8 so much faster that the conversion pays. It fills a border with the byte 0 of
//! the i8 form whatever stands for 0, so that activations must be symmetric. With more than one
//! image it loses what stands for 0 in the weights, so that the convolutions run image by image;
//! the dense layers take the batch. The last two were found by comparing sums with ONNX Runtime's.

use std::error::Error;
use std::sync::Arc;

use rten::{Model, ModelOptions, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{NdTensor, Tensor};

use crate::engine::{AT_ONCE, Engine};
use crate::images::{CHANNELS, Images, SIDE, real};
use crate::network::Network;
use crate::onnx;

/// Loads the network in float32.
///
/// # Errors
/// The engine's own.
pub fn float32(network: &Network, images: &Images) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    let parts = images.parts(AT_ONCE);
    let shape = [parts[0].count(), CHANNELS, SIDE, SIDE];
    let tensor = |part: &Images| Tensor::from_data(&shape, part.channels_first(real)).into();
    Ok(Box::new(Float32 {
        network: Loaded::new(onnx::float32(network, shape[0]))?,
        parts: parts.iter().map(tensor).collect(),
    }))
}

/// Loads the network in int8.
///
/// # Errors
/// The engine's own.
pub fn int8(network: &Network, images: &Images) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    let parts = onnx::int8(network, images.count());
    let pixels = images.channels_first(|pixel| pixel);
    let images = pixels.chunks_exact(CHANNELS * SIDE * SIDE);
    let shape = [1, CHANNELS, SIDE, SIDE];
    let tensor = |image: &[u8]| Tensor::from_data(&shape, image.to_vec()).into();
    Ok(Box::new(Int8 {
        convolutions: Loaded::new(parts.convolutions)?,
        dense: Loaded::new(parts.dense)?,
        images: images.map(tensor).collect(),
    }))
}

/// A file that is ready to run.
struct Loaded {
    model: Model,
    options: RunOptions,
}

struct Float32 {
    network: Loaded,
    parts: Vec<Value>,
}

struct Int8 {
    convolutions: Loaded,
    dense: Loaded,
    images: Vec<Value>,
}

impl Loaded {
    fn new(file: Vec<u8>) -> Result<Self, Box<dyn Error>> {
        let mut settings = ModelOptions::with_all_ops();
        settings.prepack_weights(true);
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        Ok(Self {
            model: settings.load(file)?,
            options: RunOptions::default().with_thread_pool(Some(pool)),
        })
    }

    fn run(&self, input: &Value) -> Result<Value, Box<dyn Error>> {
        let options = Some(self.options.clone());
        Ok(self.model.run_one(ValueOrView::from(input), options)?)
    }
}

impl Engine for Float32 {
    fn logits(&mut self) -> Result<Vec<f32>, Box<dyn Error>> {
        let mut logits = Vec::new();
        for part in &self.parts {
            let outputs: NdTensor<f32, 2> = self.network.run(part)?.try_into()?;
            logits.extend(outputs.into_data());
        }
        Ok(logits)
    }
}

impl Engine for Int8 {
    fn logits(&mut self) -> Result<Vec<f32>, Box<dyn Error>> {
        let mut features = Vec::new();
        for image in &self.images {
            let activations: NdTensor<u8, 4> = self.convolutions.run(image)?.try_into()?;
            features.extend(activations.into_data());
        }
        let shape = [self.images.len(), features.len() / self.images.len()];
        let features = Tensor::from_data(&shape, features).into();
        let logits: NdTensor<f32, 2> = self.dense.run(&features)?.try_into()?;
        Ok(logits.into_data())
    }
}
