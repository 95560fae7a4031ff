//! The law of dot-product proportionality: what the angle and the gain make of r.
//!
//! ```text
//! b = |b| (cos θ ŵ + sin θ ê)      ê : what binarization adds, a direction that the input does not
//!                                      prefer
//! G = ŵᵀCŵ / (tr C / d)            how much more than an average direction the filter sees vary
//! r = wᵀCb / √(wᵀCw · bᵀCb)        exact
//!   ≈ 1 / √(1 + tan²θ / G)         with êᵀCê = tr C / d and ŵᵀCê = 0
//! ```
//!
//! White input has G = 1 and r = cos θ.
//!
//! # Reference
//! `docs/theory.md`, T8.

use super::spread::EntrySpread;
use super::sums::PairSums;
use crate::cosine;

/// A filter's geometry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FilterLaw {
    /// cos θ between latent and quantized weights.
    cosine: f64,
    /// Norms of latent and quantized weights, the scale included.
    norms: [f64; 2],
    /// `ŵᵀCŵ`.
    response: f64,
    spread: EntrySpread,
}

/// A layer's law.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PooledLaw {
    pub r: f64,
    /// G of all filters, weighted by their squared norms.
    pub gain: f64,
}

impl FilterLaw {
    /// The law of a filter; `sums` has products with latent weights as y.
    ///
    /// `None` where the filter has no angle or its input does not vary.
    pub(crate) fn new(
        latent: &[f32],
        quantized: &[f32],
        scale: f32,
        sums: &PairSums,
        spread: EntrySpread,
    ) -> Option<Self> {
        let cosine = cosine(latent, quantized)?;
        let norm = |weights: &[f32]| {
            let squares = weights.iter().map(|weight| f64::from(*weight).powi(2));
            squares.sum::<f64>().sqrt()
        };
        let norms = [norm(latent), norm(quantized) * f64::from(scale)];
        let response = sums.variances()[1] / norms[0].powi(2);
        let is_known = response > 0.0 && spread.variance > 0.0 && norms[1] > 0.0;
        is_known.then_some(Self {
            cosine,
            norms,
            response,
            spread,
        })
    }

    /// G.
    pub(crate) fn gain(&self) -> f64 {
        self.response / self.spread.variance
    }

    /// The filter's r as the law has it.
    pub(crate) fn r(&self) -> f64 {
        predicted_r(self.cosine, self.gain())
    }
}

/// `1 / √(1 + tan²θ / G)`, with the sign of cos θ.
pub(crate) fn predicted_r(cosine: f64, gain: f64) -> f64 {
    let tangent = (1.0 - cosine * cosine).max(0.0) / (cosine * cosine);
    cosine.signum() / (1.0 + tangent / gain).sqrt()
}

/// The law for pairs of all filters together, which weighs filters by their products' variance.
///
/// Filters' means about the mean of all are part of that variance, and mean squares take the place
/// of variances: pooled pairs do not know whose they are.
pub(crate) fn pooled(laws: &[(FilterLaw, PairSums)], mean: f64) -> Option<PooledLaw> {
    let [mut product, mut x, mut y] = [0.0; 3];
    let [mut response, mut average] = [0.0; 2];
    for (law, sums) in laws {
        let [w, b] = law.norms;
        let seen = law.response + ((sums.means()[1] - mean) / w).powi(2);
        let cosine2 = law.cosine * law.cosine;
        product += w * b * law.cosine * seen;
        y += w * w * seen;
        x += b * b * (cosine2 * seen + (1.0 - cosine2) * law.spread.square);
        response += w * w * law.response;
        average += w * w * law.spread.variance;
    }
    let r = product / (x * y).sqrt();
    r.is_finite().then_some(PooledLaw {
        r,
        gain: response / average,
    })
}

