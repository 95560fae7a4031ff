//! What all of it comes to: the networks side by side, and what the paper claims.

use orthant_geometry::Estimate;
use orthant_report::{Axis, Bars, Check, Figure, Group, Verdict};

use super::deployed::Deployed;
use super::networks::{Kind, Network};
use crate::chapter::Chapter;
use crate::figures::{grouped, significant, times};
use crate::sheet::{Cell, Sheet};

/// A network with what became of it; what has no deployed form is a control.
pub struct Contender {
    /// The trained network.
    pub network: Network,
    /// As it is deployed.
    pub deployed: Option<Deployed>,
    /// Share of the test images that are right.
    pub accuracy: f64,
    /// How many of them there are.
    pub images: usize,
}

impl Contender {
    /// Standard error of the accuracy over images.
    pub fn error(&self) -> f64 {
        (self.accuracy * (1.0 - self.accuracy) / self.images as f64).sqrt()
    }
}

/// The first of a kind.
pub fn find(contenders: &[Contender], kind: Kind) -> Option<&Contender> {
    contenders.iter().find(|one| one.network.kind == kind)
}

/// The last chapter.
pub fn conclusion(contenders: &[Contender]) -> Chapter {
    let chapter = sentences(contenders)
        .into_iter()
        .fold(Chapter::new("Conclusion"), Chapter::text);
    chapter
        .figure(
            "networks",
            side_by_side(contenders),
            "The networks side by side: accuracy on the test images, time of one image on one \
             thread of this machine, bytes of the model file, bytes that an image reads and writes, \
             and energy by Horowitz's table for 45 nm (ISSCC 2014). All are on logarithmic axes but \
             the accuracy.",
        )
        .table(table(contenders))
}

/// The conclusion in words, which the head of the page says as well.
pub fn sentences(contenders: &[Contender]) -> Vec<String> {
    let mut sentences = Vec::new();
    let accuracies: Vec<String> = contenders
        .iter()
        .map(|one| {
            format!(
                "{} {:.2} ± {:.2} %",
                one.network.kind.title(),
                100.0 * one.accuracy,
                100.0 * one.error()
            )
        })
        .collect();
    if let Some(first) = contenders.first() {
        let epochs = first.network.trained.header.epoch;
        sentences.push(format!(
            "After {epochs} epoch(s), accuracy on {} test images: {}.",
            grouped(first.images as u64),
            accuracies.join(", ")
        ));
    }
    let float = find(contenders, Kind::Float).and_then(|one| one.deployed.as_ref());
    for kind in [Kind::Binary, Kind::Ternary] {
        let Some(own) = find(contenders, kind).and_then(|one| one.deployed.as_ref()) else {
            continue;
        };
        let verified = match own.verify.equal {
            true => "every sum and logit is that of the trained network".to_owned(),
            false => format!(
                "{} labels differ from the trained network's",
                own.verify.differing
            ),
        };
        let Some(float) = float else {
            sentences.push(format!(
                "Packed, the {} network is {} bytes and takes {} ms an image; on {} images {verified}.",
                kind.title(),
                grouped(own.bytes as u64),
                significant(own.latency.median_ms),
                grouped(own.verify.images as u64),
            ));
            continue;
        };
        sentences.push(format!(
            "Packed, the {} network is {} bytes, {} times smaller than its float twin; it answers \
             in {} ms, {} times faster, with {} times fewer bytes moved and {} times less energy \
             by the table. On {} images {verified}.",
            kind.title(),
            grouped(own.bytes as u64),
            times(float.bytes as f64, own.bytes as f64),
            significant(own.latency.median_ms),
            times(float.latency.median_ms, own.latency.median_ms),
            times(float.access_bytes as f64, own.access_bytes as f64),
            times(float.energy_uj, own.energy_uj),
            grouped(own.verify.images as u64),
        ));
    }
    sentences
}

