//! Float32 matrix products on one thread: a safe door to the `gemm` crate.
//!
//! Evaluation never comes here, since the order of its additions is fixed by `orthant-kernels`;
//! these products serve training steps and benches.

mod matrix;

use gemm::{Parallelism, gemm};

pub use matrix::{Matrix, MatrixMut};

/// `y = x · w`: `x : [rows, depth]`, `w : [depth, columns]`, `y : [rows, columns]`, row by row.
///
/// # Panics
/// If a slice does not have the length that the extents say.
///
/// # Example
/// ```
/// let mut y = [0.0; 2];
/// orthant_gemm::product([1, 2, 3], &[1.0, 2.0, 3.0], &[1.0, 0.0, 0.0, 1.0, 1.0, 1.0], &mut y);
/// assert_eq!(y, [4.0, 5.0]);
/// ```
pub fn product([rows, columns, depth]: [usize; 3], x: &[f32], w: &[f32], y: &mut [f32]) {
    for (name, len, extents) in [
        ("x", x.len(), [rows, depth]),
        ("w", w.len(), [depth, columns]),
        ("y", y.len(), [rows, columns]),
    ] {
        assert_eq!(
            Some(len),
            extents[0].checked_mul(extents[1]),
            "{name} has {extents:?} elements"
        );
    }
    let y = MatrixMut::new(y, [rows, columns]);
    multiply(
        y,
        Matrix::new(x, [rows, depth]),
        Matrix::new(w, [depth, columns]),
        false,
    );
}

/// `y = x · w`, or `y += x · w` when it adds.
///
/// # Panics
/// If the extents do not belong together.
pub fn multiply(y: MatrixMut, x: Matrix, w: Matrix, adds: bool) {
    let ([rows, columns], [_, depth]) = (y.extents(), x.extents());
    assert_eq!(x.extents(), [rows, depth], "x has the rows of y");
    assert_eq!(
        w.extents(),
        [depth, columns],
        "w has the rows that x has columns, and y's columns"
    );
    if rows == 0 || columns == 0 {
        return;
    }
    let (to, [to_row, to_column]) = y.into_parts();
    let (x, [x_row, x_column]) = x.parts();
    let (w, [w_row, w_column]) = w.parts();
    // SAFETY: each matrix was checked to hold its elements at these strides when it was made; those
    // of `y` lie apart and are borrowed exclusively.
    unsafe {
        gemm(
            rows,
            columns,
            depth,
            to.as_mut_ptr(),
            to_column,
            to_row,
            adds,
            x.as_ptr(),
            x_column,
            x_row,
            w.as_ptr(),
            w_column,
            w_row,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
