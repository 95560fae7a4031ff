//! The numbers of a run's epochs as curves, and under the names that event files give them.

use orthant_report::{Axis, Curve, Panel, curves};
use orthant_train::{EpochMetrics, LayerMetrics};

/// The angle between a Gaussian vector and its signs in many dimensions: cos θ = √(2/π).
///
/// Anderson & Berg 2018, *The High-Dimensional Geometry of Binary Neural Networks*,
/// arXiv:1705.07199.
const GAUSSIAN_DEG: f64 = 37.07;

/// A number that an epoch may have.
type Number<T> = fn(&T) -> Option<f64>;

/// The numbers of an epoch by their tags.
const TAGS: [(&str, Number<EpochMetrics>); 8] = [
    ("train/loss", |line| Some(line.train_loss)),
    ("train/accuracy", |line| Some(line.train_accuracy)),
    ("valid/loss", |line| line.valid_loss),
    ("valid/accuracy", |line| line.valid_accuracy),
    ("test/loss", |line| line.test_loss),
    ("test/accuracy", |line| line.test_accuracy),
    ("lr", |line| Some(line.lr)),
    ("images_per_second", |line| Some(line.images_per_second)),
];

/// Those of a layer.
const LAYER_TAGS: [(&str, Number<LayerMetrics>); 2] = [
    ("flip_ratio", |layer| layer.flip_ratio),
    ("angle_deg", |layer| layer.angle_deg),
];

/// Every number of an epoch with its tag.
pub fn tagged(line: &EpochMetrics) -> Vec<(String, f32)> {
    let of_epoch = TAGS
        .iter()
        .map(|(tag, number)| ((*tag).to_owned(), number(line)));
    let of_layers = line.layers.iter().flat_map(|layer| {
        LAYER_TAGS.map(|(tag, number)| (format!("{tag}/{}", layer.name), number(layer)))
    });
    of_epoch
        .chain(of_layers)
        .filter_map(|(tag, number)| Some((tag, number? as f32)))
        .collect()
}

/// A run's curves as SVG.
pub fn of_run(title: &str, lines: &[EpochMetrics]) -> String {
    curves(title, &panels(lines))
}

/// A run's curves; panels without any are left out.
pub fn panels(lines: &[EpochMetrics]) -> Vec<Panel> {
    let group = |title: &str, unit: &str, ending: &str| {
        let of_group = TAGS.iter().filter(|(tag, _)| tag.ends_with(ending));
        let panel = Panel::new(title, epochs(), Axis::linear(unit, ""));
        of_group.fold(panel, |panel, (tag, number)| {
            let name = tag.trim_end_matches(ending).trim_end_matches('/');
            add(panel, name, lines, *number)
        })
    };
    let of_layers = |panel: Panel, number: Number<LayerMetrics>| {
        let layers = lines.first().map_or(&[][..], |line| &line.layers);
        layers.iter().enumerate().fold(panel, |panel, (at, layer)| {
            add(panel, &layer.name, lines, |line| {
                number(line.layers.get(at)?)
            })
        })
    };
    let [flips, angles] = LAYER_TAGS.map(|(_, number)| number);
    let flip_axis = Axis::log("flips / weights", "per step");
    let angle_axis = Axis::linear("latent to quantized", "degrees");
    let rate = Panel::new("Learning rate", epochs(), Axis::log("learning rate", ""));
    let panels = [
        group("Loss", "loss", "loss"),
        group("Accuracy", "share of images", "accuracy"),
        of_layers(Panel::new("Flip ratio", epochs(), flip_axis), flips),
        of_layers(Panel::new("Angle", epochs(), angle_axis), angles)
            .with_level(format!("Gaussian, {GAUSSIAN_DEG}"), GAUSSIAN_DEG),
        add(rate, "", lines, |line| Some(line.lr)),
    ];
    drawn(panels.into())
}

/// Several runs' losses and accuracies as SVG, a curve for each run.
pub fn of_runs(title: &str, runs: &[(String, &[EpochMetrics])]) -> String {
    let panel = |title: &str, unit: &str, number: Number<EpochMetrics>| {
        let panel = Panel::new(title, epochs(), Axis::linear(unit, ""));
        let add =
            |panel, (name, lines): &(String, &[EpochMetrics])| add(panel, name, lines, number);
        runs.iter().fold(panel, add)
    };
    let share = "share of images";
    let panels = [
        panel("Training loss", "loss", |line| Some(line.train_loss)),
        panel("Training accuracy", share, |line| Some(line.train_accuracy)),
        panel("Validation loss", "loss", |line| line.valid_loss),
        panel("Validation accuracy", share, |line| line.valid_accuracy),
        panel("Test accuracy", share, |line| line.test_accuracy),
    ];
    curves(title, &drawn(panels.into()))
}

/// The panels that have something to show.
fn drawn(mut panels: Vec<Panel>) -> Vec<Panel> {
    panels.retain(|panel| !panel.curves.is_empty());
    panels
}

fn epochs() -> Axis {
    Axis::linear("epoch", "")
}

/// Adds a curve, where there is a number to draw.
fn add(
    panel: Panel,
    name: &str,
    lines: &[EpochMetrics],
    number: impl Fn(&EpochMetrics) -> Option<f64>,
) -> Panel {
    let point = |line: &EpochMetrics| Some([line.epoch as f64, number(line)?]);
    let points: Vec<_> = lines.iter().filter_map(point).collect();
    match points.is_empty() {
        true => panel,
        false => panel.with_curve(Curve::new(name, points)),
    }
}
