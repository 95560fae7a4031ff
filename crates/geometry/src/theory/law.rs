//! How an angle is distributed, for many dimensions and for so many.

use serde::Serialize;

use crate::angle_deg;
use crate::theory::special::normal_density;

/// The angle between a vector of independent weights and its quantization, as dimensions grow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AngleLimit {
    /// Cosine of the angle.
    pub cosine: f64,
    /// The angle, in degrees.
    pub angle_deg: f64,
    /// `d · (E cos / cosine − 1)`: how the mean at finite `d` comes near; infinite where the fourth
    /// moment is.
    pub cosine_bias: f64,
    /// `√d` times the cosine's standard deviation; infinite where the fourth moment is.
    pub cosine_spread: f64,
    /// `√d` times the angle's standard deviation, in degrees.
    pub angle_spread_deg: f64,
}

impl AngleLimit {
    /// Squared error of the best multiple of the quantized vector, as a share of the vector's
    /// square: `sin² θ`.
    ///
    /// # Reference
    /// `docs/theory.md`, T4; Rastegari et al. 2016, *XNOR-Net*, arXiv:1603.05279.
    pub fn distortion(&self) -> f64 {
        1.0 - self.cosine * self.cosine
    }

    /// The law at `d` dimensions: the mean to first order in `1 / d`, the deviation to half that.
    ///
    /// Its numbers are NaN where the spread is infinite.
    pub fn at(&self, d: usize) -> AngleLaw {
        let d = d as f64;
        if !self.cosine_spread.is_finite() {
            return AngleLaw::of_cosine(f64::NAN, f64::NAN);
        }
        let mean = self.cosine * (1.0 + self.cosine_bias / d);
        AngleLaw::of_cosine(mean.min(1.0), self.cosine_spread / d.sqrt())
    }
}

/// Mean and deviation of an angle and of its cosine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AngleLaw {
    /// Mean of the cosine.
    pub cosine_mean: f64,
    /// Standard deviation of the cosine.
    pub cosine_sd: f64,
    /// Mean of the angle, in degrees.
    pub angle_mean_deg: f64,
    /// Standard deviation of the angle, in degrees.
    pub angle_sd_deg: f64,
}

impl AngleLaw {
    /// The law of a cosine, with the angle by the arc cosine's Taylor series to second order.
    ///
    /// For Gaussian vectors and their signs, mean and deviation are 0.17° and 5 % off at 4
    /// dimensions, 0.02° and 1 % at 10.
    pub(crate) fn of_cosine(mean: f64, sd: f64) -> Self {
        let sine = (1.0 - mean * mean).max(0.0).sqrt();
        let law = |angle_mean_deg, angle_sd_deg| Self {
            cosine_mean: mean,
            cosine_sd: sd,
            angle_mean_deg,
            angle_sd_deg,
        };
        // All weights of one magnitude are their own signs.
        if sd == 0.0 {
            return law(angle_deg(mean), 0.0);
        }
        let bend = mean * sd * sd / (2.0 * sine.powi(3));
        law(
            angle_deg(mean) - bend.to_degrees(),
            (sd / sine).to_degrees(),
        )
    }

    /// Density of the normal distribution of this mean and deviation, per degree.
    ///
    /// What the angle's own density tends to: for Gaussian vectors and their signs, the two put
    /// less than 1 % of their mass at different angles from 10 dimensions on.
    pub fn normal_density(&self, angle_deg: f64) -> f64 {
        let apart = (angle_deg - self.angle_mean_deg) / self.angle_sd_deg;
        normal_density(apart) / self.angle_sd_deg
    }
}
