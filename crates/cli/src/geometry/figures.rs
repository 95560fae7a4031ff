//! The figures of an analysis: numbers into plots.

mod dynamics;
mod first_layer;
mod products;
mod weights;

pub use dynamics::{agreement, latent_weights};
pub use first_layer::{families, repairs, spectrum};
pub use products::{activations, correlations, permuted, products};
pub use weights::{angles, histograms, spread};

use orthant_report::{Axis, Panel};

/// An axis with a place for each layer, whose names stand above the panel.
fn layers<'a>(names: impl Iterator<Item = &'a str>, title: &str, y: Axis) -> Panel {
    let names: Vec<&str> = names.collect();
    let x = Axis::linear("layer", "").with_range(0.5, names.len() as f64 + 0.5);
    let numbered = names.iter().enumerate();
    let numbered: Vec<String> = numbered
        .map(|(at, name)| format!("{} {name}", at + 1))
        .collect();
    numbered
        .chunks(LAYERS_OF_A_LINE)
        .fold(Panel::new(title, x, y), |panel, line| {
            panel.with_note(line.join("   "))
        })
}

/// Names of layers in a line above a panel.
const LAYERS_OF_A_LINE: usize = 9;
