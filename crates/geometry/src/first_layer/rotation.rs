//! Rotations to binarize in: `v = Rᵀ sign(R w)`, the generalized binarization transform.

use faer::Mat;

use crate::random::{HaarRotation, Purpose, Stream};

/// Steps of the learned rotation.
const STEPS: usize = 50;

/// A matrix of independent standard normal numbers.
pub(crate) fn gaussian(stream: &mut Stream, rows: usize, columns: usize) -> Mat<f64> {
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

/// A [`HaarRotation`] as a matrix.
pub(crate) fn random(seed: u64, d: usize) -> Mat<f64> {
    let mut stream = Stream::of(seed, Purpose::Rotation, d, 0);
    let rotation = HaarRotation::random(d, &mut stream);
    let mut matrix = Mat::zeros(d, d);
    let mut axis = vec![0.0; d];
    for column in 0..d {
        axis.fill(0.0);
        axis[column] = 1.0;
        rotation.rotate_in_place(&mut axis);
        for (row, x) in axis.iter().enumerate() {
            matrix[(row, column)] = *x;
        }
    }
    matrix
}

/// The filters binarized in a rotation: `sign(W Rᵀ) R`, for filters as rows.
pub(crate) fn binarized(filters: &Mat<f64>, rotation: &Mat<f64>) -> Mat<f64> {
    &signs(&(filters * rotation.transpose())) * rotation
}

/// The signs of a matrix.
pub(crate) fn signs(of: &Mat<f64>) -> Mat<f64> {
    Mat::from_fn(of.nrows(), of.ncols(), |row, column| {
        if of[(row, column)] >= 0.0 { 1.0 } else { -1.0 }
    })
}

/// A rotation that brings unit filters near to their signs; `None` where a decomposition fails.
///
/// # Reference
/// Gong & Lazebnik 2011, *Iterative Quantization*, §3.1.
pub(crate) fn learned(seed: u64, filters: &Mat<f64>) -> Option<Mat<f64>> {
    let d = filters.ncols();
    let norm = |row: usize| {
        let squares = (0..d).map(|at| filters[(row, at)].powi(2));
        squares.sum::<f64>().sqrt().max(f64::MIN_POSITIVE)
    };
    let norms: Vec<f64> = (0..filters.nrows()).map(norm).collect();
    let unit = Mat::from_fn(filters.nrows(), d, |row, at| {
        filters[(row, at)] / norms[row]
    });
    let mut rotation = random(seed, d);
    for _ in 0..STEPS {
        let bits = signs(&(&unit * rotation.transpose()));
        // The rotation R with the largest tr(R Wᵀ B) is V Uᵀ of Wᵀ B = U S Vᵀ.
        let svd = (unit.transpose() * &bits).svd().ok()?;
        rotation = svd.V() * svd.U().transpose();
    }
    Some(rotation)
}
