//! A matrix of bits, row by row.

use alloc::vec::Vec;

use crate::error::check_length;
use crate::{Aligned, Error, WORD_BITS, tail_mask, transpose_64x64, words_for};

/// Rows of packed bits: ±1 numbers, or one plane of ternary ones or of pixels.
///
/// ```text
/// words : [rows, words_for(cols)]      element (r, c) is bit c % 64 of word c / 64 of row r
/// ```
///
/// The storage starts at a cache line. Padding bits are always 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitMatrix {
    rows: usize,
    cols: usize,
    words: Aligned<u64>,
}

impl BitMatrix {
    /// A matrix of 0 bits, every element −1.
    ///
    /// # Panics
    /// If the matrix is larger than the address range.
    pub fn zeroed(rows: usize, cols: usize) -> Self {
        Self::try_zeroed(rows, cols).expect("a bit matrix fits in memory")
    }

    /// A matrix of 0 bits, every element −1.
    ///
    /// # Errors
    /// A matrix larger than the address range.
    pub fn try_zeroed(rows: usize, cols: usize) -> Result<Self, Error> {
        // An allocation holds at most `isize::MAX` bytes, alignment included.
        let fits = |len: &usize| *len < isize::MAX as usize / 16;
        let len = rows.checked_mul(words_for(cols)).filter(fits);
        let len = len.ok_or(Error::TooLarge { what: "bit matrix" })?;
        Ok(Self {
            rows,
            cols,
            words: Aligned::zeros(len),
        })
    }

    /// Packs the signs of `values : [rows, cols]`; both zeros are +1.
    ///
    /// # Errors
    /// A wrong length, or a NaN.
    pub fn from_f32(rows: usize, cols: usize, values: &[f32]) -> Result<Self, Error> {
        if let Some(index) = values.iter().position(|value| value.is_nan()) {
            return Err(Error::NotANumber { index });
        }
        Self::from_fn(rows, cols, values, |&value| value >= 0.0)
    }

    /// Packs `values : [rows, cols]`, each −1 or +1.
    ///
    /// # Errors
    /// A wrong length, or another number.
    pub fn from_i8(rows: usize, cols: usize, values: &[i8]) -> Result<Self, Error> {
        if let Some(index) = values.iter().position(|&value| value != 1 && value != -1) {
            return Err(Error::NotTernary {
                index,
                found: values[index],
                zero_allowed: false,
            });
        }
        Self::from_fn(rows, cols, values, |&value| value == 1)
    }

    /// Packs `values : [rows, cols]`, `true` as +1.
    ///
    /// # Errors
    /// A wrong length.
    pub fn from_bools(rows: usize, cols: usize, values: &[bool]) -> Result<Self, Error> {
        Self::from_fn(rows, cols, values, |&value| value)
    }

    /// Takes words that are packed already.
    ///
    /// # Errors
    /// A wrong length, or a padding bit that is 1.
    pub fn from_words(rows: usize, cols: usize, words: &[u64]) -> Result<Self, Error> {
        check_length(
            "packed matrix",
            rows.checked_mul(words_for(cols)),
            words.len(),
        )?;
        let matrix = Self {
            rows,
            cols,
            words: Aligned::from_slice(words),
        };
        matrix.check_padding()?;
        Ok(matrix)
    }

    pub(crate) fn from_fn<T>(
        rows: usize,
        cols: usize,
        values: &[T],
        bit: impl Fn(&T) -> bool,
    ) -> Result<Self, Error> {
        check_length("matrix", rows.checked_mul(cols), values.len())?;
        let mut matrix = Self::try_zeroed(rows, cols)?;
        if cols > 0 {
            for (row, values) in values.chunks_exact(cols).enumerate() {
                for (word, values) in matrix.row_mut(row).iter_mut().zip(values.chunks(WORD_BITS)) {
                    *word = values
                        .iter()
                        .rev()
                        .fold(0, |word, v| word << 1 | u64::from(bit(v)));
                }
            }
        }
        Ok(matrix)
    }

    /// `Ok` when every padding bit is 0.
    ///
    /// # Errors
    /// The first row that breaks the rule.
    pub fn check_padding(&self) -> Result<(), Error> {
        let padding = !tail_mask(self.cols);
        if self.words.is_empty() {
            return Ok(());
        }
        let broken = |&row: &usize| self.row(row).last().is_some_and(|word| word & padding != 0);
        match (0..self.rows).find(broken) {
            Some(row) => Err(Error::PaddingBits { row }),
            None => Ok(()),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements in a row.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Words in a row.
    pub fn row_words(&self) -> usize {
        words_for(self.cols)
    }

    /// All words, row after row.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// All words, to be written by someone who leaves the padding bits 0.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The words of one row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[u64] {
        &self.words[row * self.row_words()..][..self.row_words()]
    }

    /// The words of one row, to be written by someone who leaves the padding bits 0.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row_mut(&mut self, row: usize) -> &mut [u64] {
        let row_words = self.row_words();
        &mut self.words[row * row_words..][..row_words]
    }

