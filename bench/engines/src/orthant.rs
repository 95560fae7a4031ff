//! Our own packed network: bits between the layers, pixels in and logits out.

use std::error::Error;

use orthant_bits::{BitMatrix, Border, InputContract, Padding, PoolShape};
use orthant_infer::Runner;
use orthant_kernels::Kernels;
use orthant_model::{
    Activation, ConvOp, Fold, Labels, Network as Model, Op, Packed, PackedLayer, PackedWeights,
    WeightQuantizer,
};

use crate::engine::Engine;
use crate::images::{CHANNELS, Images, SIDE};
use crate::network::{CLASSES, Layer, Network};

/// The integer that stands for 1 in the first layer's sums.
const UNIT: i32 = 255;

/// Most images of a pass, as `orthant bench` has it.
const MOST_IMAGES: usize = 16;

/// Packs the network, as it would be read from a file, and loads it.
///
/// # Errors
/// A layer that cannot be packed or run.
pub fn binary(network: &Network, images: &Images) -> Result<Box<dyn Engine>, Box<dyn Error>> {
    let file = packed(network)?.to_bytes()?;
    let packed = Packed::read(&file)?;
    let runner = Runner::new(Kernels::detect()?, &packed)?;
    Ok(Box::new(Binary {
        runner: runner.with_images(images.count().min(MOST_IMAGES))?,
        pixels: images.pixels().to_vec(),
        logits: images.count() * CLASSES,
    }))
}

struct Binary {
    runner: Runner<'static>,
    pixels: Vec<u8>,
    logits: usize,
}

impl Engine for Binary {
    fn logits(&mut self) -> Result<Vec<f32>, Box<dyn Error>> {
        let mut logits = vec![0.0; self.logits];
        self.runner.run(&self.pixels, &mut logits)?;
        Ok(logits)
    }
}

fn packed(network: &Network) -> Result<Packed<'static>, Box<dyn Error>> {
    let last = network.layers.len() - 1;
    let layers = network.layers.iter().enumerate();
    let model = Model {
        input: [SIDE, SIDE, CHANNELS],
        contract: InputContract::uniform(2, UNIT, UNIT, CHANNELS),
        layers: layers
            .map(|(at, layer)| described(at, layer, at == last))
            .collect(),
        classes: CLASSES,
    };
    let plans = model.plan()?;
    let mut layers = Vec::new();
    for (at, (layer, plan)) in network.layers.iter().zip(&plans).enumerate() {
        let cols = plan.row_len();
        let bits = BitMatrix::from_i8(layer.weights.len() / cols, cols, &layer.weights)?;
        let words = bits.words().iter().map(|word| word.to_le_bytes());
        let factor = if at == 0 { 1.0 / UNIT as f32 } else { 1.0 };
        let channels = layer.gain.iter().zip(layer.bias());
        let folds: Vec<_> = channels
            .map(|(&scale, shift)| Fold {
                factor,
                scale,
                shift,
            })
            .collect();
        layers.push(PackedLayer {
            weights: PackedWeights::Binary(words.collect()),
            readout: model.fold(at, plan, &folds)?,
        });
    }
    let labels = Labels {
        classes: (0..CLASSES).map(|class| class.to_string()).collect(),
        white: u8::MAX,
    };
    Ok(Packed::new(model, labels, layers)?)
}

fn described(at: usize, layer: &Layer, is_last: bool) -> orthant_model::Layer {
    let op = if layer.is_dense() {
        Op::Dense {
            outputs: layer.outputs,
        }
    } else {
        Op::Conv(ConvOp {
            outputs: layer.outputs,
            kernel: [layer.kernel; 2],
            stride: [1; 2],
            dilation: [1; 2],
            padding: Padding::Same,
            groups: 1,
            border: Border::Zero,
        })
    };
    orthant_model::Layer {
        name: format!("layer{}", at + 1),
        op,
        weights: WeightQuantizer::Sign,
        pool: layer.pool.then(|| PoolShape::square(2)),
        norm: None,
        shortcut: None,
        activation: if is_last {
            Activation::None
        } else {
            Activation::Sign
        },
    }
}