/// r of some filters on white input, pooled: `Σ wᵀb / √(Σ wᵀw · Σ bᵀb)`.
pub(crate) fn white(
    latent: &[f32],
    quantized: &[f32],
    scales: &[f32],
    filter: usize,
) -> Option<f64> {
    let mut sums = [0.0; 3];
    let filters = latent
        .chunks_exact(filter)
        .zip(quantized.chunks_exact(filter));
    for ((w, b), scale) in filters.zip(scales) {
        for (w, b) in w.iter().zip(b) {
            let (w, b) = (f64::from(*w), f64::from(*b) * f64::from(*scale));
            sums[0] += w * b;
            sums[1] += w * w;
            sums[2] += b * b;
        }
    }
    let r: f64 = sums[0] / (sums[1] * sums[2]).sqrt();
    r.is_finite().then_some(r)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::products::sums::FilterSums;
    use crate::random::{Purpose, Stream};

    #[test]
    fn white_input_has_the_cosine_and_gains_are_read_back() {
        let cosine = (2.0 / core::f64::consts::PI).sqrt();
        assert!((predicted_r(cosine, 1.0) - cosine).abs() < 1e-12);
        // Inverse readings of the law at tan²θ = π/2 − 1.
        for (r, gain) in [
            (0.56, 0.26),
            (0.90, 2.4),
            (0.95, 5.3),
            (0.98, 13.8),
            (0.99, 28.0),
        ] {
            let found = predicted_r(cosine, gain);
            assert!((found - r).abs() < 0.003, "{found} {r}");
        }
    }

    #[test]
    fn the_law_is_what_filters_measure_that_lean_towards_loud_directions() {
        // C = 1 + loud² vvᵀ, and filters of noise plus some v: each gain another r.
        let (d, filters, patches) = (256, 48, 3000);
        let mut stream = Stream::of(1, Purpose::Filters, 0, 0);
        let v: Vec<f64> = (0..d)
            .map(|_| stream.normal() / (d as f64).sqrt())
            .collect();
        for (lean, loud) in [(0.0, 0.0), (1.0, 6.0), (3.0, 6.0), (8.0, 8.0)] {
            let mut latent = Vec::new();
            for _ in 0..filters {
                let own = lean * stream.normal();
                latent.extend(v.iter().map(|v| (stream.normal() + own * v) as f32));
            }
            let quantized: Vec<f32> = latent.iter().map(|w| orthant_bits::sign(*w)).collect();
            let mut sums = FilterSums::new(filters);
            let mut squares = 0.0;
            for _ in 0..patches {
                let cause = loud * stream.normal();
                let patch: Vec<f64> = v.iter().map(|v| stream.normal() + cause * v).collect();
                squares += patch.iter().map(|entry| entry * entry).sum::<f64>();
                let project = |weights: &[f32]| -> Vec<f32> {
                    let filters = weights.chunks_exact(d);
                    let dot = |filter: &[f32]| {
                        let pairs = filter.iter().zip(&patch);
                        pairs.map(|(w, a)| f64::from(*w) * a).sum::<f64>() as f32
                    };
                    filters.map(dot).collect()
                };
                sums.add_row(&project(&quantized), &project(&latent));
            }
            let variance = squares / (patches * d) as f64;
            let spread = EntrySpread {
                variance,
                square: variance,
            };
            let mut total = PairSums::default();
            let laws = (0..filters).map(|filter| {
                let pairs = sums.filter(filter, patches as u64);
                total.merge(&pairs);
                let range = filter * d..(filter + 1) * d;
                let [w, b] = [&latent[range.clone()], &quantized[range]];
                (
                    FilterLaw::new(w, b, 1.0, &pairs, spread).expect("it varies"),
                    pairs,
                )
            });
            let laws: Vec<_> = laws.collect();
            let law = pooled(&laws, total.means()[1]).expect("it varies");
            let r = total.r().expect("it varies");
            assert!((law.r - r).abs() < 0.015, "{lean} {loud}: {law:?} {r}");
        }
    }
}
