//! One layer: linear map, max-pool, batch norm, shortcut, activation, in this order.

use alloc::string::String;

use orthant_bits::{Border, Padding, PoolShape};

/// A layer of a network.
///
/// ```text
/// z = norm(pool(op(a))) + z of the shortcut's layer        a, z : [batch, height, width, channels]
/// y = activation(z)
/// ```
///
/// The pool comes before batch norm, so that it takes the maximum of integer sums.
///
/// # Reference
/// Hubara et al. 2016, *Binarized Neural Networks*, algorithm 1 and §2.1, arXiv:1602.02830.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Unique in the network; checkpoints and messages use it.
    pub name: String,
    /// What is done to the input.
    pub op: Op,
    /// How latent weights become the ones of the forward pass.
    pub weights: WeightQuantizer,
    /// A max-pool of the sums.
    pub pool: Option<PoolShape>,
    /// Batch norm of what the pool gives.
    pub norm: Option<NormSpec>,
    /// Index of an earlier layer whose `z` is added to this layer's.
    ///
    /// Where it is larger by a whole factor it is averaged over windows of that size; where it has
    /// fewer channels, the missing ones add 0.
    pub shortcut: Option<usize>,
    /// How `z` becomes the next layer's input.
    pub activation: Activation,
}

/// What a layer does to its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// A convolution.
    Conv(ConvOp),
    /// A matrix product with everything that the input holds, in the order `[height, width,
    /// channels]`.
    Dense {
        /// Numbers that come out.
        outputs: usize,
    },
    /// The mean of every channel over all pixels; real numbers, without weights.
    MeanPool,
}

/// A convolution whose input is not known yet; see [`orthant_bits::ConvShape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvOp {
    /// Output channels.
    pub outputs: usize,
    /// Height and width of the kernel, in taps.
    pub kernel: [usize; 2],
    /// Vertical and horizontal step between outputs.
    pub stride: [usize; 2],
    /// Vertical and horizontal step between taps.
    pub dilation: [usize; 2],
    /// How far the image is extended.
    pub padding: Padding,
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// What the extension holds.
    pub border: Border,
}

/// How latent weights become the weights of the forward pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WeightQuantizer {
    /// They are used as they are.
    None,
    /// [`sign`](orthant_bits::sign).
    Sign,
    /// [`sign`](orthant_bits::sign) times the filter's
    /// [mean magnitude](orthant_bits::mean_magnitude).
    SignScaled,
    /// [`ternarize`](orthant_bits::ternarize) at a threshold.
    Ternary {
        /// Magnitudes up to this one become 0; not negative.
        threshold: f32,
    },
}

/// How a layer's result becomes the next layer's input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Activation {
    /// It stays as it is; for the last layer, and for means.
    None,
    /// [`sign`](orthant_bits::sign).
    Sign,
    /// [`ternarize`](orthant_bits::ternarize) at a threshold.
    Ternary {
        /// Magnitudes up to this one become 0; not negative.
        threshold: f32,
    },
    /// `min(max(z, −1), 1)`, the hard tanh.
    Clip,
    /// `max(z, 0)`.
    Relu,
}

/// Batch norm's settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormSpec {
    /// Added to the variance; above 0.
    pub epsilon: f32,
    /// Share of the running mean and variance that a training step keeps, in [0, 1).
    pub momentum: f32,
    /// Whether a factor per channel is learnt; else it is 1.
    pub gamma: bool,
}
