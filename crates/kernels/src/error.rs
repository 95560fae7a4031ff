//! What can be wrong with a call.

use core::fmt;

use orthant_bits::Border;

use crate::Isa;

/// A rule that the caller's data breaks.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The shape itself is impossible.
    Shape(orthant_bits::Error),
    /// A slice has another length than the shape says.
    Length {
        /// What the slice holds.
        what: &'static str,
        /// Elements that the shape asks for.
        expected: usize,
        /// Elements in the slice.
        found: usize,
    },
    /// A range of output rows does not lie inside the output.
    Rows {
        /// First row asked for.
        start: usize,
        /// One past the last row asked for.
        end: usize,
        /// Rows of the output, of all images.
        rows: usize,
    },
    /// The buffer does not hold prepared weights.
    NotPrepared,
    /// Weights that another instruction set prepared.
    PreparedFor {
        /// The instruction set in use.
        expected: Isa,
        /// The instruction set that wrote the buffer.
        found: Isa,
    },
    /// Weights that were prepared for another shape.
    PreparedShape {
        /// What differs.
        what: &'static str,
        /// What the call asks for.
        expected: usize,
        /// What the buffer was prepared for.
        found: usize,
    },
    /// Weights that were prepared for another border.
    PreparedBorder {
        /// What the call asks for.
        expected: Border,
        /// What the buffer was prepared for.
        found: Border,
    },
    /// The scratch is too short.
    Scratch {
        /// Words that the call needs.
        expected: usize,
        /// Words of the scratch.
        found: usize,
    },
    /// Sums of this layer, or numbers on the way to them, can leave the accumulator.
    Accumulator {
        /// The type of the accumulator or of the output.
        accumulator: &'static str,
        /// The largest magnitude that they can have.
        largest: u64,
        /// The largest that fits.
        limit: u64,
    },
    /// Input and weights of kinds that do not go together.
    Operands {
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: &'static str,
    },
    /// No instruction set has this name, which the caller has at hand to say.
    IsaName,
    /// This CPU does not execute the instruction set.
    IsaMissing {
        /// The instruction set asked for.
        isa: Isa,
        /// The best one that this CPU has.
        best: Isa,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Shape(ref error) => error.fmt(f),
            Self::Length {
                what,
                expected,
                found,
            } => {
                write!(f, "{what} has {found} elements, expected {expected}")
            }
            Self::Rows { start, end, rows } => {
                write!(f, "output rows {start}..{end} do not lie in 0..{rows}")
            }
            Self::NotPrepared => {
                f.write_str("the buffer does not hold prepared weights; call `prepare` on it first")
            }
            Self::PreparedFor { expected, found } => write!(
                f,
                "the weights were prepared for {found}, expected {expected}; \
                 prepare them again on this CPU"
            ),
            Self::PreparedShape {
                what,
                expected,
                found,
            } => {
                write!(
                    f,
                    "the weights were prepared for {what} {found}, expected {expected}"
                )
            }
            Self::Accumulator {
                accumulator,
                largest,
                limit,
            } => write!(
                f,
                "sums reach {largest} in magnitude, \
                 expected at most {limit}, what {accumulator} holds"
            ),
            Self::PreparedBorder { expected, found } => {
                let (expected, found) = (expected.name(), found.name());
                write!(
                    f,
                    "the weights were prepared for border {found}, expected {expected}"
                )
            }
            Self::Scratch { expected, found } => {
                write!(f, "scratch has {found} words, expected at least {expected}")
            }
            Self::Operands { expected, found } => {
                write!(
                    f,
                    "the input is {found}, expected {expected}, the kind that the layer is for"
                )
            }
            Self::IsaName => {
                f.write_str("unknown instruction set, expected one of")?;
                Isa::ALL.iter().try_for_each(|isa| write!(f, " {isa}"))
            }
            Self::IsaMissing { isa, best } => {
                write!(
                    f,
                    "this CPU does not execute {isa}, expected {best} or a slower one"
                )
            }
        }
    }
}

impl core::error::Error for Error {}

impl From<orthant_bits::Error> for Error {
    fn from(error: orthant_bits::Error) -> Self {
        Self::Shape(error)
    }
}

/// `Ok` when a slice of `found` elements has the `expected` number.
pub(crate) fn check_length(
    what: &'static str,
    expected: Option<usize>,
    found: usize,
) -> Result<(), Error> {
    match expected {
        None => Err(Error::Shape(orthant_bits::Error::TooLarge { what })),
        Some(expected) if expected != found => Err(Error::Length {
            what,
            expected,
            found,
        }),
        Some(_) => Ok(()),
    }
}
