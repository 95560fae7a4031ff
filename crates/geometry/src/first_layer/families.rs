//! Families of filters: learned, drawn, and drawn to see or to miss what varies.

use faer::Mat;

use super::covariance::Moments;
use super::forms::{of_filters, pooled};
use super::report::FilterFamily;
use super::rotation::gaussian;
use super::spectrum::Eigen;
use crate::products::{EntrySpread, FilterLaw, pooled_law, white};
use crate::random::{Purpose, Stream};
use crate::{Moments as Running, cosine};

/// How drawn filters become the ones of a forward pass.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binarizer {
    /// By their signs.
    Sign,
    /// To ternary numbers, at a threshold in units of a filter's root mean square.
    Ternary(f64),
}

impl Binarizer {
    /// The ternary one whose relative threshold is that of learned weights.
    pub(crate) fn like(latent: &[f32], threshold: f32) -> Self {
        let squares = latent.iter().map(|weight| f64::from(*weight).powi(2));
        let root = (squares.sum::<f64>() / latent.len() as f64).sqrt();
        match root > 0.0 {
            true => Self::Ternary(f64::from(threshold) / root),
            false => Self::Sign,
        }
    }

    /// Binarizes filters as rows.
    pub(crate) fn matrix(self, filters: &Mat<f64>) -> Mat<f64> {
        match self {
            Self::Sign => super::rotation::signs(filters),
            Self::Ternary(relative) => ternary(filters, relative),
        }
    }
}

/// Filters as rows, to ternary numbers at a threshold in units of their root mean squares.
pub(crate) fn ternary(filters: &Mat<f64>, relative: f64) -> Mat<f64> {
    let d = filters.ncols();
    let roots: Vec<f64> = (0..filters.nrows())
        .map(|row| {
            let squares = (0..d).map(|at| filters[(row, at)].powi(2));
            (squares.sum::<f64>() / d as f64).sqrt()
        })
        .collect();
    Mat::from_fn(filters.nrows(), d, |row, at| {
        let weight = filters[(row, at)];
        if weight.abs() > relative * roots[row] {
            weight.signum()
        } else {
            0.0
        }
    })
}

/// Drawn families, `[filters, d]` each.
pub(crate) fn drawn(seed: u64, eigen: &Eigen, count: usize) -> Vec<(&'static str, Mat<f64>)> {
    let d = eigen.values.len();
    let mut stream = Stream::of(seed, Purpose::Filters, 0, 0);
    let random = gaussian(&mut stream, count, d);
    let mean = |row: usize| (0..d).map(|at| random[(row, at)]).sum::<f64>() / d as f64;
    let means: Vec<f64> = (0..count).map(mean).collect();
    let dc_free = Mat::from_fn(count, d, |row, at| random[(row, at)] - means[row]);
    let without = |k: usize| &random - &random * eigen.leading(k);
    vec![
        ("dc-free", dc_free),
        ("without-2-components", without(2)),
        ("without-3-components", without(3)),
        ("without-4-components", without(4)),
        ("whitened", &random * eigen.power(-0.5)),
        ("low-pass", &random * eigen.power(0.25)),
        ("random", random.clone()),
    ]
}

/// Rows of a matrix as floats.
pub(crate) fn rows(of: &Mat<f64>) -> Vec<Vec<f32>> {
    let row = |row: usize| (0..of.ncols()).map(|at| of[(row, at)] as f32).collect();
    (0..of.nrows()).map(row).collect()
}

/// Measures filters `w` and what a quantizer makes of them, its scale included.
pub(crate) fn family(
    name: &'static str,
    moments: &Moments,
    w: &Mat<f64>,
    bits: &Mat<f64>,
) -> FilterFamily {
    let found = pooled(moments, bits, w);
    let (latent, quantized) = (rows(w), rows(bits));
    let angles = latent.iter().zip(&quantized).map(|(w, b)| cosine(w, b));
    let angles: Vec<f64> = angles.flatten().map(crate::angle_deg).collect();
    let spread = EntrySpread {
        variance: moments.total.variance(),
        square: moments.total.mean_square(),
    };
    let sums = of_filters(&moments.total, bits, w);
    let mean = sums.iter().map(|sums| sums.sums[1]).sum::<f64>() / sums.len().max(1) as f64;
    let laws: Vec<_> = latent
        .iter()
        .zip(&quantized)
        .zip(sums)
        .filter_map(|((w, b), sums)| Some((FilterLaw::new(w, b, 1.0, &sums, spread)?, sums)))
        .collect();
    let law = pooled_law(&laws, mean);
    let flat = |of: &[Vec<f32>]| of.iter().flatten().copied().collect::<Vec<f32>>();
    FilterFamily {
        name,
        filters: w.nrows(),
        filters_without_angle: (w.nrows() - angles.len()) as u64,
        angle_deg: angles.into_iter().collect::<Running>().estimate(),
        r: found.r,
        r_standard_error_over_filters: found.error_over_filters,
        r_standard_error_over_images: found.error_over_images,
        r_within_filters: found.r_within,
        r_predicted: law.map(|law| law.r),
        gain: law.map(|law| law.gain),
        r_white: white(
            &flat(&latent),
            &flat(&quantized),
            &vec![1.0; w.nrows()],
            w.ncols(),
        ),
    }
}
