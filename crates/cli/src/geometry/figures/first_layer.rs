//! The first layer: what its patches are like, and what repairs it.

use orthant_geometry::{FilterFamily, RepairedFamily, SpectrumReport};
use orthant_report::{Axis, Bars, Curve, Figure, Group, Panel, Style};

/// Shares of the principal components of patches.
pub fn spectrum(found: &SpectrumReport) -> Figure {
    let components = found.shares.iter().enumerate();
    let points = components.map(|(at, share)| [at as f64 + 1.0, 100.0 * share]);
    let even = 100.0 / found.shares.len() as f64;
    let participation = &found.participation_ratio;
    let panel = Panel::new(
        "",
        Axis::linear("principal component", ""),
        Axis::log("share of the variance", "%"),
    )
    .with_curve(Curve::new("patches", points).with_style(Style::Marks))
    .with_level("entries without correlation", even)
    .with_note(format!(
        "participation ratio {:.2} of {}",
        participation.value,
        found.shares.len()
    ));
    Figure::new("Principal components of the first layer's patches").with(panel)
}

/// Correlations of families of filters on those patches, beside white input.
pub fn families(families: &[FilterFamily]) -> Figure {
    let bars = |name: &str, of: fn(&FilterFamily) -> Option<f64>| {
        families
            .iter()
            .fold(Group::new(name), |group, family| match of(family) {
                Some(r) => group.with_bar(family.name, r, format!("{r:.3}")),
                None => group,
            })
    };
    let axis = Axis::linear("correlation r", "").with_range(0.0, 1.0);
    Figure::new("Filters of several kinds on the first layer's patches").with(
        Bars::new("", axis)
            .with_one_colour()
            .with_group(bars("on patches", |family| family.r))
            .with_group(bars("on entries without correlation", |family| {
                family.r_white
            })),
    )
}

/// What repairs do.
pub fn repairs(repaired: &[RepairedFamily]) -> Figure {
    let title = "Repairs of the first layer";
    repaired.iter().fold(Figure::new(title), |figure, family| {
        let group = family
            .repairs
            .iter()
            .fold(Group::new(""), |group, repair| match repair.r {
                Some(r) => group.with_bar(&repair.name, r, format!("{r:.3}")),
                None => group,
            });
        let axis = Axis::linear("correlation r", "").with_range(0.0, 1.0);
        figure.with(
            Bars::new(format!("{} filters", family.of), axis)
                .with_one_colour()
                .with_group(group),
        )
    })
}
