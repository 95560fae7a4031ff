//! Float32 matrix products on one thread: a safe door to the `gemm` crate.
//!
//! Evaluation never comes here, since the order of its additions is fixed by `orthant-kernels`;
//! these products serve training steps and benches.

use gemm::{Parallelism, gemm};

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
    let stride = |extent: usize| isize::try_from(extent).expect("a slice's row fits an isize");
    // SAFETY: each slice holds as many elements as its extents say, in rows of these strides, and
    // `y` is borrowed exclusively.
    unsafe {
        gemm(
            rows,
            columns,
            depth,
            y.as_mut_ptr(),
            1,
            stride(columns),
            false,
            x.as_ptr(),
            1,
            stride(depth),
            w.as_ptr(),
            1,
            stride(columns),
            0.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
