//! A layer's angles beside theory.

use serde::Serialize;

use crate::theory::{AngleLaw, Distribution, MagnitudeMoments, gaussian_signs};
use crate::weights::filters::{FilterAngles, Undefined, filter_len};
use crate::weights::shares::WeightShares;
use crate::weights::statistics::Statistics;
use crate::{PowerLaw, Problem, Spread};

/// What makes a layer's weights ±1 or ternary; a scale turns nothing, so none is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "quantizer")]
pub enum WeightsQuantizer {
    /// The sign, of 0 too.
    Sign,
    /// 0 up to a threshold, beyond it the sign.
    Ternary {
        /// In units of the weights.
        threshold: f32,
    },
}

impl WeightsQuantizer {
    fn threshold(self) -> Option<f32> {
        match self {
            Self::Sign => None,
            Self::Ternary { threshold } => Some(threshold),
        }
    }
}

/// A layer's latent weights.
#[derive(Debug, Clone, Copy)]
pub struct LayerWeights<'a> {
    /// Its name, for reports.
    pub name: &'a str,
    /// Latent weights, `[filters, d]`: a filter's weights lie together, in any order.
    pub latent: &'a [f32],
    /// Filters, one for each output.
    pub filters: usize,
    /// What makes them ±1 or ternary.
    pub quantizer: WeightsQuantizer,
}

/// What a layer's weights tell.
///
/// Means and deviations are over the filters that have an angle, as independent samples. Two null
/// models stand beside them: weights drawn independently from a normal distribution, and from the
/// layer's own weights. Filters of unequal lengths are a reason to differ from the second, since
/// pooled weights then have heavier tails than those of any filter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightGeometry {
    /// The layer's name.
    pub name: String,
    /// Weights of a filter.
    pub d: usize,
    /// Filters.
    pub filters: usize,
    /// What makes the weights ±1 or ternary.
    #[serde(flatten)]
    pub quantizer: WeightsQuantizer,
    /// Filters that have an angle: the samples of the means and deviations below.
    pub angles: u64,
    /// Mean angle between a filter and its quantization.
    pub angle_mean_deg: f64,
    /// Its standard error.
    pub angle_mean_error_deg: f64,
    /// Standard deviation of the angle over the filters; NaN for a single one.
    pub angle_sd_deg: f64,
    /// Its standard error.
    pub angle_sd_error_deg: f64,
    /// Mean angle of independent Gaussian weights at this `d`; ternary, at the same threshold in
    /// units of the layer's root mean square.
    pub gaussian_mean_deg: f64,
    /// Its standard deviation.
    pub gaussian_sd_deg: f64,
    /// Mean angle of weights drawn independently from this layer's own.
    pub theory_mean_deg: f64,
    /// Its standard deviation.
    pub theory_sd_deg: f64,
    /// The ternary threshold over the weights' root mean square.
    pub threshold_sigma: Option<f64>,
    /// Root mean square of the finite weights.
    pub rms: f64,
    /// Excess kurtosis of the finite weights; 0 for Gaussian ones.
    pub excess_kurtosis: f64,
    /// Share of weights that become 0.
    pub zero_share: f64,
    /// Filters without an angle.
    #[serde(flatten)]
    pub undefined: Undefined,
    /// Where the weights lie.
    pub shares: WeightShares,
    /// The angle of every filter.
    pub angles_deg: Vec<Option<f64>>,
}

/// Analyses a layer by its weights alone.
///
/// # Errors
/// A shape that does not fit, filters of a single weight, a layer without any angle.
///
/// # Reference
/// `docs/theory.md`, T1, T3 and T5; Anderson & Berg 2018.
pub fn weight_geometry(layer: &LayerWeights<'_>) -> Result<WeightGeometry, Problem> {
    let LayerWeights {
        latent, filters, ..
    } = *layer;
    let d = filter_len(latent.len(), filters)?;
    let threshold = layer.quantizer.threshold();
    let angles = FilterAngles::of(latent, d, threshold);
    let Spread { mean, sd } = angles.spread_deg();
    if mean.samples == 0 {
        return Err(Problem::NoAngles { filters });
    }
    // Weights of filters with an angle make up the null model.
    let counted: Vec<f32> = latent
        .chunks_exact(d)
        .zip(&angles.angles_deg)
        .filter(|(_, angle)| angle.is_some())
        .flat_map(|(filter, _)| filter)
        .copied()
        .collect();
    let statistics = Statistics::of(latent.iter().copied().filter(|w| w.is_finite()));
    let of_counted = Statistics::of(counted.iter().copied());
    let threshold_sigma = threshold.map(|threshold| f64::from(threshold) / of_counted.rms);
    let gaussian = gaussian_law(d, threshold_sigma);
    let own = MagnitudeMoments::of(&counted, threshold);
    let own = own.ok_or(Problem::NoAngles { filters })?.limit().at(d);
    let shares = WeightShares::of(latent, threshold);
    Ok(WeightGeometry {
        name: layer.name.to_owned(),
        d,
        filters,
        quantizer: layer.quantizer,
        angles: mean.samples,
        angle_mean_deg: mean.value,
        angle_mean_error_deg: mean.standard_error,
        angle_sd_deg: sd.value,
        angle_sd_error_deg: sd.standard_error,
        gaussian_mean_deg: gaussian.angle_mean_deg,
        gaussian_sd_deg: gaussian.angle_sd_deg,
        theory_mean_deg: own.angle_mean_deg,
        theory_sd_deg: own.angle_sd_deg,
        threshold_sigma,
        rms: statistics.rms,
        excess_kurtosis: statistics.excess_kurtosis,
        zero_share: shares.zero_share(),
        undefined: angles.undefined,
        shares,
        angles_deg: angles.angles_deg,
    })
}

/// The law of Gaussian weights.
fn gaussian_law(d: usize, threshold_sigma: Option<f64>) -> AngleLaw {
    match threshold_sigma {
        None => gaussian_signs(d),
        Some(threshold) => Distribution::Gaussian
            .moments(threshold.max(0.0))
            .limit()
            .at(d),
    }
}

/// How the deviation of the angle falls with `d` over layers; Gaussian weights give the exponent
/// −1/2. `None` where fewer than two layers of different `d` have a deviation.
///
/// # Reference
/// `docs/theory.md`, T1; Anderson & Berg 2018.
pub fn spread_law<'a>(layers: impl IntoIterator<Item = &'a WeightGeometry>) -> Option<PowerLaw> {
    let points = layers
        .into_iter()
        .map(|layer| [layer.d as f64, layer.angle_sd_deg]);
    PowerLaw::fit(&points.collect::<Vec<_>>())
}
