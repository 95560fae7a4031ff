//! The curves of a run: `metrics.jsonl` to an SVG.
//!
//!     cargo run -p orthant-report --example curves -- RUN/metrics.jsonl CURVES.svg
//!
//! Lines without an epoch, as records begin with one, are left out.

use std::error::Error;
use std::{env, fs};

use orthant_report::{Axis, Curve, Panel, curves};
use serde_json::Value;

/// Points of a number of each epoch, where it has one.
fn points(epochs: &[Value], number: impl Fn(&Value) -> Option<f64>) -> Vec<[f64; 2]> {
    let point = |epoch: &Value| Some([epoch["epoch"].as_f64()?, number(epoch)?]);
    epochs.iter().filter_map(point).collect()
}

/// The numbers that a run has of each epoch.
fn panels(epochs: &[Value]) -> Vec<Panel> {
    let epoch = || Axis::linear("epoch", "");
    let of = |panel: Panel, lines: &[(&str, &str)]| {
        lines.iter().fold(panel, |panel, &(name, key)| {
            match points(epochs, |epoch| epoch[key].as_f64()) {
                points if points.is_empty() => panel,
                points => panel.with_curve(Curve::new(name, points)),
            }
        })
    };
    let of_layers = |panel: Panel, key: &str| {
        let layers = epochs.first().and_then(|epoch| epoch["layers"].as_array());
        let layers = layers.into_iter().flatten().enumerate();
        layers.fold(panel, |panel, (index, layer)| {
            match points(epochs, |epoch| epoch["layers"][index][key].as_f64()) {
                points if points.is_empty() => panel,
                points => {
                    let name = layer["name"].as_str().unwrap_or_default();
                    panel.with_curve(Curve::new(name, points))
                }
            }
        })
    };
    let loss = Panel::new("Loss", epoch(), Axis::linear("loss", ""));
    let accuracy = Panel::new("Accuracy", epoch(), Axis::linear("share of images", ""));
    let flips = Panel::new(
        "Flip ratio",
        epoch(),
        Axis::log("flips / weights", "per step"),
    );
    let angle = Panel::new(
        "Angle",
        epoch(),
        Axis::linear("latent to binary", "degrees"),
    );
    let rate = Panel::new("Learning rate", epoch(), Axis::log("learning rate", ""));
    vec![
        of(
            loss,
            &[
                ("train", "train_loss"),
                ("validation", "valid_loss"),
                ("test", "test_loss"),
            ],
        ),
        of(
            accuracy,
            &[
                ("train", "train_accuracy"),
                ("validation", "valid_accuracy"),
                ("test", "test_accuracy"),
            ],
        ),
        of_layers(flips, "flip_ratio"),
        // Gaussian weights: cos θ = √(2/π) (Anderson & Berg 2017, arXiv:1705.07199).
        of_layers(angle, "angle_deg").with_level("Gaussian, 37.07", 37.07),
        of(rate, &[("", "lr")]),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let [metrics, svg] = &env::args().skip(1).collect::<Vec<_>>()[..] else {
        return Err("expected METRICS.jsonl CURVES.svg".into());
    };
    let epochs = fs::read_to_string(metrics)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Value>, _>>()?;
    let epochs: Vec<_> = epochs
        .into_iter()
        .filter(|line| !line["epoch"].is_null())
        .collect();
    fs::write(svg, curves("Curves of a training run", &panels(&epochs)))?;
    Ok(())
}
