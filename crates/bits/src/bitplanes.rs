//! 8-bit pixels as eight planes of bits, the portable form of the first layer's input.

use alloc::vec::Vec;

use crate::BitMatrix;
use crate::error::{Error, check_length};

/// Rows of unsigned 8-bit numbers, one bit matrix per binary digit.
///
/// ```text
/// value(r, c) = Σ_n 2^n · plane_n(r, c)        n in 0..8
/// Σ_c w_c · value_c = Σ_n 2^n · (2 · popcount(plane_n and w) − popcount(plane_n))    w : ±1
/// ```
///
/// # Reference
/// Hubara et al. 2016, *Binarized Neural Networks*, eq. 8, arXiv:1602.02830; the second line is
/// derived from the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitplanes {
    planes: [BitMatrix; 8],
}

impl Bitplanes {
    /// Splits `values : [rows, cols]`.
    ///
    /// # Errors
    /// A wrong length.
    pub fn from_u8(rows: usize, cols: usize, values: &[u8]) -> Result<Self, Error> {
        check_length("matrix", rows.checked_mul(cols), values.len())?;
        let mut planes = [(); 8].map(|()| BitMatrix::zeroed(rows, cols));
        for (digit, plane) in planes.iter_mut().enumerate() {
            *plane = BitMatrix::from_fn(rows, cols, values, |value| value >> digit & 1 == 1)?;
        }
        Ok(Self { planes })
    }

    /// The plane of the binary digit `2^digit`.
    ///
    /// # Panics
    /// If `digit` is not in 0..8.
    pub fn plane(&self, digit: usize) -> &BitMatrix {
        &self.planes[digit]
    }

    /// The numbers.
    pub fn to_u8(&self) -> Vec<u8> {
        let mut values = alloc::vec![0; self.planes[0].rows() * self.planes[0].cols()];
        for (digit, plane) in self.planes.iter().enumerate() {
            for (value, bit) in values.iter_mut().zip(plane.to_bools()) {
                *value |= u8::from(bit) << digit;
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_planes_are_the_binary_digits() {
        let values: Vec<u8> = (0..=255).collect();
        let planes = Bitplanes::from_u8(2, 128, &values).unwrap();
        assert_eq!(planes.to_u8(), values);
        assert!(planes.plane(7).get(1, 0) && !planes.plane(7).get(0, 127));
        assert!(Bitplanes::from_u8(1, 3, &values).is_err());
    }

    #[test]
    fn a_signed_sum_is_eight_popcounts() {
        let values = [3u8, 255, 0, 128, 77];
        let weights = [1i8, -1, -1, 1, -1];
        let packed = BitMatrix::from_i8(1, 5, &weights).unwrap().words()[0];
        let planes = Bitplanes::from_u8(1, 5, &values).unwrap();
        let popcounts = (0..8).map(|digit| {
            let plane = planes.plane(digit).words()[0];
            (2 * (plane & packed).count_ones() as i32 - plane.count_ones() as i32) << digit
        });
        let sum: i32 = values
            .iter()
            .zip(weights)
            .map(|(&v, w)| i32::from(v) * i32::from(w))
            .sum();
        assert_eq!(popcounts.sum::<i32>(), sum);
    }
}
