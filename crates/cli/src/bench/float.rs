//! The float32 product that a case is compared with: the faster of two crates'.
//!
//! Both count the product alone, of matrices in the order that they like; gathering patches for a
//! convolution, batch norm and sign would come on top.

use std::time::Instant;

use ndarray::Array2;
use ndarray::linalg::general_mat_mul;

/// `y = x · w` in float32, `x : [rows, depth]`, `w : [depth, columns]`.
#[derive(Clone)]
pub enum Product {
    /// The `gemm` crate's.
    Gemm {
        extents: [usize; 3],
        x: Vec<f32>,
        w: Vec<f32>,
        y: Vec<f32>,
    },
    /// ndarray's, which is the `matrixmultiply` crate.
    MatrixMultiply {
        x: Array2<f32>,
        w: Array2<f32>,
        y: Array2<f32>,
    },
}

impl Product {
    /// The faster of the two on this machine for this shape, by a few trials of each.
    pub fn fastest(extents: [usize; 3]) -> Self {
        let [rows, columns, depth] = extents;
        // Small integers: no denormal slows a product down.
        let values = |len: usize| {
            (0..len)
                .map(|at| (at * 31 % 13) as f32 - 6.0)
                .collect::<Vec<_>>()
        };
        let array = |rows, columns| {
            Array2::from_shape_vec((rows, columns), values(rows * columns)).expect("as many values")
        };
        let (x, w) = (values(rows * depth), values(depth * columns));
        let mut gemm = Self::Gemm {
            extents,
            x,
            w,
            y: vec![0.0; rows * columns],
        };
        let y = Array2::zeros((rows, columns));
        let mut other = Self::MatrixMultiply {
            x: array(rows, depth),
            w: array(depth, columns),
            y,
        };
        if gemm.trial() <= other.trial() {
            gemm
        } else {
            other
        }
    }

    /// The crate whose product it is.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gemm { .. } => "gemm",
            Self::MatrixMultiply { .. } => "matrixmultiply",
        }
    }

    /// Seconds of the best of three products, the first to warm up.
    fn trial(&mut self) -> f64 {
        let times = (0..3).map(|_| {
            let start = Instant::now();
            self.run();
            start.elapsed().as_secs_f64()
        });
        times.fold(f64::INFINITY, f64::min)
    }

    /// One product, on the calling thread.
    pub fn run(&mut self) {
        match self {
            Self::Gemm { extents, x, w, y } => orthant_gemm::product(*extents, x, w, y),
            Self::MatrixMultiply { x, w, y } => general_mat_mul(1.0, x, w, 0.0, y),
        }
    }
}