    /// Whether the element is +1.
    ///
    /// # Panics
    /// If there is no such element.
    pub fn get(&self, row: usize, col: usize) -> bool {
        assert!(
            col < self.cols,
            "column {col} lies in a matrix of {} columns",
            self.cols
        );
        self.row(row)[col / WORD_BITS] >> (col % WORD_BITS) & 1 == 1
    }

    /// The elements as ±1.
    pub fn to_f32(&self) -> Vec<f32> {
        self.bits()
            .map(|bit| if bit { 1.0 } else { -1.0 })
            .collect()
    }

    /// The elements as ±1.
    pub fn to_i8(&self) -> Vec<i8> {
        self.bits().map(|bit| if bit { 1 } else { -1 }).collect()
    }

    /// The elements, +1 as `true`.
    pub fn to_bools(&self) -> Vec<bool> {
        self.bits().collect()
    }

    fn bits(&self) -> impl Iterator<Item = bool> {
        // Rows without elements are passed over, however many they are.
        let rows = if self.cols == 0 { 0 } else { self.rows };
        (0..rows).flat_map(move |row| {
            let words = self.row(row);
            (0..self.cols).map(move |col| words[col / WORD_BITS] >> (col % WORD_BITS) & 1 == 1)
        })
    }

    /// The transpose, `[cols, rows]`, in blocks of 64 x 64 bits.
    pub fn transposed(&self) -> Self {
        let mut out = Self::zeroed(self.cols, self.rows);
        let mut block = [0; WORD_BITS];
        if self.words.is_empty() {
            return out;
        }
        for top in (0..self.rows).step_by(WORD_BITS) {
            let height = WORD_BITS.min(self.rows - top);
            for left in (0..self.cols).step_by(WORD_BITS) {
                block.fill(0);
                for (row, word) in block[..height].iter_mut().enumerate() {
                    *word = self.row(top + row)[left / WORD_BITS];
                }
                transpose_64x64(&mut block);
                for (col, &word) in block.iter().enumerate().take(self.cols - left) {
                    out.row_mut(left + col)[top / WORD_BITS] = word;
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signs(max: usize) -> impl Strategy<Value = (usize, usize, Vec<i8>)> {
        (0..9usize, 0..max).prop_flat_map(|(rows, cols)| {
            let sign = prop_oneof![Just(1i8), Just(-1)];
            (
                Just(rows),
                Just(cols),
                prop::collection::vec(sign, rows * cols),
            )
        })
    }

    proptest! {
        #[test]
        fn unpacking_gives_back_what_was_packed((rows, cols, values) in signs(200)) {
            let matrix = BitMatrix::from_i8(rows, cols, &values).unwrap();
            prop_assert_eq!(&matrix.to_i8(), &values);
            let floats = matrix.to_f32();
            prop_assert_eq!(&BitMatrix::from_f32(rows, cols, &floats).unwrap(), &matrix);
            let bools = matrix.to_bools();
            prop_assert_eq!(&BitMatrix::from_bools(rows, cols, &bools).unwrap(), &matrix);
            prop_assert_eq!(&BitMatrix::from_words(rows, cols, matrix.words()).unwrap(), &matrix);
        }

        #[test]
        fn the_transpose_swaps_the_indices((rows, cols, values) in signs(200)) {
            let matrix = BitMatrix::from_i8(rows, cols, &values).unwrap();
            let transposed = matrix.transposed();
            transposed.check_padding().unwrap();
            prop_assert_eq!((transposed.rows(), transposed.cols()), (cols, rows));
            for row in 0..rows {
                for col in 0..cols {
                    prop_assert_eq!(transposed.get(col, row), matrix.get(row, col));
                }
            }
            prop_assert_eq!(transposed.transposed(), matrix);
        }
    }

    #[test]
    fn wrong_data_is_refused() {
        assert_eq!(
            BitMatrix::from_f32(1, 2, &[1.0, f32::NAN]),
            Err(Error::NotANumber { index: 1 })
        );
        assert_eq!(
            BitMatrix::from_i8(1, 2, &[1, 0]),
            Err(Error::NotTernary {
                index: 1,
                found: 0,
                zero_allowed: false
            })
        );
        assert_eq!(
            BitMatrix::from_bools(2, 2, &[true]),
            Err(Error::Length {
                what: "matrix",
                expected: 4,
                found: 1
            })
        );
        assert_eq!(
            BitMatrix::from_words(2, 3, &[7, 8]),
            Err(Error::PaddingBits { row: 1 })
        );
        let empty = BitMatrix::from_words(usize::MAX, 0, &[]).unwrap();
        assert_eq!(
            (empty.to_i8(), empty.transposed().cols()),
            (Vec::new(), usize::MAX)
        );
        assert!(matches!(
            BitMatrix::from_words(usize::MAX, 65, &[]),
            Err(Error::TooLarge { .. })
        ));
    }
}
