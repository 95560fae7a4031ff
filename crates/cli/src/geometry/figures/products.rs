//! What products show: whether those with quantized numbers follow those with real ones.

use anyhow::Result;
use orthant_geometry::{Correlation, Histogram2d, LayerProducts};
use orthant_report::{self as report, Axis, Bins, Curve, Figure, Style};

/// Histograms in a row.
const COLUMNS: usize = 3;

/// Products with latent weights against those with quantized ones, a histogram for each layer.
pub fn products(layers: &[LayerProducts]) -> Result<Figure> {
    let title = "Dot products with quantized and latent weights";
    let plots = layers.iter().map(|layer| {
        let histogram = layer.histogram.as_ref()?;
        Some((layer, histogram, &layer.weights))
    });
    figure(title, ["a · w_b", "a · w_c"], plots.flatten())
}

/// The same with every input's entries shuffled.
pub fn permuted(layers: &[LayerProducts]) -> Result<Figure> {
    let title = "The same products, activations shuffled";
    let plots = layers.iter().map(|layer| {
        let histogram = layer.permuted_histogram.as_ref()?;
        Some((layer, histogram, &layer.permuted))
    });
    figure(title, ["a · w_b", "a · w_c"], plots.flatten())
}

/// Products of quantized activations against those of real ones.
pub fn activations(layers: &[LayerProducts]) -> Result<Figure> {
    let title = "Dot products of real and quantized activations";
    let plots = layers.iter().map(|layer| {
        let activations = layer.activations.as_ref()?;
        let histogram = activations.histogram.as_ref()?;
        Some((layer, histogram, &activations.correlation))
    });
    figure(title, ["a_c · w_b", "a_b · w_b"], plots.flatten())
}

fn figure<'a>(
    title: &str,
    axes: [&str; 2],
    plots: impl Iterator<Item = (&'a LayerProducts, &'a Histogram2d, &'a Correlation)>,
) -> Result<Figure> {
    let mut figure = Figure::new(title).with_columns(COLUMNS);
    for (layer, histogram, correlation) in plots {
        figure = figure.with(plot(&layer.name, axes, histogram, correlation)?);
    }
    Ok(figure)
}

fn plot(
    name: &str,
    [x, y]: [&str; 2],
    histogram: &Histogram2d,
    correlation: &Correlation,
) -> Result<report::Histogram2d> {
    let [columns, rows] = histogram.bins;
    // A report has rows of equal y.
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| [column, row]));
    let counts = cells.map(|[column, row]| histogram.counts[column * rows + row]);
    let x = Bins::try_new(x, "", histogram.x_range, columns)?;
    let y = Bins::try_new(y, "", histogram.y_range, rows)?;
    let mut plot = report::Histogram2d::try_new(name, x, y, counts.collect())?.with_disagreement();
    if let (Some(r), Some([low, high])) = (correlation.r, interval(correlation)) {
        plot = plot.with_note(format!("r = {r:.3} ({low:.3} to {high:.3})"));
    }
    if let (Some(slope), Some(intercept)) = (correlation.slope, correlation.intercept) {
        plot = plot.with_line(slope, intercept);
    }
    Ok(plot)
}

fn interval(correlation: &Correlation) -> Option<[f64; 2]> {
    Some([correlation.r_low?, correlation.r_high?])
}

/// Every layer's correlation beside its prediction and its controls.
pub fn correlations(layers: &[LayerProducts]) -> Figure {
    let places = |of: fn(&LayerProducts) -> Option<f64>| -> Vec<[f64; 2]> {
        let layers = layers.iter().enumerate();
        layers
            .filter_map(|(at, layer)| Some([at as f64 + 1.0, of(layer)?]))
            .collect()
    };
    let axis = Axis::linear("correlation r", "").with_range(0.0, 1.0);
    let panel = super::layers(layers.iter().map(|layer| &layer.name[..]), "", axis)
        .with_curve(
            Curve::new("measured", places(|layer| layer.weights.r)).with_style(Style::Marks),
        )
        .with_curve(
            Curve::new(
                "predicted from angle and gain",
                places(|layer| layer.r_predicted),
            )
            .with_style(Style::Marks),
        )
        .with_curve(
            Curve::new("activations shuffled", places(|layer| layer.r_permuted))
                .with_style(Style::Marks),
        )
        .with_curve(
            Curve::new("white input", places(|layer| layer.r_white)).with_style(Style::Theory),
        );
    Figure::new("Correlation of the products, layer by layer").with(panel)
}
