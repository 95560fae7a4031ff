//! What is known of the first layer once all images were seen.

use serde::Serialize;

use crate::{Estimate, Problem};

/// The first layer's patches, filters and repairs.
#[derive(Debug, Clone, Serialize)]
pub struct FirstLayerReport {
    /// The layer; `None` for a network without layers.
    pub name: Option<String>,
    /// Weights of a filter.
    pub d: usize,
    /// Filters of the layer.
    pub filters: usize,
    /// Images seen.
    pub images: u64,
    /// Patches seen, those that read the border among them.
    pub samples: u64,
    /// What the numbers are held against.
    pub null_model: &'static str,
    /// `None` where nothing varies.
    pub spectrum: Option<SpectrumReport>,
    /// Families of filters; of several groups of channels the first one's.
    pub families: Vec<FilterFamily>,
    /// What repairs them.
    pub repairs: Vec<RepairedFamily>,
    /// What stands in the way.
    pub problems: Vec<Problem>,
}

/// The spectrum of the covariance of patches; standard errors are over images.
#[derive(Debug, Clone, Serialize)]
pub struct SpectrumReport {
    /// Eigenvalues, the largest first, in squares of the input's unit.
    pub eigenvalues: Vec<f64>,
    /// Each one's share of their sum.
    pub shares: Vec<f64>,
    /// The largest share; its standard error is NaN for long filters.
    pub leading_share: Estimate,
    /// The same of entries without correlation.
    pub leading_share_null: f64,
    /// `(Σλ)² / Σλ²`, the number of directions that matter.
    pub participation_ratio: Estimate,
    /// The same of entries without correlation.
    pub participation_ratio_null: f64,
    /// Magnitude of the cosine between the leading component and the patch whose entries are equal.
    pub leading_dc_cosine: f64,
    /// Mean of all entries.
    pub mean: f64,
    /// Standard deviation of all entries.
    pub deviation: f64,
    /// Patches.
    pub patches: u64,
}

/// Filters of one kind, quantized as the layer's are.
#[derive(Debug, Clone, Serialize)]
pub struct FilterFamily {
    /// `learned`, `random` (Gaussian), or what was done to random ones: `dc-free`,
    /// `without-N-components`, `whitened` (C to the power −1/2), `low-pass` (1/4).
    pub name: &'static str,
    /// Filters.
    pub filters: usize,
    /// Filters that are 0.
    pub filters_without_angle: u64,
    /// Mean angle between filters and what they become; its standard error is over filters.
    pub angle_deg: Estimate,
    /// Pearson's r of the products, over patches and filters.
    pub r: Option<f64>,
    /// Its standard error over filters.
    pub r_standard_error_over_filters: Option<f64>,
    /// Its standard error over images; `None` for long filters.
    pub r_standard_error_over_images: Option<f64>,
    /// r about each filter's own means.
    pub r_within_filters: Option<f64>,
    /// r that the law `1 / √(1 + tan²θ / G)` has.
    pub r_predicted: Option<f64>,
    /// G: how much more the filters see vary than an average direction.
    pub gain: Option<f64>,
    /// r on entries without correlation, which is what permuting them leaves.
    pub r_white: Option<f64>,
}

/// Repairs of one family.
#[derive(Debug, Clone, Serialize)]
pub struct RepairedFamily {
    /// The family.
    pub of: &'static str,
    /// Its repairs; the first one is none, `plain`.
    pub repairs: Vec<Repair>,
}

/// What stands for a filter, and how well.
#[derive(Debug, Clone, Serialize)]
pub struct Repair {
    /// `plain`, `rotation-random`, `-components`, `-learned` (binarized in another basis),
    /// `signs-about-median`, `exact-dc` (α·sign, and the filter's mean exactly),
    /// `exact-components-K` (and its part in the leading components), `ternary`, `binaries-K` (a
    /// sum of K scaled signs).
    pub name: String,
    /// Pearson's r between its products and the filter's, over patches and filters.
    pub r: Option<f64>,
    /// Its standard error over filters.
    pub r_standard_error_over_filters: Option<f64>,
    /// Its standard error over images; `None` for long filters.
    pub r_standard_error_over_images: Option<f64>,
    /// r about each filter's own means.
    pub r_within_filters: Option<f64>,
    /// Mean angle to the filter; its standard error is over filters.
    pub angle_deg: Estimate,
    /// What it costs.
    pub operations: Operations,
}

/// Operations of one output, the shared ones divided among the filters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Operations {
    /// Additions or subtractions of an input as it is.
    pub additions_per_output: f64,
    /// Multiplications by a real number.
    pub multiplications_per_output: f64,
    /// Bits that are stored for a filter; a real number is 32.
    pub weight_bits_per_filter: f64,
}
