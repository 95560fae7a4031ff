//! Packed NHWC activations and OHWI weights.

use alloc::vec::Vec;

use crate::{BitMatrix, Error};

/// The shape of an activation tensor `[batch, height, width, channels]`, or of convolution
/// weights `[outputs, kernel height, kernel width, channels]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TensorShape {
    /// Images, or output channels of weights.
    pub batch: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Pixels in a row.
    pub width: usize,
    /// Channels of a pixel.
    pub channels: usize,
}

impl core::fmt::Display for TensorShape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self {
            batch,
            height,
            width,
            channels,
        } = self;
        write!(f, "{batch} x {height} x {width} x {channels}")
    }
}

impl TensorShape {
    /// A shape from its four extents.
    pub const fn new(batch: usize, height: usize, width: usize, channels: usize) -> Self {
        Self {
            batch,
            height,
            width,
            channels,
        }
    }

    /// Pixels of all images.
    ///
    /// # Errors
    /// A product past the address range.
    pub fn pixels(&self) -> Result<usize, Error> {
        self.batch
            .checked_mul(self.height)
            .and_then(|rows| rows.checked_mul(self.width))
            .ok_or(Error::TooLarge { what: "tensor" })
    }
}

/// A ±1 tensor whose channels are packed along the last axis: one row of bits per pixel.
///
/// The same type holds activations and canonical convolution weights, where a *pixel* is one tap
/// of one filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitTensor {
    shape: TensorShape,
    pixels: BitMatrix,
}

impl BitTensor {
    /// A tensor of 0 bits, every element −1.
    ///
    /// # Errors
    /// A shape past the address range.
    pub fn zeroed(shape: TensorShape) -> Result<Self, Error> {
        let pixels = BitMatrix::try_zeroed(shape.pixels()?, shape.channels)?;
        Ok(Self { shape, pixels })
    }

    /// Packs the signs of `values`, NHWC; both zeros are +1.
    ///
    /// # Errors
    /// A wrong length, or a NaN.
    pub fn from_f32(shape: TensorShape, values: &[f32]) -> Result<Self, Error> {
        Self::from_pixels(
            shape,
            BitMatrix::from_f32(shape.pixels()?, shape.channels, values)?,
        )
    }

    /// Packs `values`, NHWC, each −1 or +1.
    ///
    /// # Errors
    /// A wrong length, or another number.
    pub fn from_i8(shape: TensorShape, values: &[i8]) -> Result<Self, Error> {
        Self::from_pixels(
            shape,
            BitMatrix::from_i8(shape.pixels()?, shape.channels, values)?,
        )
    }

    /// Packs `values`, NHWC, `true` as +1.
    ///
    /// # Errors
    /// A wrong length.
    pub fn from_bools(shape: TensorShape, values: &[bool]) -> Result<Self, Error> {
        Self::from_pixels(
            shape,
            BitMatrix::from_bools(shape.pixels()?, shape.channels, values)?,
        )
    }

    /// Gives a matrix `[batch · height · width, channels]` its tensor shape.
    ///
    /// # Errors
    /// A matrix of another size.
    pub fn from_pixels(shape: TensorShape, pixels: BitMatrix) -> Result<Self, Error> {
        let rows = shape.pixels()?;
        if pixels.rows() != rows {
            let what = "packed tensor, in pixels,";
            return Err(Error::Length {
                what,
                expected: rows,
                found: pixels.rows(),
            });
        }
        if pixels.cols() != shape.channels {
            let what = "packed pixel, in channels,";
            return Err(Error::Length {
                what,
                expected: shape.channels,
                found: pixels.cols(),
            });
        }
        Ok(Self { shape, pixels })
    }

    /// The shape.
    pub fn shape(&self) -> TensorShape {
        self.shape
    }

    /// One row of bits per pixel, `[batch · height · width, channels]`.
    pub fn pixels(&self) -> &BitMatrix {
        &self.pixels
    }

    /// All words, to be written by someone who leaves the padding bits 0.
    pub fn words_mut(&mut self) -> &mut [u64] {
        self.pixels.words_mut()
    }

    /// The rows of bits, without the shape.
    pub fn into_pixels(self) -> BitMatrix {
        self.pixels
    }

    /// The elements as ±1, NHWC.
    pub fn to_f32(&self) -> Vec<f32> {
        self.pixels.to_f32()
    }

    /// The elements, NHWC, +1 as `true`.
    pub fn to_bools(&self) -> Vec<bool> {
        self.pixels.to_bools()
    }

    /// The elements as ±1, NHWC.
    pub fn to_i8(&self) -> Vec<i8> {
        self.pixels.to_i8()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_starts_at_a_word() {
        for channels in [1, 3, 64, 65] {
            let shape = TensorShape::new(2, 3, 2, channels);
            let values: Vec<i8> = (0..12 * channels)
                .map(|i| if i % 3 == 0 { 1 } else { -1 })
                .collect();
            let tensor = BitTensor::from_i8(shape, &values).unwrap();
            assert_eq!(tensor.pixels().words().len(), 12 * channels.div_ceil(64));
            assert_eq!(tensor.to_i8(), values);
        }
    }

    #[test]
    fn a_matrix_of_another_size_is_refused() {
        let shape = TensorShape::new(1, 2, 2, 5);
        assert!(BitTensor::from_pixels(shape, BitMatrix::zeroed(4, 5)).is_ok());
        assert!(BitTensor::from_pixels(shape, BitMatrix::zeroed(5, 5)).is_err());
        assert!(BitTensor::from_pixels(shape, BitMatrix::zeroed(4, 4)).is_err());
        for (batch, height, channels) in [(usize::MAX, 2, 1), (usize::MAX, 1, 64), (1 << 62, 1, 65)]
        {
            let huge = TensorShape::new(batch, height, 1, channels);
            assert!(matches!(
                BitTensor::zeroed(huge),
                Err(Error::TooLarge { .. })
            ));
        }
    }
}
