//! `tract`: ONNX, packed f32 products in assembly.
//!
//! Its int8 network is left out: on AVX2 its integer product executes an SSE load between AVX
//! instructions, and an image takes 1.3 s, sixty times what float32 takes.

use std::error::Error;
use std::sync::Arc;

use tract_onnx::prelude::*;

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
    let file = onnx::float32(network, shape[0]);
    let model = tract_onnx::onnx().model_for_read(&mut file.as_slice())?;
    let tensor = |part: &Images| Tensor::from_shape(&shape, &part.channels_first(real));
    let parts = parts.iter().map(|part| Ok(tensor(part)?.into()));
    Ok(Box::new(Float32 {
        network: model.into_optimized()?.into_runnable()?,
        parts: parts.collect::<TractResult<_>>()?,
    }))
}

struct Float32 {
    network: Arc<TypedRunnableModel>,
    parts: Vec<TValue>,
}

impl Engine for Float32 {
    fn logits(&mut self) -> Result<Vec<f32>, Box<dyn Error>> {
        let mut logits = Vec::new();
        for part in &self.parts {
            let outputs = self.network.run(tvec!(part.clone()))?;
            logits.extend_from_slice(outputs[0].try_as_plain_ram()?.as_slice()?);
        }
        Ok(logits)
    }
}
