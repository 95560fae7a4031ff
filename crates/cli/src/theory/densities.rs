//! Densities of angles, measured and of theory (T1, T2, T7).

use orthant_geometry::{
    AngleSamples, RandomPair, Spread, gaussian_signs, kernel_density, sign_angle_density,
};
use orthant_report::{Axis, Curve, Dimension, Figure, Panel, Style};

use super::angles::{Angles, limit_deg};
use crate::figures::grouped;

/// Points of a density.
const POINTS: usize = 401;

/// The widest kernel, 0.02 radians: that of Anderson & Berg's figure.
const BANDWIDTH_DEG: f64 = 0.02 * 180.0 / std::f64::consts::PI;

/// The pen of theory, black: it is seen on the line of what it explains.
pub const BLACK: usize = 6;

/// The density of angles over six deviations to each side, within the angles that there are.
///
/// The kernel is as wide as the paper's, but never above a quarter of the samples' deviation, which
/// it widens by 3 % then.
pub fn measured(samples: &AngleSamples) -> Vec<[f64; 2]> {
    let angles = samples.angles_deg();
    let Spread { mean, sd } = Spread::of(&angles);
    let (mean, sd) = (mean.value, sd.value);
    let bandwidth = match sd > 0.0 {
        true => BANDWIDTH_DEG.min(0.25 * sd),
        false => BANDWIDTH_DEG,
    };
    let reach = 6.0 * sd.max(bandwidth);
    let range = [(mean - reach).max(0.0), (mean + reach).min(180.0)];
    kernel_density(&angles, bandwidth, range, POINTS)
}

/// A density as it was measured.
pub fn area(name: &str, measured: Vec<[f64; 2]>) -> Curve {
    Curve::new(name, measured).with_style(Style::Area)
}

/// A density of theory at the angles of a measured one.
pub fn theory(name: &str, measured: &[[f64; 2]], density: impl Fn(f64) -> f64) -> Curve {
    let points = measured.iter().map(|&[deg, _]| [deg, density(deg)]);
    Curve::new(name, points)
        .with_style(Style::Theory)
        .with_pen(BLACK)
}

/// A panel for densities of angles, with the limit of many dimensions.
pub fn panel(title: String, range: [f64; 2]) -> Panel {
    let [low, high] = range;
    let angle = Axis::linear("angle", "degrees").with_range(low, high);
    let limit = limit_deg();
    Panel::new(title, angle, Axis::linear("density", "1 / degree")).with_level_on(
        Dimension::X,
        format!("√(2/π) = cos {limit:.2}°"),
        limit,
    )
}

/// The density of the angle between a Gaussian vector and its signs, per degree: exact in two and
/// three dimensions, else normal.
pub fn of_signs(d: usize) -> impl Fn(f64) -> f64 {
    let law = gaussian_signs(d);
    move |deg| sign_angle_density(d, deg).unwrap_or_else(|| law.normal_density(deg))
}

/// Both angles at each number of dimensions.
pub fn figure(angles: &[Angles]) -> Figure {
    let title = "Densities of the angles between a random vector and its signs, and between two";
    let figure = Figure::new(title).with_columns(3);
    angles.iter().fold(figure, |figure, at| {
        let [signs, vectors] = [&at.signs, &at.vectors].map(measured);
        let pair = RandomPair::new(at.d);
        let law = theory("theory", &signs, of_signs(at.d));
        let law_of_pair = theory("", &vectors, |deg| pair.density(deg));
        let exact = match sign_angle_density(at.d, 0.0) {
            Some(_) => "theory: exact",
            None => "theory: exact, of signs normal",
        };
        figure.with(
            panel(format!("d = {}", at.d), [0.0, 180.0])
                .with_note(samples(&at.signs))
                .with_note(exact)
                .with_curve(area("a vector and its signs", signs))
                .with_curve(area("two vectors", vectors))
                .with_curve(law)
                .with_curve(law_of_pair),
        )
    })
}

/// How many vectors an angle was measured on.
pub fn samples(of: &AngleSamples) -> String {
    format!("{} vectors", grouped(of.cosines.len() as u64))
}
