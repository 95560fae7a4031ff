//! Convolution on canonical weights where they lie, in the bytes of a file: nothing is prepared.
//!
//! This is for firmware, which borrows a model from flash and has no room for a second copy. There
//! are no panels here and so no instruction set to choose: portable words, without `unsafe`.
//!
//! ```text
//! for each 64 outputs, whose bits share a word                                         walk
//!   for each output pixel that is asked for
//!     for each pixel of the convolution in its pool's window
//!       for each group of channels that the outputs see
//!         for each piece of the patch: gather it                                       packed,
//!           for each output of the group: sum[o] += piece · filter[o]                  pixels
//!       maximum[o] = max(maximum[o], sum[o])
//!     store the maxima, or compare and pack them
//! ```
//!
//! 64 filters are read for all pixels before the next 64 are: those of 3 x 3 taps over 64 channels
//! are 4.5 KiB, which a cache in front of a flash holds. A piece is gathered on the stack once for
//! the 64, so that groups, dilation and borders cost nothing where the products are taken. Windows
//! that overlap compute their sums again.

#![forbid(unsafe_code)]

mod packed;
mod pixels;
mod walk;

use core::ops::Range;

use orthant_bits::{Input, InputContract, PoolShape};

use crate::conv::{Conv, Inputs, Layer, Output};
use crate::{Error, canonical};

/// A layer whose canonical weights stay where they lie, in the bytes of a file.
///
/// Making one checks the weights and copies nothing; it is what
/// [`prepare`](crate::Kernels::prepare) is to other convolutions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredLayer<'a> {
    layer: Layer<'a, [u8; 8]>,
    /// The largest magnitude that a sum can have.
    largest: u64,
}

impl<'a> StoredLayer<'a> {
    /// Checks a layer, its weights word by word.
    ///
    /// # Errors
    /// An impossible shape, weights of a wrong length, with padding bits or unused ternary codes,
    /// or sums that a 32-bit accumulator does not hold.
    pub fn new(layer: Layer<'a, [u8; 8]>) -> Result<Self, Error> {
        canonical::check(&layer)?;
        let largest = canonical::bounds(&layer)?.sum;
        Ok(Self { layer, largest })
    }

    /// The layer.
    pub fn layer(&self) -> &Layer<'a, [u8; 8]> {
        &self.layer
    }
}

/// One convolution on weights where they lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredConv<'a> {
    /// The convolution, the kind of its input, and its weights.
    pub layer: StoredLayer<'a>,
    /// A max-pool of the sums, before any threshold.
    pub pool: Option<PoolShape>,
    /// The activations.
    pub input: Input<'a>,
    /// Images in the input.
    pub batch: usize,
}

impl<'a> StoredConv<'a> {
    /// Height and width of the output, the pool included.
    ///
    /// # Errors
    /// A pool that does not fit.
    pub fn output(&self) -> Result<[usize; 2], Error> {
        self.unweighted().output()
    }

    /// Rows of the output, of all images: what a caller splits into chunks.
    ///
    /// # Errors
    /// A pool that does not fit, or a batch past the address range.
    pub fn output_rows(&self) -> Result<usize, Error> {
        self.unweighted().output_rows()
    }

    /// What a convolution on prepared weights shares.
    fn unweighted(&self) -> Conv<'a> {
        Conv {
            shape: self.layer.layer.shape,
            pool: self.pool,
            input: self.input,
            batch: self.batch,
            weights: &[],
        }
    }
}

/// The activations, with what they stand for.
enum Activations<'a> {
    /// `nonzero` only where they are ternary.
    Packed {
        sign: &'a [u64],
        nonzero: Option<&'a [u64]>,
    },
    Pixels {
        pixels: &'a [u8],
        contract: &'a InputContract,
    },
}

impl<'a> Activations<'a> {
    fn new(conv: &StoredConv<'a>) -> Result<Self, Error> {
        let inputs = conv.layer.layer.inputs;
        match (conv.input, inputs) {
            (Input::Binary(sign), Inputs::Binary) => Ok(Self::Packed {
                sign,
                nonzero: None,
            }),
            (Input::Ternary { sign, nonzero }, Inputs::Ternary) => Ok(Self::Packed {
                sign,
                nonzero: Some(nonzero),
            }),
            (Input::Pixels(pixels), Inputs::Pixels(contract)) => {
                Ok(Self::Pixels { pixels, contract })
            }
            (input, _) => Err(Error::Operands {
                expected: inputs.name(),
                found: input.name(),
            }),
        }
    }
}

/// A convolution on weights where they lie; every number is that of
/// [`Kernels::conv2d`](crate::Kernels::conv2d).
///
/// `rows` are the rows of the output to compute, counted over all images (see
/// [`StoredConv::output_rows`]); `output` holds just these. There is no scratch: some 3 KiB of
/// stack take its place.
///
/// # Errors
/// A pool that does not fit, rows outside the output, a slice of a wrong length, an input of
/// another kind than the layer's, or 16-bit output for sums that do not fit.
///
/// # Example
/// ```
/// use orthant_bits::ConvShape;
/// use orthant_kernels::{
///     Input, Inputs, Layer, Output, StoredConv, StoredLayer, Weights, conv2d_stored,
/// };
///
/// // Two filters, + + − and + − −, as they lie in a file.
/// let file = [0b011, 0, 0, 0, 0, 0, 0, 0, 0b001, 0, 0, 0, 0, 0, 0, 0];
/// let layer = StoredLayer::new(Layer {
///     shape: ConvShape::dense(3, 2),
///     inputs: Inputs::Binary,
///     weights: Weights::Binary(file.as_chunks().0),
/// })?;
/// let conv = StoredConv { layer, pool: None, input: Input::Binary(&[0b101]), batch: 1 };
/// let mut sums = [0; 2];
/// conv2d_stored(&conv, 0..1, Output::I32(&mut sums))?;
/// assert_eq!(sums, [-1, 1]);
/// # Ok::<(), orthant_kernels::Error>(())
/// ```
pub fn conv2d_stored(conv: &StoredConv, rows: Range<usize>, output: Output) -> Result<(), Error> {
    let extent = conv.unweighted().check(&rows, &output)?;
    let activations = Activations::new(conv)?;
    output.check_range(conv.layer.largest)?;
    let walk = walk::Walk {
        layer: &conv.layer.layer,
        pool: conv.pool.unwrap_or(PoolShape::square(1)),
        activations,
        extent,
    };
    walk.run(rows, output);
    Ok(())
}
