//! What latent weights are for: accuracies with them, and gradients through them.

use orthant_geometry::Estimate;
use orthant_report::{Axis, Bars, Curve, Figure, Group, Style};

use crate::geometry::dynamics::{Accuracy, GradientAgreement};

/// Accuracies with latent weights in place of quantized ones.
pub fn latent_weights(accuracies: &[Accuracy]) -> Figure {
    let group = accuracies.iter().fold(Group::new(""), |group, one| {
        let Estimate {
            value,
            standard_error,
            ..
        } = one.accuracy;
        let text = format!("{:.1} ± {:.1}", 100.0 * value, 100.0 * standard_error);
        group.with_bar(one.name(), 100.0 * value, text)
    });
    let axis = Axis::linear("accuracy", "%").with_range(0.0, 100.0);
    Figure::new("Latent weights in place of quantized ones")
        .with(Bars::new("", axis).with_one_colour().with_group(group))
}

/// Cosines between gradients, layer by layer.
pub fn agreement(gradients: &[GradientAgreement]) -> Figure {
    let curve = |name: &str, of: fn(&GradientAgreement) -> Estimate| {
        let estimates = || gradients.iter().map(of);
        let points = estimates().enumerate();
        let points = points.map(|(at, estimate)| [at as f64 + 1.0, estimate.value]);
        let errors = estimates().map(|estimate| {
            let error = estimate.standard_error;
            [estimate.value - error, estimate.value + error]
        });
        Curve::new(name, points)
            .with_style(Style::Marks)
            .with_spread(errors)
    };
    let null = gradients.iter().enumerate();
    let null = null.map(|(at, layer)| [at as f64 + 1.0, layer.shuffled[0]]);
    let axis = Axis::linear("cosine of two gradients", "");
    let panel = super::layers(gradients.iter().map(|layer| &layer.name[..]), "", axis)
        .with_curve(curve("latent weights forward", |layer| {
            layer.latent_weights
        }))
        .with_curve(curve("hard tanh forward", |layer| layer.real_activations))
        .with_curve(curve("both", |layer| layer.both))
        .with_curve(curve("another batch", |layer| layer.other_batch))
        .with_curve(Curve::new("shuffled", null).with_style(Style::Theory));
    Figure::new("Gradients with real numbers in the forward pass").with(panel)
}
