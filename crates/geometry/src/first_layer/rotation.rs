//! Rotations to binarize in: `v = Rᵀ sign(R w)`, the generalized binarization transform.

use faer::Mat;

use crate::chance::{Chance, Purpose};

/// Steps of the learned rotation.
const STEPS: usize = 50;

/// A matrix of independent standard normal numbers.
pub(crate) fn gaussian(chance: &mut Chance, rows: usize, columns: usize) -> Mat<f64> {
    Mat::from_fn(rows, columns, |_, _| chance.normal())
}

/// A rotation that is uniform over all of them, reflections included.
///
/// # Reference
/// Mezzadri 2007, *How to Generate Random Matrices from the Classical Compact Groups*, §5,
/// arXiv:math-ph/0609050.
pub(crate) fn random(seed: u64, d: usize) -> Mat<f64> {
    let mut chance = Chance::new(seed, Purpose::Rotation, 0, d as u64);
    let qr = gaussian(&mut chance, d, d).qr();
    let (q, r) = (qr.compute_Q(), qr.R());
    Mat::from_fn(d, d, |row, column| {
        let direction = if r[(column, column)] < 0.0 { -1.0 } else { 1.0 };
        q[(row, column)] * direction
    })
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
