//! Smooth densities of samples.

/// Kernel density estimate with a Gaussian kernel: `points` pairs `[x, density]`, evenly over
/// `range` with both ends.
///
/// Samples near an end of the range are reflected there, so that the estimate has no dent at an
/// angle of 0 and its integral is the share of samples inside; samples outside are not counted. The
/// kernel is cut at eight bandwidths, where it is 10^-14 of its peak.
///
/// ```text
/// f(x) = Σ [ K(x − xᵢ) + K(x − 2 low + xᵢ) + K(x − 2 high + xᵢ) ] / n
/// K : normal density of deviation `bandwidth`
/// ```
///
/// # Panics
/// If the bandwidth is not above 0, the range is empty or there are fewer than 2 points.
///
/// # Reference
/// Silverman 1986, *Density Estimation for Statistics and Data Analysis*.
pub fn kernel_density(
    samples: &[f64],
    bandwidth: f64,
    range: [f64; 2],
    points: usize,
) -> Vec<[f64; 2]> {
    let [low, high] = range;
    assert!(
        bandwidth > 0.0 && high > low && points >= 2,
        "bandwidth {bandwidth}, {points} points over {range:?}"
    );
    const REACH: f64 = 8.0;
    let step = (high - low) / (points - 1) as f64;
    let mut curve: Vec<_> = (0..points)
        .map(|at| [low + at as f64 * step, 0.0])
        .collect();
    let mut add = |center: f64| {
        let [first, last] = [-REACH, REACH].map(|reach| (center + reach * bandwidth - low) / step);
        let last = last.floor();
        if last < 0.0 || first > (points - 1) as f64 {
            return;
        }
        let first = first.ceil().max(0.0) as usize;
        let last = (last as usize).min(points - 1);
        for [x, density] in &mut curve[first..=last] {
            let apart = (*x - center) / bandwidth;
            *density += (-0.5 * apart * apart).exp();
        }
    };
    let inside = |x: &&f64| (low..=high).contains(*x);
    for &x in samples.iter().filter(inside) {
        add(x);
        add(2.0 * low - x);
        add(2.0 * high - x);
    }
    let unit = samples.len().max(1) as f64 * bandwidth * std::f64::consts::TAU.sqrt();
    curve.iter_mut().for_each(|[_, density]| *density /= unit);
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(curve: &[[f64; 2]]) -> f64 {
        let trapezoid = |two: &[[f64; 2]]| (two[1][0] - two[0][0]) * (two[0][1] + two[1][1]) / 2.0;
        curve.windows(2).map(trapezoid).sum()
    }

    #[test]
    fn the_area_is_the_share_inside() {
        let samples = [0.0, 0.3, 90.0, 179.9, 180.0, 200.0, f64::NAN, 45.0];
        let curve = kernel_density(&samples, 1.2, [0.0, 180.0], 1801);
        assert!((area(&curve) - 6.0 / 8.0).abs() < 1e-9, "{}", area(&curve));
        assert_eq!((curve[0][0], curve[1800][0]), (0.0, 180.0));
        assert_eq!(curve[700][1], 0.0);
    }

    #[test]
    fn one_sample_is_the_kernel() {
        let curve = kernel_density(&[2.0], 0.5, [0.0, 4.0], 5);
        let kernel = |x: f64| (-0.5 * (x / 0.5) * (x / 0.5)).exp() / (0.5 * 2.506_628_274_631);
        for [x, density] in curve {
            // What is reflected at the ends is 10^-7 of the peak.
            assert!((density - kernel(x - 2.0)).abs() < 1e-3, "{x}");
        }
    }

    #[test]
    fn a_wide_kernel_tends_to_the_density() {
        // 5,000 angles evenly over the range are uniform, ends included.
        let samples: Vec<f64> = (0..5_000).map(|at| (f64::from(at) + 0.5) * 0.036).collect();
        for [x, density] in kernel_density(&samples, 2.0, [0.0, 180.0], 91) {
            assert!((density * 180.0 - 1.0).abs() < 1e-6, "{x}: {density}");
        }
    }
}
