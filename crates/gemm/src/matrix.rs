//! Matrices that lie in slices at any distance between rows and columns.

/// A matrix in a slice: element `(r, c)` is at `r · row + c · column`.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    extents: [usize; 2],
    strides: [isize; 2],
}

/// A matrix in a slice to be written: rows apart, elements of a row side by side.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: &'a mut [f32],
    extents: [usize; 2],
    strides: [isize; 2],
}

impl<'a> Matrix<'a> {
    /// Rows side by side.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn new(data: &'a [f32], extents: [usize; 2]) -> Self {
        Self::with_stride(data, extents, extents[1])
    }

    /// Rows at a distance, which may overlap.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn with_stride(data: &'a [f32], extents: [usize; 2], row: usize) -> Self {
        let strides = checked(data.len(), extents, row);
        Self {
            data,
            extents,
            strides,
        }
    }

    /// Rows become columns.
    pub fn transposed(self) -> Self {
        let ([rows, columns], [row, column]) = (self.extents, self.strides);
        Self {
            data: self.data,
            extents: [columns, rows],
            strides: [column, row],
        }
    }

    /// Rows and columns.
    pub fn extents(&self) -> [usize; 2] {
        self.extents
    }

    /// The slice, and the distances between rows and between columns.
    pub(crate) fn parts(self) -> (&'a [f32], [isize; 2]) {
        (self.data, self.strides)
    }
}

impl<'a> MatrixMut<'a> {
    /// Rows side by side.
    ///
    /// # Panics
    /// If the slice is too short.
    pub fn new(data: &'a mut [f32], extents: [usize; 2]) -> Self {
        Self::with_stride(data, extents, extents[1])
    }

    /// Rows at a distance, at least their length.
    ///
    /// # Panics
    /// If the slice is too short, or rows would overlap.
    pub fn with_stride(data: &'a mut [f32], extents: [usize; 2], row: usize) -> Self {
        assert!(row >= extents[1], "rows that are written do not overlap");
        let strides = checked(data.len(), extents, row);
        Self {
            data,
            extents,
            strides,
        }
    }

    /// Rows and columns.
    pub fn extents(&self) -> [usize; 2] {
        self.extents
    }

    /// The slice, and the distances between rows and between columns.
    pub(crate) fn into_parts(self) -> (&'a mut [f32], [isize; 2]) {
        (self.data, self.strides)
    }
}

/// The strides of a matrix whose last element lies in a slice of `len`.
fn checked(len: usize, [rows, columns]: [usize; 2], row: usize) -> [isize; 2] {
    if rows > 0 && columns > 0 {
        let end = (rows - 1)
            .checked_mul(row)
            .and_then(|at| at.checked_add(columns));
        assert!(
            end.is_some_and(|end| end <= len),
            "a matrix of {rows} x {columns} at a row stride of {row} does not fit {len} elements"
        );
    }
    // The product above fits a slice, or no element is ever reached.
    [isize::try_from(row).unwrap_or(isize::MAX), 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multiply;

    #[test]
    fn strides_and_transposes_give_the_product_of_the_definition() {
        let (rows, columns, depth) = (3, 4, 5);
        let x: Vec<f32> = (0..64).map(|i| (i * 7 % 11) as f32 - 5.0).collect();
        let w: Vec<f32> = (0..64).map(|i| (i * 5 % 13) as f32 - 6.0).collect();
        let (x_row, w_row, y_row) = (4, 9, 6);
        let mut y = vec![0.5; 3 * y_row];
        // x is [depth, rows] transposed.
        let x_view = Matrix::with_stride(&x, [depth, rows], x_row).transposed();
        let w_view = Matrix::with_stride(&w, [depth, columns], w_row);
        for (adds, factor) in [(false, 1.0), (true, 2.0)] {
            let y_view = MatrixMut::with_stride(&mut y, [rows, columns], y_row);
            multiply(y_view, x_view, w_view, adds);
            for r in 0..rows {
                for c in 0..columns {
                    let sum: f32 = (0..depth)
                        .map(|k| x[k * x_row + r] * w[k * w_row + c])
                        .sum();
                    assert_eq!(y[r * y_row + c], factor * sum);
                }
                assert_eq!(&y[r * y_row + columns..(r + 1) * y_row], &[0.5, 0.5]);
            }
        }
    }

    #[test]
    #[should_panic(expected = "does not fit")]
    fn a_short_slice_is_refused() {
        Matrix::with_stride(&[0.0; 10], [3, 4], 4);
    }

    #[test]
    #[should_panic(expected = "do not overlap")]
    fn rows_that_overlap_are_not_written() {
        MatrixMut::with_stride(&mut [0.0; 10], [3, 4], 3);
    }
}
