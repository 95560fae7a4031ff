//! Surrogate gradients: what stands for the slope of a step.

use orthant_bits::mean_magnitude;
use orthant_model::WeightQuantizer;
use serde::{Deserialize, Serialize};

/// The slope that stands for a quantizer's in the backward pass (straight-through estimator).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surrogate {
    /// `1`: the gradient passes through.
    Identity,
    /// `1[|x| ≤ 1]`, the slope of the hard tanh: gradients of large inputs are cancelled.
    ///
    /// # Reference
    /// Hubara et al. 2016, *Binarized Neural Networks*, eq. 4, arXiv:1602.02830.
    #[default]
    Clip,
    /// `max(0, 2 − 2|x|)`, the slope of a piecewise parabola.
    ///
    /// # Reference
    /// Liu et al. 2018, *Bi-Real Net*, eq. 4, arXiv:1808.00278.
    Triangle,
}

impl Surrogate {
    /// The slope at `x`.
    #[inline(always)]
    pub fn slope(self, x: f32) -> f32 {
        match self {
            Self::Identity => 1.0,
            Self::Clip => f32::from(u8::from(x.abs() <= 1.0)),
            Self::Triangle => (2.0 - 2.0 * x.abs()).max(0.0),
        }
    }
}

/// The slope of an activation at `z`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slope {
    /// 1 everywhere.
    One,
    /// 1 above 0.
    Relu,
    /// A quantizer's surrogate, or the hard tanh's own slope as [`Surrogate::Clip`].
    Surrogate(Surrogate),
}

impl Slope {
    /// At `z`.
    #[inline(always)]
    pub fn at(self, z: f32) -> f32 {
        match self {
            Self::One => 1.0,
            Self::Relu => f32::from(u8::from(z > 0.0)),
            Self::Surrogate(surrogate) => surrogate.slope(z),
        }
    }
}

/// Turns `∂L/∂ŵ` of one filter into the gradient of its latent weights, in place.
///
/// ```text
/// none                ∂L/∂w_i = g_i
/// sign, ternary       ∂L/∂w_i = g_i · slope(w_i)
/// sign-scaled         ∂L/∂w_i = α · g_i · slope(w_i) + sign(w_i) / n · Σ_j g_j · sign(w_j)
/// ```
///
/// The last one is the whole derivative of `α · sign(w)` with `α = Σ|w| / n`, which couples a
/// filter's weights; the paper's form keeps the own weight's term of the sum alone.
///
/// # Reference
/// Rastegari et al. 2016, *XNOR-Net*, §3.1, arXiv:1603.05279; the sum is derived from eq. 6 there.
pub fn weight_gradient(
    quantizer: WeightQuantizer,
    surrogate: Surrogate,
    latent: &[f32],
    gradient: &mut [f32],
) {
    let pairs = gradient.iter_mut().zip(latent);
    match quantizer {
        WeightQuantizer::None => {}
        WeightQuantizer::Sign | WeightQuantizer::Ternary { .. } => {
            pairs.for_each(|(g, &w)| *g *= surrogate.slope(w));
        }
        WeightQuantizer::SignScaled => {
            let signed = latent
                .iter()
                .zip(&*gradient)
                .map(|(&w, &g)| f64::from(orthant_bits::sign(w)) * f64::from(g));
            let shared = (signed.sum::<f64>() / latent.len() as f64) as f32;
            let scale = mean_magnitude(latent);
            for (g, &w) in gradient.iter_mut().zip(latent) {
                *g = scale * *g * surrogate.slope(w) + orthant_bits::sign(w) * shared;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_the_formulas() {
        let at = [-1.5, -1.0, -0.25, 0.0, 0.5, 1.0, 1.000_000_1];
        let slopes = |surrogate: Surrogate| at.map(|x| surrogate.slope(x));
        assert_eq!(slopes(Surrogate::Identity), [1.0; 7]);
        assert_eq!(slopes(Surrogate::Clip), [0., 1., 1., 1., 1., 1., 0.]);
        assert_eq!(slopes(Surrogate::Triangle), [0., 0., 1.5, 2., 1., 0., 0.]);
    }

    #[test]
    fn the_scale_s_gradient_is_its_finite_difference() {
        // With the sign held fixed, α · sign(w) is smooth: L = Σ g_i α sign(w_i).
        let latent = [0.3, -0.8, 0.1, -0.4];
        let g = [0.7, 0.2, -0.5, 1.1];
        let loss = |w: &[f32]| -> f64 {
            let scale = w.iter().map(|w| f64::from(w.abs())).sum::<f64>() / 4.0;
            let pairs = latent.iter().zip(g);
            pairs
                .map(|(w, g)| f64::from(orthant_bits::sign(*w)) * f64::from(g) * scale)
                .sum()
        };
        let mut found = g;
        // A slope of 0 leaves the scale's part alone; beyond ±1 the clip cancels the other.
        let far = latent.map(|w: f32| w + 2.0 * w.signum());
        let mut far_gradient = g;
        weight_gradient(
            WeightQuantizer::SignScaled,
            Surrogate::Clip,
            &far,
            &mut far_gradient,
        );
        weight_gradient(
            WeightQuantizer::SignScaled,
            Surrogate::Identity,
            &latent,
            &mut found,
        );
        for i in 0..4 {
            let step = 1e-3;
            let (mut up, mut down) = (latent, latent);
            up[i] += step;
            down[i] -= step;
            let slope = (loss(&up) - loss(&down)) / f64::from(up[i] - down[i]);
            assert!((f64::from(far_gradient[i]) - slope).abs() < 1e-5);
            let whole = slope + f64::from(mean_magnitude(&latent) * g[i]);
            assert!((f64::from(found[i]) - whole).abs() < 1e-5);
        }
    }
}
