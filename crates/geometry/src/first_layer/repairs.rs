//! What stands for a filter better than its signs do, and what that costs.
//!
//! Every repair is linear in the patch: some vector `v` stands for the filter `w`. What a repair
//! does once for all filters is shared among them.

use faer::Mat;
use rayon::prelude::*;

use super::covariance::Moments;
use super::families::{rows, ternary};
use super::forms::pooled;
use super::report::{Operations, Repair};
use super::rotation;
use super::spectrum::Eigen;
use crate::{Moments as Running, angle_deg, cosine};

/// Longest filters that a rotation is learnt for.
const LEARNT: usize = 128;

/// Threshold of the nearest ternary vector of a normal one, in its deviations.
///
/// # Reference
/// Li et al. 2016, *Ternary Weight Networks*, §2.2, arXiv:1605.04711, for thresholds that bring
/// ternary weights nearest; the number solves φ(t) / Q(t) = 2 t.
const NEAREST_TERNARY: f64 = 0.612;

/// Bits of a float coefficient.
const REAL_BITS: f64 = 32.0;

/// All repairs of some filters; `plain` is what the layer does.
pub(crate) fn repairs(
    seed: u64,
    moments: &Moments,
    eigen: &Eigen,
    w: &Mat<f64>,
    plain: Mat<f64>,
) -> Vec<Repair> {
    let d = w.ncols();
    let each = d as f64;
    let shared = 1.0 / w.nrows().max(1) as f64;
    let cost = |additions: f64, multiplications: f64, bits: f64| Operations {
        additions_per_output: additions,
        multiplications_per_output: multiplications,
        weight_bits_per_filter: bits,
    };
    let sparsity = |of: &Mat<f64>| {
        let nonzero = (0..of.nrows()).flat_map(|row| (0..d).map(move |at| (row, at)));
        nonzero.filter(|at| of[*at] != 0.0).count() as f64 * shared
    };
    let rotated = cost(each, each * each * shared, each);
    let mut found: Vec<(String, Mat<f64>, Operations)> = Vec::new();
    let additions = sparsity(&plain);
    let bits = if additions < each { 2.0 * each } else { each };
    found.push(("plain".into(), plain, cost(additions, 0.0, bits)));
    let random = rotation::random(seed, d);
    found.push((
        "rotation-random".into(),
        rotation::binarized(w, &random),
        rotated,
    ));
    let components = eigen.vectors.transpose().to_owned();
    found.push((
        "rotation-components".into(),
        rotation::binarized(w, &components),
        rotated,
    ));
    if d <= LEARNT
        && let Some(learned) = rotation::learned(seed, w)
    {
        found.push((
            "rotation-learned".into(),
            rotation::binarized(w, &learned),
            rotated,
        ));
    }
    found.push((
        "signs-about-median".into(),
        about_median(w),
        cost(each, 0.0, each),
    ));
    let scaled = residual(w, 1);
    let dc = Mat::from_fn(d, d, |_, _| 1.0 / each);
    let operations = cost(each + each * shared, 2.0, each + 2.0 * REAL_BITS);
    found.push(("exact-dc".into(), corrected(w, &scaled, &dc), operations));
    for k in [1, 2, 4, 8].into_iter().filter(|k| *k < d) {
        let exact = k as f64;
        let operations = cost(
            each,
            1.0 + exact + exact * each * shared,
            each + (1.0 + exact) * REAL_BITS,
        );
        let v = corrected(w, &scaled, &eigen.leading(k));
        found.push((format!("exact-components-{k}"), v, operations));
    }
    let nearest = ternary(w, NEAREST_TERNARY);
    let additions = sparsity(&nearest);
    found.push(("ternary".into(), nearest, cost(additions, 0.0, 2.0 * each)));
    for terms in 2..=4 {
        let times = terms as f64;
        let operations = cost(times * each, times, times * (each + REAL_BITS));
        found.push((format!("binaries-{terms}"), residual(w, terms), operations));
    }
    let measure = |(name, v, operations): (String, Mat<f64>, Operations)| {
        let pairs = pooled(moments, &v, w);
        let filters = rows(w).into_iter().zip(rows(&v));
        let angles = filters.filter_map(|(w, v)| cosine(&w, &v)).map(angle_deg);
        Repair {
            name,
            r: pairs.r,
            r_standard_error_over_filters: pairs.error_over_filters,
            r_standard_error_over_images: pairs.error_over_images,
            r_within_filters: pairs.r_within,
            angle_deg: angles.collect::<Running>().estimate(),
            operations,
        }
    };
    found.into_par_iter().map(measure).collect()
}

/// Signs about each filter's median, so that they add up to 0 or ±1.
fn about_median(w: &Mat<f64>) -> Mat<f64> {
    let d = w.ncols();
    let median = |row: usize| {
        let mut filter: Vec<f64> = (0..d).map(|at| w[(row, at)]).collect();
        filter.sort_unstable_by(f64::total_cmp);
        0.5 * (filter[(d - 1) / 2] + filter[d / 2])
    };
    let medians: Vec<f64> = (0..w.nrows()).map(median).collect();
    Mat::from_fn(w.nrows(), d, |row, at| {
        if w[(row, at)] >= medians[row] {
            1.0
        } else {
            -1.0
        }
    })
}

/// `v` with the part of `w − v` that a projection keeps.
fn corrected(w: &Mat<f64>, v: &Mat<f64>, projection: &Mat<f64>) -> Mat<f64> {
    v + (w - v) * projection
}

/// A sum of scaled signs, each of what the ones before leave.
///
/// # Reference
/// Guo et al. 2017, *Network Sketching*, algorithm 1, arXiv:1706.02021.
fn residual(w: &Mat<f64>, terms: usize) -> Mat<f64> {
    let d = w.ncols();
    let mut v = Mat::zeros(w.nrows(), d);
    for _ in 0..terms {
        let rest = w - &v;
        for row in 0..w.nrows() {
            let magnitude = (0..d).map(|at| rest[(row, at)].abs()).sum::<f64>() / d as f64;
            for at in 0..d {
                v[(row, at)] += if rest[(row, at)] >= 0.0 {
                    magnitude
                } else {
                    -magnitude
                };
            }
        }
    }
    v
}
