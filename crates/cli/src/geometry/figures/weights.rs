//! What weights alone show: angles, their spread, where the weights lie.

use orthant_geometry::{Distribution, PowerLaw, WeightGeometry, gaussian_signs, kernel_density};
use orthant_report::{Axis, Curve, Dimension, Figure, Panel, Style};

/// Deviation of the kernel of densities: 0.01 rad, as the paper draws them.
const BANDWIDTH_DEG: f64 = 0.573;

/// The least part of its peak that is drawn of a density.
const LEAST: f64 = 1e-3;

/// Points of a density.
const POINTS: usize = 400;

/// Ranges of angles: where trained layers lie, and all there are.
const RANGES: [[f64; 2]; 2] = [[11.25, 56.25], [0.0, 180.0]];

/// Densities of the angles between latent and quantized filters, a curve for each layer.
pub fn angles(layers: &[&WeightGeometry]) -> Figure {
    let figure = Figure::new("Angles between latent and quantized filters").with_columns(2);
    let titles = ["Where the layers lie", "All angles"];
    let panels = RANGES.into_iter().zip(titles);
    panels.fold(figure, |figure, ([low, high], title)| {
        let degrees = Axis::linear("angle", "degrees").with_range(low, high);
        let panel = Panel::new(title, degrees, Axis::linear("density", "1 / degree"));
        let panel = layers.iter().fold(panel, |panel, layer| {
            let found: Vec<f64> = layer.angles_deg.iter().copied().flatten().collect();
            let density = kernel_density(&found, BANDWIDTH_DEG, [low, high], POINTS);
            panel.with_curve(Curve::new(&layer.name, trimmed(density)))
        });
        figure.with(match gaussian(layers) {
            Some((name, at)) => panel.with_level_on(Dimension::X, name, at),
            None => panel,
        })
    })
}

/// The angle of Gaussian weights: in many dimensions, or of ternary layers the median.
fn gaussian(layers: &[&WeightGeometry]) -> Option<(String, f64)> {
    if layers.iter().all(|layer| layer.threshold_sigma.is_none()) {
        let limit = Distribution::Gaussian.moments(0.0).limit().angle_deg;
        return Some((format!("Gaussian, {limit:.2}°"), limit));
    }
    let mut angles: Vec<f64> = layers.iter().map(|layer| layer.gaussian_mean_deg).collect();
    angles.sort_by(f64::total_cmp);
    let median = *angles.get(angles.len() / 2)?;
    Some((
        format!("Gaussian, median of the layers, {median:.2}°"),
        median,
    ))
}

/// A density without its empty ends, which would only cover those of others.
fn trimmed(density: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let heights = density.iter().map(|[_, height]| *height);
    let least = LEAST * heights.fold(0.0, f64::max);
    let mut inside = (0..density.len()).filter(|at| density[*at][1] > least);
    let Some(first) = inside.next() else {
        return density;
    };
    let last = inside.next_back().unwrap_or(first);
    density[first.saturating_sub(1)..(last + 2).min(density.len())].to_vec()
}

/// Deviations of those angles against the number of weights of a filter, both logarithmic.
pub fn spread(layers: &[&WeightGeometry], law: Option<&PowerLaw>) -> Figure {
    let places = |of: fn(&WeightGeometry) -> f64| -> Vec<[f64; 2]> {
        let layers = layers.iter().filter(|layer| layer.angle_sd_deg > 0.0);
        layers.map(|layer| [layer.d as f64, of(layer)]).collect()
    };
    let mut theory: Vec<[f64; 2]> = layers
        .iter()
        .map(|layer| [layer.d as f64, gaussian_signs(layer.d).angle_sd_deg])
        .collect();
    theory.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let errors = layers.iter().filter(|layer| layer.angle_sd_deg > 0.0);
    let errors = errors.map(|layer| {
        let error = layer.angle_sd_error_deg;
        [layer.angle_sd_deg - error, layer.angle_sd_deg + error]
    });
    let panel = Panel::new(
        "",
        Axis::log("weights of a filter, d", ""),
        Axis::log("standard deviation of the angle", "degrees"),
    )
    .with_curve(
        Curve::new("layers", places(|layer| layer.angle_sd_deg))
            .with_style(Style::Marks)
            .with_spread(errors),
    )
    .with_curve(
        Curve::new(
            "the layer's own weights",
            places(|layer| layer.theory_sd_deg),
        )
        .with_style(Style::Marks),
    )
    .with_curve(Curve::new("Gaussian weights", theory).with_style(Style::Theory));
    let panel = match law {
        Some(law) => panel.with_note(format!(
            "exponent {} ± {:.3}; Gaussian −0.5",
            format!("{:.3}", law.exponent.value).replace('-', "−"),
            law.exponent.standard_error
        )),
        None => panel,
    };
    Figure::new("Spread of the angles against the length of filters").with(panel)
}

/// Histograms of latent weights, a plot for each layer, densities logarithmic.
pub fn histograms(layers: &[&WeightGeometry]) -> Figure {
    let figure = Figure::new("Latent weights").with_columns(3);
    layers.iter().fold(figure, |figure, layer| {
        let bins = &layer.shares.within_one;
        let heights: Vec<f64> = bins
            .densities()
            .iter()
            .map(|[_, density]| *density)
            .collect();
        let panel = Panel::new(
            &layer.name,
            Axis::linear("latent weight", ""),
            Axis::log("density", ""),
        )
        .with_note(format!(
            "rms {:.3}, {:.1} % at ±1",
            layer.rms,
            100.0 * layer.shares.clipped_share
        ))
        .with_curve(Curve::bins("", bins.range, &heights).with_style(Style::Steps));
        let panel = match layer.threshold_sigma {
            Some(sigmas) => {
                let at = sigmas * layer.rms;
                let note = format!("{:.1} % become 0", 100.0 * layer.zero_share);
                panel
                    .with_level_on(Dimension::X, "threshold", at)
                    .with_level_on(Dimension::X, "", -at)
                    .with_note(note)
            }
            None => panel,
        };
        figure.with(panel)
    })
}
