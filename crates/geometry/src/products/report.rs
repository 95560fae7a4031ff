//! What is known of products once all images were seen.

use serde::Serialize;

use super::grid::Histogram2d;
use super::interval::{error_of, of_correlation};
use super::pairs::Pairs;
use super::sums::PairSums;
use crate::{Problem, Spread};

/// The products of every layer.
#[derive(Debug, Clone, Serialize)]
pub struct ProductReport {
    /// Images that were asked for.
    pub images_expected: u64,
    /// Most groups of images, the units of every standard error; image `i` is in group `i mod` it.
    pub image_groups: usize,
    /// What the numbers are held against.
    pub null_model: &'static str,
    /// The layers, in order.
    pub layers: Vec<LayerProducts>,
}

/// How pairs of products `(x, y)` belong together, over images, positions and filters.
///
/// A number is `None` where it is not defined; the layer's problems say why.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Correlation {
    /// Pearson's r.
    pub r: Option<f64>,
    /// Lower end of its 95 % interval.
    pub r_low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub r_high: Option<f64>,
    /// Its standard error.
    pub r_standard_error: Option<f64>,
    /// r about each filter's own means, which is what a batch norm leaves of it.
    pub r_within_filters: Option<f64>,
    /// Slope of the regression of y on x, in units of y per x.
    pub slope: Option<f64>,
    /// Its standard error.
    pub slope_standard_error: Option<f64>,
    /// y of the regression at x = 0.
    pub intercept: Option<f64>,
    /// Share of pairs of opposite signs; a pair with a 0 is half of one.
    pub off_quadrant_share: Option<f64>,
    /// Its standard error.
    pub off_quadrant_standard_error: Option<f64>,
    /// `arccos(r) / π`, the share of a bivariate normal distribution about 0.
    pub off_quadrant_expected: Option<f64>,
    /// Mean of x and of y.
    pub means: Option<[f64; 2]>,
    /// Standard deviation of x and of y.
    pub deviations: Option<[f64; 2]>,
    /// Pairs.
    pub samples: u64,
    /// Images that they come from.
    pub images: u64,
}

/// What a layer's products are like.
#[derive(Debug, Clone, Serialize)]
pub struct LayerProducts {
    /// The layer.
    pub name: String,
    /// Weights of a filter.
    pub d: usize,
    /// Filters.
    pub filters: usize,
    /// Output positions of an image.
    pub positions: usize,
    /// x = a·w_b, products with quantized weights, and y = a·w_c, with latent ones.
    #[serde(flatten)]
    pub weights: Correlation,
    /// r that the law `1 / √(1 + tan²θ / G)` has for the measured angles and gains.
    pub r_predicted: Option<f64>,
    /// G: how much more the filters see vary than an average direction, weighted by their squared
    /// norms.
    pub gain: Option<f64>,
    /// r of the same filters on white input, a cosine; the null model, and what is expected of the
    /// permuted input.
    pub r_white: Option<f64>,
    /// r where the entries of each batch's input were shuffled.
    pub r_permuted: Option<f64>,
    /// The pairs of the shuffled input, patches without a border.
    pub permuted: Correlation,
    /// Each filter's own r with its standard deviation over filters; `None` below two filters.
    pub r_of_filters: Option<Spread>,
    /// Pairs of shuffled inputs in bins.
    pub permuted_histogram: Option<Histogram2d>,
    /// Pairs in bins.
    pub histogram: Option<Histogram2d>,
    /// Filter by filter.
    pub per_filter: Vec<FilterProducts>,
    /// Quantized against real activations; `None` where the input is not quantized.
    pub activations: Option<ActivationProducts>,
    /// What stands in the way.
    pub problems: Vec<Problem>,
}

/// What a filter's products are like.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FilterProducts {
    /// r over positions and images: `wᵀCb / √(wᵀCw · bᵀCb)` with the covariance of its input.
    pub r: Option<f64>,
    /// Angle between latent and quantized weights.
    pub angle_deg: Option<f64>,
    /// Its G.
    pub gain: Option<f64>,
    /// The law's r.
    pub r_predicted: Option<f64>,
}

/// What quantizing the activations does to products.
#[derive(Debug, Clone, Serialize)]
pub struct ActivationProducts {
    /// x = a_c·w_b, products of real activations, and y = a_b·w_b, of quantized ones.
    #[serde(flatten)]
    pub correlation: Correlation,
    /// What jointly normal activations of the same covariance would have.
    pub normal: Option<NormalActivations>,
    /// Pairs in bins.
    pub histogram: Option<Histogram2d>,
}

/// The law for jointly normal activations, on a subsample of patches and filters.
///
/// ```text
/// r = c₁ wᵀDRw / √(wᵀDRDw · wᵀQ(R)w)        R : correlations of the activations, D : deviations
/// Q(ρ) = 2/π arcsin ρ                       for signs; ternary activations have theirs
/// ```
///
/// R of `n` patches scatters by `1/√n`, which moves `wᵀQ(R)w` by less than one part in `2n`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NormalActivations {
    /// r of the law, pooled over the filters, about their own means.
    pub r_predicted: f64,
    /// Its standard error over filters; the patches are what they are.
    pub r_predicted_standard_error: Option<f64>,
    /// r of the same patches and filters.
    pub r_measured: f64,
    /// Patches, at positions that see no border, from all images alike.
    pub patches: usize,
    /// Filters, evenly spaced among the first group's.
    pub filters: usize,
    /// Root mean square over entries of their mean by their deviation; the law takes it for 0.
    pub mean_over_deviation: f64,
    /// The threshold by the root mean square deviation of entries; 0 for signs.
    pub threshold_over_deviation: f64,
}

impl Correlation {
    /// Of all pairs.
    pub(crate) fn new(pairs: &Pairs) -> Self {
        let total = pairs.total();
        let empty = Self {
            samples: total.pairs,
            images: pairs.images,
            ..Self::default()
        };
        if total.pairs == 0 || total.broken > 0 {
            return empty;
        }
        let r = total.r();
        let interval = r.and_then(|r| of_correlation(&pairs.groups, r));
        let error = |statistic: fn(&PairSums) -> Option<f64>| error_of(&pairs.groups, statistic);
        let slope = |sums: &PairSums| sums.line().map(|[slope, _]| slope);
        Self {
            r,
            r_low: interval.map(|[low, _]| low),
            r_high: interval.map(|[_, high]| high),
            r_standard_error: error(PairSums::r),
            r_within_filters: within(pairs),
            slope: slope(&total),
            slope_standard_error: error_of(&pairs.groups, slope),
            intercept: total.line().map(|[_, intercept]| intercept),
            off_quadrant_share: total.opposite_share(),
            off_quadrant_standard_error: error(PairSums::opposite_share),
            off_quadrant_expected: r.map(|r| r.acos() / core::f64::consts::PI),
            means: Some(total.means()),
            deviations: Some(total.variances().map(f64::sqrt)),
            ..empty
        }
    }
}

/// r about each filter's own means.
fn within(pairs: &Pairs) -> Option<f64> {
    let [mut product, mut x, mut y] = [0.0; 3];
    for sums in pairs.per_filter() {
        let variances = sums.variances();
        if variances.iter().all(|variance| *variance > 0.0) {
            product += sums.covariance();
        }
        x += variances[0];
        y += variances[1];
    }
    let r: f64 = product / (x * y).sqrt();
    r.is_finite().then_some(r)
}
