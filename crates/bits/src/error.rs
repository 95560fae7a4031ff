//! What can be wrong with data on its way into bits.

use core::fmt;

use crate::TensorShape;

/// A rule of the packed layout that the caller's data breaks.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A slice does not hold as many elements as its shape says.
    Length {
        /// What the slice holds.
        what: &'static str,
        /// Elements that the shape asks for.
        expected: usize,
        /// Elements in the slice.
        found: usize,
    },
    /// A shape's product does not fit in memory's address range.
    TooLarge {
        /// What has the shape.
        what: &'static str,
    },
    /// A number to be quantized is NaN, which has no sign.
    NotANumber {
        /// Its index in the slice.
        index: usize,
    },
    /// A number said to be ±1 or ternary is another one.
    NotTernary {
        /// Its index in the slice.
        index: usize,
        /// The number.
        found: i8,
        /// Whether 0 would have been allowed.
        zero_allowed: bool,
    },
    /// A bit past the end of a row is 1.
    PaddingBits {
        /// The row.
        row: usize,
    },
    /// A ternary element has `nonzero = 0` and `sign = 1`, a code without a meaning.
    UnusedCode {
        /// The row of the element.
        row: usize,
        /// The word of that row.
        word: usize,
    },
    /// The two planes of a ternary matrix differ in shape.
    PlaneShape {
        /// Shape of the sign plane; a matrix is one image of one row.
        expected: TensorShape,
        /// Shape of the nonzero plane.
        found: TensorShape,
    },
    /// A dimension is 0.
    ZeroSize {
        /// The dimension.
        what: &'static str,
    },
    /// The number of groups does not divide a number of channels.
    Groups {
        /// Which channels.
        what: &'static str,
        /// How many there are.
        channels: usize,
        /// The number of groups.
        groups: usize,
    },
    /// A kernel is larger than the padded input.
    KernelTooLarge {
        /// `height` or `width`.
        axis: &'static str,
        /// Extent of the kernel, dilation included.
        kernel: usize,
        /// Extent of the padded input.
        input: usize,
    },
    /// A pool's window is larger than its input.
    WindowTooLarge {
        /// `height` or `width`.
        axis: &'static str,
        /// Extent of the window.
        window: usize,
        /// Extent of the input.
        input: usize,
    },
    /// A ternary threshold has `low` above `high`.
    ThresholdOrder {
        /// The channel.
        channel: usize,
        /// The lower threshold.
        low: i32,
        /// The upper threshold.
        high: i32,
    },
    /// A quantizer's parameter is out of its range.
    Parameter {
        /// The parameter.
        what: &'static str,
        /// Its range in words.
        expected: &'static str,
        /// Its value.
        found: f32,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Length {
                what,
                expected,
                found,
            } => {
                write!(f, "{what} has {found} elements, expected {expected}")
            }
            Self::TooLarge { what } => write!(f, "{what} is too large for this machine's memory"),
            Self::NotANumber { index } => {
                write!(
                    f,
                    "element {index} is NaN, which has no sign; expected a number"
                )
            }
            Self::NotTernary {
                index,
                found,
                zero_allowed: true,
            } => {
                write!(f, "element {index} is {found}, expected -1, 0 or +1")
            }
            Self::NotTernary {
                index,
                found,
                zero_allowed: false,
            } => {
                write!(f, "element {index} is {found}, expected -1 or +1")
            }
            Self::PaddingBits { row } => {
                write!(
                    f,
                    "row {row} has a 1 among its padding bits, expected zeros"
                )
            }
            Self::UnusedCode { row, word } => write!(
                f,
                "row {row}, word {word} has an element with sign 1 and nonzero 0, \
                 expected sign 0 there"
            ),
            Self::PlaneShape { expected, found } => {
                write!(
                    f,
                    "the nonzero plane is {found}, expected {expected} as the sign plane"
                )
            }
            Self::ZeroSize { what } => write!(f, "{what} is 0, expected at least 1"),
            Self::Groups {
                what,
                channels,
                groups,
            } => {
                write!(f, "{groups} groups do not divide {channels} {what}")
            }
            Self::KernelTooLarge {
                axis,
                kernel,
                input,
            } => write!(
                f,
                "the kernel's {axis} is {kernel} with its dilation, \
                 expected at most {input}, the padded input's"
            ),
            Self::WindowTooLarge {
                axis,
                window,
                input,
            } => write!(
                f,
                "the pool's window has {axis} {window}, expected at most {input}, the input's"
            ),
            Self::ThresholdOrder { channel, low, high } => write!(
                f,
                "channel {channel} has thresholds {low} and {high}, expected the low one first"
            ),
            Self::Parameter {
                what,
                expected,
                found,
            } => {
                write!(f, "{what} is {found}, expected {expected}")
            }
        }
    }
}

impl core::error::Error for Error {}

/// `Ok` when a slice of `found` elements has the `expected` number.
pub(crate) fn check_length(
    what: &'static str,
    expected: Option<usize>,
    found: usize,
) -> Result<(), Error> {
    match expected {
        None => Err(Error::TooLarge { what }),
        Some(expected) if expected != found => Err(Error::Length {
            what,
            expected,
            found,
        }),
        Some(_) => Ok(()),
    }
}