/// What a bar shows of a deployed network, and how it is written.
type Shown = (&'static str, Axis, fn(&Deployed) -> f64);

fn side_by_side(contenders: &[Contender]) -> Figure {
    let mut accuracy = Group::new("");
    for one in contenders {
        let text = format!("{:.1} ± {:.1}", 100.0 * one.accuracy, 100.0 * one.error());
        accuracy = accuracy.with_bar(one.network.kind.name(), 100.0 * one.accuracy, text);
    }
    let axis = Axis::linear("test accuracy", "%").with_range(0.0, 100.0);
    let figure = Figure::new("The networks side by side")
        .with_columns(2)
        .with(Bars::new("Accuracy", axis).with_group(accuracy));
    let shown: [Shown; 4] = [
        ("Time", Axis::log("one image, one thread", "ms"), |one| {
            one.latency.median_ms
        }),
        ("Size", Axis::log("model file", "bytes"), |one| {
            one.bytes as f64
        }),
        (
            "Memory",
            Axis::log("read and written an image", "bytes"),
            |one| one.access_bytes as f64,
        ),
        ("Energy", Axis::log("one image", "µJ"), |one| one.energy_uj),
    ];
    shown.into_iter().fold(figure, |figure, (title, axis, of)| {
        let group = contenders.iter().fold(Group::new(""), |group, one| {
            let Some(deployed) = &one.deployed else {
                return group;
            };
            let number = of(deployed);
            group.with_bar(one.network.kind.name(), number, significant(number))
        });
        figure.with(Bars::new(title, axis).with_group(group))
    })
}

fn table(contenders: &[Contender]) -> Sheet {
    let mut sheet = Sheet::new(
        "networks-side-by-side",
        "The networks side by side",
        "Errors of accuracies are over images. Bytes moved: every weight, input and output read or \
         written once, a lower bound. Energy: 45 nm table of Horowitz (ISSCC 2014), good for \
         ratios. Labels that differ: of the packed network from the trained one, over all test \
         images. The control without latent weights is not deployed.",
    )
    .words("network", "network")
    .measured("test_accuracy_percent", "test accuracy, %")
    .numbers("train_seconds", "training, s")
    .numbers("weights", "weights")
    .numbers("file_bytes", "file, bytes")
    .numbers("median_ms", "one image, ms")
    .numbers("p99_ms", "99th percentile")
    .numbers("access_bytes", "moved, bytes")
    .numbers("energy_uj", "energy, µJ")
    .numbers("differing_labels", "labels that differ");
    for one in contenders {
        let number = |of: fn(&Deployed) -> f64, decimals| {
            Cell::Number(one.deployed.as_ref().map_or(f64::NAN, of), decimals)
        };
        let accuracy = Estimate {
            value: 100.0 * one.accuracy,
            standard_error: 100.0 * one.error(),
            samples: one.images as u64,
        };
        sheet.push([
            Cell::Word(one.network.kind.title().to_owned()),
            Cell::Measured(accuracy, 2),
            Cell::Number(one.network.seconds(), 1),
            number(|one| one.weights as f64, 0),
            number(|one| one.bytes as f64, 0),
            number(|one| one.latency.median_ms, 4),
            number(|one| one.latency.p99_ms, 4),
            number(|one| one.access_bytes as f64, 0),
            number(|one| one.energy_uj, 2),
            number(|one| one.verify.differing as f64, 0),
        ]);
    }
    sheet
}

/// Claims that need more than one network.
pub fn checks(contenders: &[Contender]) -> Vec<Check> {
    let mut checks = Vec::new();
    for one in contenders {
        let Some(deployed) = &one.deployed else {
            continue;
        };
        let verify = deployed.verify;
        let measured = format!("{} of {} labels differ", verify.differing, verify.images);
        checks.push(Check::new(
            format!(
                "The packed {} network computes what was trained",
                one.network.kind.title()
            ),
            "every bit, sum and logit",
            measured,
            if verify.equal {
                Verdict::Agrees
            } else {
                Verdict::Disagrees
            },
        ));
    }
    let [binary, float, control] =
        [Kind::Binary, Kind::Float, Kind::NoLatent].map(|kind| find(contenders, kind));
    if let (Some(binary), Some(float)) = (binary, float) {
        let by = difference(float, binary);
        checks.push(Check::new(
            "Finding: real numbers both ways, the surrogate's own function, come to little more",
            "within 10 points of the binary network",
            format!("{by} points above it"),
            verdict((float.accuracy - binary.accuracy).abs() <= 0.1),
        ));
    }
    if let (Some(binary), Some(control)) = (binary, control) {
        let by = difference(binary, control);
        checks.push(Check::new(
            "Finding: latent weights are needed to train",
            "less without them",
            format!("{by} points less without"),
            verdict(binary.accuracy > control.accuracy),
        ));
    }
    checks
}

/// How much better one is, in points.
fn difference(a: &Contender, b: &Contender) -> String {
    let error = (a.error().powi(2) + b.error().powi(2)).sqrt();
    format!(
        "{:.2} ± {:.2}",
        100.0 * (a.accuracy - b.accuracy),
        100.0 * error
    )
}

fn verdict(agrees: bool) -> Verdict {
    match agrees {
        true => Verdict::Agrees,
        false => Verdict::Disagrees,
    }
}
