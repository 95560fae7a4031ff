//! The network of the recipe `binarynet-cifar10`: random ±1 weights, and norms that fit them.
//!
//! Speed depends on neither; the check that every engine computes the same network does.

use crate::images::{CHANNELS, Images, SIDE, real};
use crate::{Random, plain};

/// Outputs of the last layer.
pub const CLASSES: usize = 10;

/// What follows the batch norm of every layer but the last.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `max(z, 0)`: the network of engines that know real numbers.
    Relu,
    /// `min(max(z, −1), 1)`: the network of engines whose 8-bit integers saturate.
    HardTanh,
    /// ±1, `sign(0) = +1`: the binary network.
    Sign,
}

/// A convolution or a dense layer, its max-pool and its batch norm.
///
/// ```text
/// z = gain · (max-pool(Σ w · x) − mean)        w : [outputs, kernel, kernel, inputs]
/// ```
///
/// A dense layer is a kernel that covers its input.
pub struct Layer {
    /// Channels of the input.
    pub inputs: usize,
    /// Height and width of the input.
    pub side: usize,
    /// Height and width of the kernel: 3 with a border of zeros, or `side` without one.
    pub kernel: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Whether a 2 x 2 max-pool follows the sums.
    pub pool: bool,
    /// ±1, `[outputs, kernel, kernel, inputs]`.
    pub weights: Vec<i8>,
    /// Factors of the norm, positive, `[outputs]`.
    pub gain: Vec<f32>,
    /// What the norm subtracts, `[outputs]`.
    pub mean: Vec<f32>,
    /// The largest magnitude that follows the activation, over the images that gave the means.
    pub peak: f32,
}

/// Layers in order, the activation between them.
pub struct Network {
    /// What follows the norms, but for the last.
    pub activation: Activation,
    /// From the pixels to the logits.
    pub layers: Vec<Layer>,
}

impl Network {
    /// Random weights, the same for both activations; means, gains and peaks from `images`.
    pub fn new(activation: Activation, images: &Images) -> Self {
        let mut random = Random::new(3);
        let mut values: Vec<f32> = images.pixels().iter().map(|&pixel| real(pixel)).collect();
        let mut layers: Vec<Layer> = layers(&mut random).collect();
        let last = layers.len() - 1;
        for (index, layer) in layers.iter_mut().enumerate() {
            values = plain::sums(layer, &values);
            layer.fit(&values, &mut random);
            layer.normalize(&mut values);
            if index < last {
                activation.apply(&mut values);
            }
            layer.peak = values.iter().fold(0.0, |peak, value| value.abs().max(peak));
        }
        Self { activation, layers }
    }

    /// The logits in plain loops, `[images, CLASSES]`.
    pub fn logits(&self, images: &Images) -> Vec<f32> {
        let mut values: Vec<f32> = images.pixels().iter().map(|&pixel| real(pixel)).collect();
        for (index, layer) in self.layers.iter().enumerate() {
            values = plain::sums(layer, &values);
            layer.normalize(&mut values);
            if index + 1 < self.layers.len() {
                self.activation.apply(&mut values);
            }
        }
        values
    }
}

impl Activation {
    fn apply(self, values: &mut [f32]) {
        let apply = match self {
            Self::Relu => |z: f32| z.max(0.0),
            Self::HardTanh => |z: f32| z.clamp(-1.0, 1.0),
            Self::Sign => |z: f32| if z >= 0.0 { 1.0 } else { -1.0 },
        };
        values.iter_mut().for_each(|value| *value = apply(*value));
    }
}

impl Layer {
    /// A layer without weights.
    fn new(inputs: usize, side: usize, kernel: usize, outputs: usize, pool: bool) -> Self {
        Self {
            inputs,
            side,
            kernel,
            outputs,
            pool,
            weights: Vec::new(),
            gain: Vec::new(),
            mean: Vec::new(),
            peak: 0.0,
        }
    }

    /// Whether the kernel covers the input.
    pub fn is_dense(&self) -> bool {
        self.kernel == self.side
    }

    /// Height and width of the border of zeros on each side.
    pub fn border(&self) -> usize {
        if self.is_dense() { 0 } else { self.kernel / 2 }
    }

    /// Weights of one output.
    pub fn filter_len(&self) -> usize {
        self.kernel * self.kernel * self.inputs
    }

    /// A number for each weight, `[outputs, inputs, kernel, kernel]`; takes output and weight.
    ///
    /// A dense layer's inputs are those of an image with its channels first.
    pub fn channels_first<T>(&self, number: impl Fn(usize, i8) -> T) -> Vec<T> {
        let taps = self.kernel * self.kernel;
        let mut numbers = Vec::with_capacity(self.weights.len());
        for (output, filter) in self.weights.chunks_exact(self.filter_len()).enumerate() {
            for input in 0..self.inputs {
                let weights = (0..taps).map(|tap| filter[tap * self.inputs + input]);
                numbers.extend(weights.map(|weight| number(output, weight)));
            }
        }
        numbers
    }

    /// What the norm adds where the gain is in the weights: `−gain · mean`, `[outputs]`.
    pub fn bias(&self) -> Vec<f32> {
        let channels = self.gain.iter().zip(&self.mean);
        channels.map(|(gain, mean)| -gain * mean).collect()
    }

    /// Takes each channel's mean from `sums`; gains scatter around the layer's inverse deviation,
    /// so that the channels' scales differ as those of a trained network do.
    fn fit(&mut self, sums: &[f32], random: &mut Random) {
        let positions = (sums.len() / self.outputs) as f64;
        let mut means = vec![0.0; self.outputs];
        for pixel in sums.chunks_exact(self.outputs) {
            for (mean, sum) in means.iter_mut().zip(pixel) {
                *mean += f64::from(*sum) / positions;
            }
        }
        let mut variance = 0.0;
        for pixel in sums.chunks_exact(self.outputs) {
            for (mean, sum) in means.iter().zip(pixel) {
                variance += (f64::from(*sum) - mean).powi(2) / sums.len() as f64;
            }
        }
        let mut gain = || ((0.5 + random.unit()) / variance.sqrt()) as f32;
        self.gain = (0..self.outputs).map(|_| gain()).collect();
        self.mean = means.into_iter().map(|mean| mean as f32).collect();
    }

    fn normalize(&self, sums: &mut [f32]) {
        for pixel in sums.chunks_exact_mut(self.outputs) {
            for (sum, (gain, mean)) in pixel.iter_mut().zip(self.gain.iter().zip(&self.mean)) {
                *sum = gain * (*sum - mean);
            }
        }
    }
}

/// The layers of the recipe, with their weights.
fn layers(random: &mut Random) -> impl Iterator<Item = Layer> {
    let (mut layers, mut inputs, mut side) = (Vec::new(), CHANNELS, SIDE);
    for (index, outputs) in [128, 128, 256, 256, 512, 512].into_iter().enumerate() {
        let pool = index % 2 == 1;
        layers.push(Layer::new(inputs, side, 3, outputs, pool));
        inputs = outputs;
        side = if pool { side / 2 } else { side };
    }
    for outputs in [1024, 1024, CLASSES] {
        layers.push(Layer::new(inputs, side, side, outputs, false));
        (inputs, side) = (outputs, 1);
    }
    layers.into_iter().map(|mut layer| {
        let count = layer.outputs * layer.filter_len();
        let sign = |_| if random.word() >> 63 == 1 { 1 } else { -1 };
        layer.weights = (0..count).map(sign).collect();
        layer
    })
}
