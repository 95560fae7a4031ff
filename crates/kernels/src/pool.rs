//! A max-pool by itself, of sums or bits that are in memory.

use orthant_bits::PoolShape;

use crate::Error;

/// A max-pool of a batch that is in memory already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    pub(crate) shape: PoolShape,
    pub(crate) batch: usize,
    /// Height and width of an input image.
    pub(crate) input: [usize; 2],
    pub(crate) channels: usize,
    /// Height and width of an output image.
    pub(crate) output: [usize; 2],
}

impl Pool {
    /// A pool over `[batch, input[0], input[1], channels]`.
    ///
    /// # Errors
    /// A zero, or a window larger than the input.
    pub fn new(
        shape: PoolShape,
        batch: usize,
        input: [usize; 2],
        channels: usize,
    ) -> Result<Self, Error> {
        if channels == 0 {
            return Err(orthant_bits::Error::ZeroSize {
                what: "the number of channels",
            }
            .into());
        }
        let output = shape.output(input)?;
        Ok(Self {
            shape,
            batch,
            input,
            channels,
            output,
        })
    }

    /// Height and width of an output image.
    pub fn output(&self) -> [usize; 2] {
        self.output
    }

    /// Elements of a tensor of `extent` pixels an image; `None` past the address range.
    pub(crate) fn elements(&self, extent: [usize; 2], per_pixel: usize) -> Option<usize> {
        let pixels = extent[0].checked_mul(extent[1])?.checked_mul(self.batch)?;
        pixels.checked_mul(per_pixel)
    }
}
