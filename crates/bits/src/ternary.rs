//! Ternary numbers as two planes of bits.

use alloc::vec::Vec;

use crate::{BitMatrix, BitTensor, Error, TensorShape, ternarize};

/// A matrix over {−1, 0, +1}: the plane `nonzero`, and `sign` (1 for +1), 0 where nonzero is 0.
///
/// The fourth code, sign 1 at nonzero 0, is unused and refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TernaryMatrix {
    sign: BitMatrix,
    nonzero: BitMatrix,
}

impl TernaryMatrix {
    /// A matrix of zeros.
    ///
    /// # Panics
    /// If the matrix is larger than the address range.
    pub fn zeroed(rows: usize, cols: usize) -> Self {
        Self::try_zeroed(rows, cols).expect("a ternary matrix fits in memory")
    }

    /// A matrix of zeros.
    ///
    /// # Errors
    /// A matrix larger than the address range.
    pub fn try_zeroed(rows: usize, cols: usize) -> Result<Self, Error> {
        let sign = BitMatrix::try_zeroed(rows, cols)?;
        Ok(Self {
            nonzero: sign.clone(),
            sign,
        })
    }

    /// Packs `values : [rows, cols]`, ternarized at `delta`.
    ///
    /// # Errors
    /// A wrong length, a NaN, or a `delta` that is negative or NaN.
    pub fn from_f32(rows: usize, cols: usize, values: &[f32], delta: f32) -> Result<Self, Error> {
        if delta.is_nan() || delta < 0.0 {
            let expected = "a number that is not negative";
            return Err(Error::Parameter {
                what: "ternary threshold",
                expected,
                found: delta,
            });
        }
        if let Some(index) = values.iter().position(|value| value.is_nan()) {
            return Err(Error::NotANumber { index });
        }
        Ok(Self {
            sign: BitMatrix::from_fn(rows, cols, values, |&v| ternarize(v, delta) > 0.0)?,
            nonzero: BitMatrix::from_fn(rows, cols, values, |&v| ternarize(v, delta) != 0.0)?,
        })
    }

    /// Packs `values : [rows, cols]`, each −1, 0 or +1.
    ///
    /// # Errors
    /// A wrong length, or another number.
    pub fn from_i8(rows: usize, cols: usize, values: &[i8]) -> Result<Self, Error> {
        if let Some(index) = values.iter().position(|value| !(-1..=1).contains(value)) {
            return Err(Error::NotTernary {
                index,
                found: values[index],
                zero_allowed: true,
            });
        }
        Ok(Self {
            sign: BitMatrix::from_fn(rows, cols, values, |&value| value == 1)?,
            nonzero: BitMatrix::from_fn(rows, cols, values, |&value| value != 0)?,
        })
    }

    /// Joins two planes.
    ///
    /// # Errors
    /// Planes of different shapes, or an element with sign 1 and nonzero 0.
    pub fn from_planes(sign: BitMatrix, nonzero: BitMatrix) -> Result<Self, Error> {
        let shape = |plane: &BitMatrix| TensorShape::new(1, 1, plane.rows(), plane.cols());
        let (expected, found) = (shape(&sign), shape(&nonzero));
        if expected != found {
            return Err(Error::PlaneShape { expected, found });
        }
        let unused = |(s, z): (&u64, &u64)| s & !z != 0;
        if let Some(at) = sign.words().iter().zip(nonzero.words()).position(unused) {
            let row_words = sign.row_words();
            return Err(Error::UnusedCode {
                row: at / row_words,
                word: at % row_words,
            });
        }
        Ok(Self { sign, nonzero })
    }

    /// The plane that is 1 where the element is +1.
    pub fn sign(&self) -> &BitMatrix {
        &self.sign
    }

    /// The plane that is 1 where the element is not 0.
    pub fn nonzero(&self) -> &BitMatrix {
        &self.nonzero
    }

    /// The words of both planes, sign first, to be written by someone who keeps their rules.
    pub fn planes_mut(&mut self) -> [&mut [u64]; 2] {
        [self.sign.words_mut(), self.nonzero.words_mut()]
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.sign.rows()
    }

    /// Elements in a row.
    pub fn cols(&self) -> usize {
        self.sign.cols()
    }

    /// The elements as −1, 0 or +1.
    pub fn to_i8(&self) -> Vec<i8> {
        let values = self
            .sign
            .to_bools()
            .into_iter()
            .zip(self.nonzero.to_bools());
        values
            .map(|(sign, nonzero)| 2 * i8::from(sign) - i8::from(nonzero))
            .collect()
    }

