//! Numbers of a whole layer's weights, whatever filter they are in.

/// Root mean square and excess kurtosis of finite weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Root mean square.
    pub rms: f64,
    /// Fourth central moment over the square of the second, less 3: 0 for Gaussian weights, −1.2
    /// for uniform ones, 3 for Laplace; NaN where all are equal.
    pub excess_kurtosis: f64,
}

impl Statistics {
    pub fn of(weights: impl Iterator<Item = f32> + Clone) -> Self {
        let numbers = || weights.clone().map(f64::from);
        let n = numbers().count().max(1) as f64;
        let mean = numbers().sum::<f64>() / n;
        let central = |power: i32| numbers().map(|w| (w - mean).powi(power)).sum::<f64>() / n;
        let variance = central(2);
        Self {
            rms: (numbers().map(|w| w * w).sum::<f64>() / n).sqrt(),
            excess_kurtosis: central(4) / (variance * variance) - 3.0,
        }
    }
}
