//! What a convolution is given and where its result goes.
//!
//! A dense layer is the same thing: [`ConvShape::dense`] with one image per row.

use core::ops::Range;

use orthant_bits::{
    ConvShape, Input, InputContract, PoolShape, TernaryThresholds, Thresholds, words_for,
};

use crate::Error;
use crate::error::check_length;

/// The kind of numbers that a layer's input holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Inputs<'a> {
    /// ±1, packed.
    Binary,
    /// −1, 0 or +1, in two planes.
    Ternary,
    /// Unsigned 8-bit pixels that stand for `a · p − b_c`.
    Pixels(&'a InputContract),
}

impl Inputs<'_> {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Ternary => "ternary",
            Self::Pixels(_) => "pixels",
        }
    }
}

/// Canonical weights, OHWI; padding bits are 0.
///
/// Words are numbers, or `[u8; 8]`, little-endian, as they lie in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights<'a, W = u64> {
    /// ±1: `[outputs, kernel[0], kernel[1], words_for(C)]` words for packed inputs, and
    /// `[outputs, words_for(kernel[0] · kernel[1] · C)]` for pixels, dense over the filter.
    Binary(&'a [W]),
    /// −1, 0 or +1: two planes of the binary form.
    Ternary {
        /// 1 where the weight is +1.
        sign: &'a [W],
        /// 1 where the weight is not 0.
        nonzero: &'a [W],
    },
}

/// A layer's shape, kind and canonical weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layer<'a, W = u64> {
    /// The convolution.
    pub shape: ConvShape,
    /// The kind of its input.
    pub inputs: Inputs<'a>,
    /// Its weights.
    pub weights: Weights<'a, W>,
}

/// Where the sums go, `[rows, width, outputs]` of the rows asked for.
#[derive(Debug)]
pub enum Output<'a> {
    /// The sums.
    I32(&'a mut [i32]),
    /// The sums, where none can leave 16 bits.
    I16(&'a mut [i16]),
    /// One threshold per channel; channels packed.
    Bits {
        /// The thresholds.
        thresholds: &'a Thresholds,
        /// `[rows, width, words_for(outputs)]`.
        words: &'a mut [u64],
    },
    /// Two thresholds per channel; channels packed.
    Ternary {
        /// The thresholds.
        thresholds: &'a TernaryThresholds,
        /// `[rows, width, words_for(outputs)]`, 1 where the output is +1.
        sign: &'a mut [u64],
        /// The same, 1 where the output is not 0.
        nonzero: &'a mut [u64],
    },
}

/// One convolution on prepared weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conv<'a> {
    /// The convolution.
    pub shape: ConvShape,
    /// A max-pool of the sums, before any threshold.
    pub pool: Option<PoolShape>,
    /// The activations.
    pub input: Input<'a>,
    /// Images in the input.
    pub batch: usize,
    /// What `Kernels::prepare` wrote.
    pub weights: &'a [u64],
}

