//! Straight lines on two logarithmic axes.

use serde::Serialize;

use crate::Estimate;

/// `y = factor · x^exponent`, fitted to points by least squares of the logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PowerLaw {
    /// The slope on logarithmic axes; its standard error is that of the points about the line.
    pub exponent: Estimate,
    /// `y` at `x = 1`, in the unit of `y`.
    pub factor: f64,
}

impl PowerLaw {
    /// Fits points `[x, y]`, those left out that are not above 0 or not finite; `None` where fewer
    /// than two different `x` are left. The standard error needs three points.
    pub fn fit(points: &[[f64; 2]]) -> Option<Self> {
        let usable = |point: &&[f64; 2]| point.iter().all(|&x| x > 0.0 && x.is_finite());
        let logarithms: Vec<_> = points
            .iter()
            .filter(usable)
            .map(|p| p.map(f64::ln))
            .collect();
        let n = logarithms.len() as f64;
        let mean = |at: usize| logarithms.iter().map(|point| point[at]).sum::<f64>() / n;
        let middle = [mean(0), mean(1)];
        let sum = |a: usize, b: usize| -> f64 {
            let product = |p: &[f64; 2]| (p[a] - middle[a]) * (p[b] - middle[b]);
            logarithms.iter().map(product).sum()
        };
        let (width, product, height) = (sum(0, 0), sum(0, 1), sum(1, 1));
        if width.is_nan() || width <= 0.0 {
            return None;
        }
        let slope = product / width;
        let left = (height - slope * product).max(0.0);
        let standard_error = match logarithms.len() {
            0..3 => f64::NAN,
            _ => (left / (n - 2.0) / width).sqrt(),
        };
        Some(Self {
            exponent: Estimate {
                value: slope,
                standard_error,
                samples: logarithms.len() as u64,
            },
            factor: (middle[1] - slope * middle[0]).exp(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_s_exponent_is_found() {
        let points = [3.0, 10.0, 27.0, 1000.0].map(|x: f64| [x, 20.0 * x.powf(-0.5)]);
        let law = PowerLaw::fit(&points).unwrap();
        assert!((law.exponent.value + 0.5).abs() < 1e-12 && (law.factor - 20.0).abs() < 1e-9);
        assert!(law.exponent.standard_error < 1e-7);
        assert_eq!(PowerLaw::fit(&[[1.0, 1.0]; 3]), None);
        // The slope of (0, 0), (1, 1), (2, 1) in logarithms is 1/2, with an error of √(1/12).
        let e = std::f64::consts::E;
        let law = PowerLaw::fit(&[[1.0, 1.0], [e, e], [e * e, e]]).unwrap();
        assert!((law.exponent.value - 0.5).abs() < 1e-12);
        assert!((law.exponent.standard_error - (1.0f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn points_without_logarithms_are_left_out() {
        let points = [
            [1.0, 1.0],
            [10.0, 10.0],
            [5.0, 0.0],
            [f64::NAN, 1.0],
            [0.0, 3.0],
        ];
        let law = PowerLaw::fit(&points).unwrap();
        assert_eq!(law.exponent.samples, 2);
        assert!((law.exponent.value - 1.0).abs() < 1e-12 && law.exponent.standard_error.is_nan());
        assert_eq!(PowerLaw::fit(&[]), None);
        assert_eq!(PowerLaw::fit(&points[..1]), None);
    }
}
