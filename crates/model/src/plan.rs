//! What the layers of a network are given and give: shapes and kinds of numbers.

use orthant_bits::{ConvShape, InputContract};

use crate::{Activation, WeightQuantizer};

/// The kind of numbers that an activation tensor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Unsigned 8-bit pixels that stand for the input contract's integers.
    Pixels,
    /// ±1.
    Binary,
    /// −1, 0 or +1.
    Ternary,
    /// Real numbers.
    Float,
}

impl Values {
    /// What an activation gives.
    pub const fn of(activation: Activation) -> Self {
        match activation {
            Activation::Sign => Self::Binary,
            Activation::Ternary { .. } => Self::Ternary,
            Activation::None | Activation::Clip | Activation::Relu => Self::Float,
        }
    }

    /// Bits of one number.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Binary => 1,
            Self::Ternary => 2,
            Self::Pixels => 8,
            Self::Float => 32,
        }
    }
}

/// A layer's shapes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerPlan {
    /// Height, width and channels of the input.
    pub input: [usize; 3],
    /// What the input holds.
    pub values: Values,
    /// The linear map, a dense layer as a kernel that covers the image; `None` for a mean-pool.
    pub shape: Option<ConvShape>,
    /// How the weights are quantized.
    pub quantizer: WeightQuantizer,
    /// Height, width and channels of the output, the pool included.
    pub output: [usize; 3],
    /// The largest magnitude that an integer sum can have; 0 where sums are not integers.
    pub largest_sum: u64,
}

impl LayerPlan {
    /// Whether the layer's sums are integers: no operand is a real number.
    pub fn is_packed(&self) -> bool {
        self.shape.is_some()
            && self.values != Values::Float
            && self.quantizer != WeightQuantizer::None
    }

    /// Number of weights.
    pub fn weights(&self) -> usize {
        self.shape
            .map_or(0, |shape| shape.outputs * shape.filter_len())
    }

    /// Height, width and channels of one image's sums, before any pool; of a mean-pool its means'.
    pub fn sums_extent(&self) -> [usize; 3] {
        self.shape.map_or(self.output, |shape| {
            let [height, width] = shape.output();
            [height, width, shape.outputs]
        })
    }

    /// Numbers of one image's sums.
    pub fn sums_len(&self) -> usize {
        self.sums_extent().iter().product()
    }

    /// Numbers of one output image.
    pub fn output_len(&self) -> usize {
        self.output.iter().product()
    }

    /// Numbers of one input image.
    pub fn input_len(&self) -> usize {
        self.input.iter().product()
    }

    /// Multiply-accumulates of one image.
    pub fn macs(&self) -> u64 {
        self.shape.map_or(0, |shape| shape.macs())
    }
}

/// The kernel that covers an image: the convolution that a dense layer is.
///
/// Where no bits of padding lie between the pixels it is a 1 x 1 convolution, whose weights and
/// activations are the same words.
pub(crate) fn dense(input: [usize; 3], values: Values, outputs: usize) -> ConvShape {
    let [height, width, channels] = input;
    let has_gaps = height * width > 1 && !channels.is_multiple_of(orthant_bits::WORD_BITS);
    if values == Values::Pixels || (values != Values::Float && has_gaps) {
        let shape = ConvShape::new(input, outputs, [height, width]);
        return ConvShape {
            padding: orthant_bits::Padding::Valid,
            ..shape
        };
    }
    ConvShape::dense(height * width * channels, outputs)
}

/// The largest magnitude of `a · p − b_c` over all pixels `p`.
pub(crate) fn largest_input(contract: &InputContract) -> u64 {
    let a = i64::from(contract.a);
    let b = contract.b.iter().map(|&b| i64::from(b));
    let inside = b.flat_map(|b| [-b, 255 * a - b]).map(i64::unsigned_abs);
    inside.max().unwrap_or(0)
}
