//! Products of filters with patches, from the patches' moments alone.
//!
//! ```text
//! E[x] = vᵀm    E[x²] = vᵀSv    E[xy] = vᵀSw        x = a·v, y = a·w, S = E[aaᵀ], m = E[a]
//! ```

use faer::Mat;

use super::covariance::{Moments, PatchMoments};
use crate::products::{GROUPS, PairSums, error_of, standard_error};

/// What pairs of products are like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pooled {
    pub r: Option<f64>,
    pub r_within: Option<f64>,
    pub error_over_filters: Option<f64>,
    pub error_over_images: Option<f64>,
}

/// The sums of each filter's pairs, as those of one mean pair.
pub(crate) fn of_filters(moments: &PatchMoments, v: &Mat<f64>, w: &Mat<f64>) -> Vec<PairSums> {
    let (seen_v, seen_w) = (v * &moments.square, w * &moments.square);
    let (mean_v, mean_w) = (v * &moments.mean, w * &moments.mean);
    let dot = |a: &Mat<f64>, b: &Mat<f64>, row: usize| {
        (0..a.ncols())
            .map(|at| a[(row, at)] * b[(row, at)])
            .sum::<f64>()
    };
    let filter = |row: usize| PairSums {
        pairs: 1,
        sums: [
            mean_v[(row, 0)],
            mean_w[(row, 0)],
            dot(&seen_v, v, row),
            dot(&seen_w, w, row),
            dot(&seen_v, w, row),
        ],
        ..PairSums::default()
    };
    (0..v.nrows()).map(filter).collect()
}

/// Pools the pairs of all filters: `v` stands for `w`, both `[filters, d]`.
pub(crate) fn pooled(moments: &Moments, v: &Mat<f64>, w: &Mat<f64>) -> Pooled {
    let filters = of_filters(&moments.total, v, w);
    let mut groups = vec![PairSums::default(); GROUPS];
    for (at, filter) in filters.iter().enumerate() {
        groups[at % GROUPS].merge(filter);
    }
    let mut total = PairSums::default();
    groups.iter().for_each(|group| total.merge(group));
    let [mut product, mut x, mut y] = [0.0; 3];
    for filter in &filters {
        let variances = filter.variances();
        product += filter.covariance();
        x += variances[0];
        y += variances[1];
    }
    let within: f64 = product / (x * y).sqrt();
    Pooled {
        r: total.r(),
        r_within: within.is_finite().then_some(within),
        error_over_filters: error_of(&groups, PairSums::r),
        error_over_images: over_images(moments, v, w),
    }
}

/// The jackknife over groups of images.
///
/// Summed over filters a form is the inner product of S with one matrix, whichever images S is of.
fn over_images(moments: &Moments, v: &Mat<f64>, w: &Mat<f64>) -> Option<f64> {
    let outer = |a: &Mat<f64>, b: &Mat<f64>| a.transpose() * b;
    let matrices = [outer(v, v), outer(w, w), outer(v, w)];
    let d = v.ncols();
    let column = |of: &Mat<f64>| -> Vec<f64> {
        (0..d)
            .map(|at| (0..of.nrows()).map(|row| of[(row, at)]).sum())
            .collect()
    };
    let columns = [column(v), column(w)];
    let r = |moments: &PatchMoments| {
        let inner = |matrix: &Mat<f64>| {
            let entries = (0..d).flat_map(|row| (0..d).map(move |at| (row, at)));
            entries
                .map(|at| matrix[at] * moments.square[at])
                .sum::<f64>()
        };
        let mean = |column: &Vec<f64>| {
            let entries = column.iter().enumerate();
            entries
                .map(|(at, sum)| sum * moments.mean[(at, 0)])
                .sum::<f64>()
        };
        let [vv, ww, vw] = matrices.each_ref().map(inner);
        let [mean_v, mean_w] = columns.each_ref().map(mean);
        let sums = PairSums {
            pairs: v.nrows() as u64,
            sums: [mean_v, mean_w, vv, ww, vw],
            ..PairSums::default()
        };
        sums.r()
    };
    let values: Option<Vec<f64>> = moments.left_out.iter().map(r).collect();
    standard_error(&values?)
}
