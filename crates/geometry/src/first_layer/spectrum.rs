//! Eigenvalues of the covariance of patches, and what follows from them.

use faer::{Mat, Side};

use super::covariance::{PatchMoments, PatchSums};
use super::report::SpectrumReport;
use crate::Estimate;
use crate::products::standard_error;

/// Eigenvalues below this share of the largest are rounding.
const ROUNDING: f64 = 1e-12;

/// Eigenvalues and eigenvectors, the largest first.
pub(crate) struct Eigen {
    pub values: Vec<f64>,
    /// Eigenvectors as columns.
    pub vectors: Mat<f64>,
}

impl Eigen {
    /// `None` where the decomposition does not converge.
    pub(crate) fn new(covariance: &Mat<f64>) -> Option<Self> {
        let eigen = covariance.self_adjoint_eigen(Side::Lower).ok()?;
        let d = covariance.nrows();
        let (values, vectors) = (eigen.S().column_vector(), eigen.U());
        // They come in rising order.
        Some(Self {
            values: (0..d).map(|at| values[d - 1 - at].max(0.0)).collect(),
            vectors: Mat::from_fn(d, d, |row, column| vectors[(row, d - 1 - column)]),
        })
    }

    /// The covariance to a power; directions that do not vary stay 0.
    pub(crate) fn power(&self, exponent: f64) -> Mat<f64> {
        let d = self.values.len();
        let least = ROUNDING * self.values[0];
        let scaled = Mat::from_fn(d, d, |row, column| {
            let value = self.values[column];
            let factor = if value > least {
                value.powf(exponent)
            } else {
                0.0
            };
            self.vectors[(row, column)] * factor
        });
        &scaled * self.vectors.transpose()
    }

    /// The projection onto the leading `k` eigenvectors.
    pub(crate) fn leading(&self, k: usize) -> Mat<f64> {
        let leading = self.vectors.subcols(0, k.min(self.values.len()));
        leading * leading.transpose()
    }
}

/// The spectrum of all patches.
pub(crate) fn report(sums: &PatchSums, total: &PatchMoments, eigen: &Eigen) -> SpectrumReport {
    let d = eigen.values.len();
    let trace: f64 = eigen.values.iter().sum();
    let left_out = sums.moments().left_out;
    let error = |of: &dyn Fn(&PatchMoments) -> Option<f64>| {
        let values: Option<Vec<f64>> = left_out.iter().map(of).collect();
        values
            .and_then(|values| standard_error(&values))
            .unwrap_or(f64::NAN)
    };
    let leading_share = |moments: &PatchMoments| {
        let eigen = Eigen::new(&moments.covariance())?;
        Some(eigen.values[0] / eigen.values.iter().sum::<f64>())
    };
    let estimate = |value: f64, standard_error: f64| Estimate {
        value,
        standard_error,
        samples: sums.images(),
    };
    let dc: f64 = (0..d).map(|row| eigen.vectors[(row, 0)]).sum();
    let mean = (0..d).map(|at| total.mean[(at, 0)]).sum::<f64>() / d as f64;
    SpectrumReport {
        shares: eigen.values.iter().map(|value| value / trace).collect(),
        eigenvalues: eigen.values.clone(),
        leading_share: estimate(eigen.values[0] / trace, error(&leading_share)),
        leading_share_null: 1.0 / d as f64,
        participation_ratio: estimate(
            total.participation_ratio(),
            error(&|moments| Some(moments.participation_ratio())),
        ),
        participation_ratio_null: d as f64,
        leading_dc_cosine: (dc / (d as f64).sqrt()).abs().min(1.0),
        mean,
        deviation: (total.mean_square() - mean * mean).max(0.0).sqrt(),
        patches: total.patches(),
    }
}