    /// The elements as −1, 0 or +1.
    pub fn to_f32(&self) -> Vec<f32> {
        self.to_i8().into_iter().map(f32::from).collect()
    }
}

/// A ternary tensor, NHWC or OHWI, as two planes packed along the channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TernaryTensor {
    shape: TensorShape,
    pixels: TernaryMatrix,
}

impl TernaryTensor {
    /// A tensor of zeros.
    ///
    /// # Errors
    /// A shape past the address range.
    pub fn zeroed(shape: TensorShape) -> Result<Self, Error> {
        let pixels = TernaryMatrix::try_zeroed(shape.pixels()?, shape.channels)?;
        Ok(Self { shape, pixels })
    }

    /// Packs `values`, each −1, 0 or +1.
    ///
    /// # Errors
    /// A wrong length, or another number.
    pub fn from_i8(shape: TensorShape, values: &[i8]) -> Result<Self, Error> {
        let pixels = TernaryMatrix::from_i8(shape.pixels()?, shape.channels, values)?;
        Ok(Self { shape, pixels })
    }

    /// Packs `values`, ternarized at `delta`.
    ///
    /// # Errors
    /// Those of [`TernaryMatrix::from_f32`].
    pub fn from_f32(shape: TensorShape, values: &[f32], delta: f32) -> Result<Self, Error> {
        let pixels = TernaryMatrix::from_f32(shape.pixels()?, shape.channels, values, delta)?;
        Ok(Self { shape, pixels })
    }

    /// Joins two planes of one shape.
    ///
    /// # Errors
    /// Those of [`TernaryMatrix::from_planes`].
    pub fn from_planes(sign: BitTensor, nonzero: BitTensor) -> Result<Self, Error> {
        let shape = sign.shape();
        if shape != nonzero.shape() {
            return Err(Error::PlaneShape {
                expected: shape,
                found: nonzero.shape(),
            });
        }
        let pixels = TernaryMatrix::from_planes(sign.into_pixels(), nonzero.into_pixels())?;
        Ok(Self { shape, pixels })
    }

    /// The shape.
    pub fn shape(&self) -> TensorShape {
        self.shape
    }

    /// One ternary row per pixel.
    pub fn pixels(&self) -> &TernaryMatrix {
        &self.pixels
    }

    /// The words of both planes, sign first, to be written by someone who keeps their rules.
    pub fn planes_mut(&mut self) -> [&mut [u64]; 2] {
        self.pixels.planes_mut()
    }

    /// The elements as −1, 0 or +1.
    pub fn to_f32(&self) -> Vec<f32> {
        self.pixels.to_f32()
    }

    /// The elements as −1, 0 or +1.
    pub fn to_i8(&self) -> Vec<i8> {
        self.pixels.to_i8()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacking_gives_back_what_was_packed() {
        for cols in [1, 63, 64, 65, 130] {
            let values: Vec<i8> = (0..3 * cols).map(|i| (i * 7 % 3) as i8 - 1).collect();
            let matrix = TernaryMatrix::from_i8(3, cols, &values).unwrap();
            assert_eq!(matrix.to_i8(), values);
            assert!(
                matrix
                    .to_f32()
                    .iter()
                    .zip(&values)
                    .all(|(x, &v)| *x == f32::from(v))
            );
            let floats: Vec<f32> = values.iter().map(|&v| f32::from(v) * 0.4).collect();
            assert_eq!(
                TernaryMatrix::from_f32(3, cols, &floats, 0.3).unwrap(),
                matrix
            );
        }
    }

    #[test]
    fn the_fourth_code_is_refused() {
        let sign = BitMatrix::from_bools(2, 2, &[true, false, false, true]).unwrap();
        let nonzero = BitMatrix::from_bools(2, 2, &[true, false, false, false]).unwrap();
        assert_eq!(
            TernaryMatrix::from_planes(sign.clone(), nonzero),
            Err(Error::UnusedCode { row: 1, word: 0 })
        );
        let other = TernaryMatrix::from_planes(sign, BitMatrix::zeroed(1, 2));
        assert!(matches!(other, Err(Error::PlaneShape { .. })));
        assert!(TernaryMatrix::from_i8(1, 1, &[2]).is_err());
        assert!(TernaryMatrix::from_f32(1, 1, &[0.0], -1.0).is_err());
        assert!(TernaryMatrix::from_f32(1, 1, &[f32::NAN], 0.1).is_err());
    }
}