impl Conv<'_> {
    /// Height and width of the output, the pool included.
    ///
    /// # Errors
    /// An impossible shape.
    pub fn output(&self) -> Result<[usize; 2], Error> {
        self.shape.check()?;
        let output = self.shape.output();
        Ok(match self.pool {
            Some(pool) => pool.output(output)?,
            None => output,
        })
    }

    /// Rows of the output, of all images: what a caller splits into chunks.
    ///
    /// # Errors
    /// An impossible shape.
    pub fn output_rows(&self) -> Result<usize, Error> {
        let rows = self.batch.checked_mul(self.output()?[0]);
        rows.ok_or(Error::Shape(orthant_bits::Error::TooLarge {
            what: "output",
        }))
    }

    /// Words of scratch that [`Kernels::conv2d`](crate::Kernels::conv2d) needs.
    ///
    /// Channels of a group that do not start at a word are moved to one; pixels are gathered.
    ///
    /// # Errors
    /// An impossible shape.
    pub fn scratch_len(&self) -> Result<usize, Error> {
        self.shape.check()?;
        Ok(match self.input {
            Input::Pixels(_) => crate::generic::patch_words(&self.shape).ok_or(Error::Shape(
                orthant_bits::Error::TooLarge { what: "scratch" },
            ))?,
            Input::Binary(_) | Input::Ternary { .. } if !self.splits_groups() => 0,
            Input::Binary(_) => self.split_words()?,
            Input::Ternary { .. } => 2 * self.split_words()?,
        })
    }

    /// Whether some group of channels starts inside a word.
    pub(crate) fn splits_groups(&self) -> bool {
        self.shape.groups > 1
            && !self
                .shape
                .group_channels()
                .is_multiple_of(orthant_bits::WORD_BITS)
    }

    /// Words of one plane of the input when every group of channels starts at a word.
    pub(crate) fn split_words(&self) -> Result<usize, Error> {
        let words = self.shape.groups * words_for(self.shape.group_channels());
        self.pixels()
            .and_then(|pixels| {
                pixels
                    .checked_mul(words)?
                    .checked_mul(2)
                    .map(|both| both / 2)
            })
            .ok_or(Error::Shape(orthant_bits::Error::TooLarge {
                what: "scratch",
            }))
    }

    /// Pixels of the input, of all images.
    pub(crate) fn pixels(&self) -> Option<usize> {
        self.shape
            .height
            .checked_mul(self.shape.width)?
            .checked_mul(self.batch)
    }

    /// Checks shape, rows and lengths; gives height and width of the output.
    pub(crate) fn check(&self, rows: &Range<usize>, output: &Output) -> Result<[usize; 2], Error> {
        let extent = self.output()?;
        let all = self.output_rows()?;
        if rows.start > rows.end || rows.end > all {
            return Err(Error::Rows {
                start: rows.start,
                end: rows.end,
                rows: all,
            });
        }
        self.check_input()?;
        output.check(rows, extent[1], self.shape.outputs)?;
        Ok(extent)
    }

    /// `Ok` when the input has the length that the shape says.
    fn check_input(&self) -> Result<(), Error> {
        let channels = self.shape.channels;
        let elements = |per_pixel: usize| self.pixels().and_then(|n| n.checked_mul(per_pixel));
        match self.input {
            Input::Binary(words) => check_length(
                "binary input, in words,",
                elements(words_for(channels)),
                words.len(),
            ),
            Input::Ternary { sign, nonzero } => {
                let expected = elements(words_for(channels));
                check_length("sign plane of the input, in words,", expected, sign.len())?;
                check_length(
                    "nonzero plane of the input, in words,",
                    expected,
                    nonzero.len(),
                )
            }
            Input::Pixels(pixels) => check_length("pixel input", elements(channels), pixels.len()),
        }
    }
}

impl Output<'_> {
    /// `Ok` when the output has room for exactly `rows` rows of `width` pixels.
    fn check(&self, rows: &Range<usize>, width: usize, outputs: usize) -> Result<(), Error> {
        let pixels = rows.len().checked_mul(width);
        let sums = pixels.and_then(|n| n.checked_mul(outputs));
        let words = pixels.and_then(|n| n.checked_mul(words_for(outputs)));
        match self {
            Self::I32(out) => check_length("sums", sums, out.len()),
            Self::I16(out) => check_length("sums", sums, out.len()),
            Self::Bits {
                thresholds,
                words: out,
            } => {
                check_length("thresholds", Some(outputs), thresholds.channels())?;
                check_length("output bits, in words,", words, out.len())
            }
            Self::Ternary {
                thresholds,
                sign,
                nonzero,
            } => {
                check_length("thresholds", Some(outputs), thresholds.channels())?;
                check_length("output sign plane, in words,", words, sign.len())?;
                check_length("output nonzero plane, in words,", words, nonzero.len())
            }
        }
    }

    /// `Ok` when sums of this magnitude fit.
    pub(crate) fn check_range(&self, largest: u64) -> Result<(), Error> {
        let limit = i16::MAX as u64;
        match self {
            Self::I16(_) if largest > limit => Err(Error::Accumulator {
                accumulator: "16-bit output",
                largest,
                limit,
            }),
            _ => Ok(()),
        }
    }
}
