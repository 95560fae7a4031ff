//! What can be wrong with a network.

use alloc::string::String;
use core::fmt;

/// Why a network cannot be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// No layer.
    Empty,
    /// Two layers of one name.
    Name {
        /// The name.
        name: String,
    },
    /// An input contract that does not fit the image.
    Contract {
        /// The contract's factor.
        a: i32,
        /// The contract's unit.
        unit: i32,
        /// Channels of the image.
        channels: usize,
        /// Numbers in the contract's `b`.
        found: usize,
    },
    /// An input contract whose numbers `f32` does not hold exactly.
    LargeInputs {
        /// The largest magnitude of an input.
        largest: u64,
        /// What it must stay below.
        limit: u64,
    },
    /// More weights than a program can hold.
    ManyWeights {
        /// The layer with which they are too many.
        layer: String,
        /// Weights up to that layer.
        weights: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// A pool whose window is too large.
    Window {
        /// The layer.
        layer: String,
        /// Pixels of the window.
        places: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// An impossible shape.
    Shape {
        /// The layer.
        layer: String,
        /// What is impossible.
        source: orthant_bits::Error,
    },
    /// A parameter out of its range.
    Parameter {
        /// The layer.
        layer: String,
        /// The parameter.
        what: &'static str,
        /// Its range.
        expected: &'static str,
        /// Its value.
        found: f32,
    },
    /// Integer sums that `f32` does not hold exactly.
    LargeSums {
        /// The layer.
        layer: String,
        /// The largest magnitude of a sum.
        largest: u64,
        /// What it must stay below.
        limit: u64,
    },
    /// A hidden layer without an activation.
    Linear {
        /// The layer.
        layer: String,
    },
    /// An activation behind the last layer.
    LastActivation {
        /// The layer.
        layer: String,
    },
    /// A mean-pool with an activation, a norm or a max-pool.
    ActivationOfMean {
        /// The layer.
        layer: String,
    },
    /// A mean-pool as the first layer.
    MeanOfPixels {
        /// The layer.
        layer: String,
    },
    /// The last layer does not give a number per class.
    Classes {
        /// The layer.
        layer: String,
        /// Classes.
        expected: usize,
        /// Numbers that the layer gives.
        found: usize,
    },
    /// A shortcut from a layer that is not earlier, or from or to a mean-pool.
    ShortcutSource {
        /// The layer that the shortcut leads to.
        layer: String,
    },
    /// A shortcut between shapes that do not fit.
    ShortcutShape {
        /// The layer that the shortcut leads to.
        layer: String,
        /// The layer that it comes from.
        source: String,
        /// Height, width and channels of the layer.
        expected: [usize; 3],
        /// Height, width and channels of the source.
        found: [usize; 3],
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the network has no layer, expected at least one"),
            Self::Name { name } => write!(
                f,
                "two layers are named {name:?}, expected a name of its own for each"
            ),
            Self::Contract {
                a,
                unit,
                channels,
                found,
            } => write!(
                f,
                "the input contract has a {a}, unit {unit} and {found} numbers b, expected a that \
                 is not 0, a unit above 0 and {channels} numbers, one per channel"
            ),
            Self::LargeInputs { largest, limit } => write!(
                f,
                "the input contract makes {largest} of a pixel, expected less than {limit}, below \
                 which 32-bit floats hold every integer"
            ),
            Self::ManyWeights {
                layer,
                weights,
                limit,
            } => write!(
                f,
                "up to layer {layer} there are {weights} weights, expected at most {limit}; \
                 make the network narrower"
            ),
            Self::Window {
                layer,
                places,
                limit,
            } => write!(
                f,
                "layer {layer}: the pool's window has {places} pixels, expected at most {limit}"
            ),
            Self::Shape { layer, source } => write!(f, "layer {layer}: {source}"),
            Self::Parameter {
                layer,
                what,
                expected,
                found,
            } => write!(
                f,
                "layer {layer}: the {what} is {found}, expected {expected}"
            ),
            Self::LargeSums {
                layer,
                largest,
                limit,
            } => write!(
                f,
                "layer {layer}: sums reach {largest}, expected less than {limit}, \
                 below which 32-bit floats hold every integer; make the layer narrower"
            ),
            Self::Linear { layer } => write!(
                f,
                "layer {layer} has no activation, expected one behind every hidden layer \
                 (sign, ternary, clip or relu)"
            ),
            Self::LastActivation { layer } => write!(
                f,
                "layer {layer} is the last and has an activation, expected \"none\" there"
            ),
            Self::ActivationOfMean { layer } => write!(
                f,
                "layer {layer} is a mean-pool, expected no activation, norm or max-pool behind it"
            ),
            Self::MeanOfPixels { layer } => write!(
                f,
                "layer {layer} is a mean-pool of the pixels, expected a layer before it"
            ),
            Self::Classes {
                layer,
                expected,
                found,
            } => write!(
                f,
                "layer {layer} is the last and gives {found} numbers, \
                 expected {expected}, one per class"
            ),
            Self::ShortcutSource { layer } => write!(
                f,
                "layer {layer}: the shortcut joins layers that it cannot, \
                 expected an earlier one, and none of the two a mean-pool"
            ),
            Self::ShortcutShape {
                layer,
                source,
                expected,
                found,
            } => {
                let [height, width, channels] = expected;
                let [from_height, from_width, from_channels] = found;
                write!(
                    f,
                    "layer {layer}: the shortcut from {source} is {from_height} x {from_width} x \
                     {from_channels}, expected {height} x {width} times a whole factor and at \
                     most {channels} channels"
                )
            }
        }
    }
}

impl core::error::Error for Error {}
