//! `results.json`: the main numbers, for programs.

use orthant_data::Dataset;
use orthant_report::Check;
use orthant_train::Machine;
use serde_json::{Map, Value, json};

use super::conclusion::{Contender, find};
use super::networks::Kind;
use super::{Plan, Studied, conclusion};
use crate::geometry;

/// The keys of a layer that are its main numbers.
const KEYS: [&str; 13] = [
    "name",
    "d",
    "angle_mean_deg",
    "angle_sd_deg",
    "gaussian_mean_deg",
    "theory_mean_deg",
    "theory_sd_deg",
    "r",
    "r_permuted",
    "r_predicted",
    "gain",
    "off_quadrant_share",
    "off_quadrant_expected",
];

/// Everything that a program would compare.
pub fn json(
    plan: &Plan,
    contenders: &[Contender],
    studied: &[Studied],
    random: Vec<Check>,
    data: &Dataset,
    seconds: f64,
) -> Value {
    // Of the binary network, or the first there is.
    let main = find(contenders, Kind::Binary).or(contenders.first());
    let verify = main.and_then(|one| one.deployed.as_ref());
    let networks = contenders.iter().map(|one| {
        let stamp = &one.network.summary.stamp;
        let about = json!({
            "test_accuracy": one.accuracy,
            "test_accuracy_error": one.error(),
            "test_images": one.images,
            "epochs": one.network.trained.header.epoch,
            "train_seconds": one.network.seconds(),
            "seed": stamp.seed,
            "recipe_hash": stamp.recipe_hash,
            "weights_hash": stamp.weights_hash(),
            "deployed": one.deployed,
        });
        (one.network.kind.name().to_owned(), about)
    });
    let geometry = studied.iter().map(|one| {
        let about = json!({
            "layers": layers(&one.found.json()),
            "angle_sd_against_d": one.found.spread,
            "accuracies_with_latent_weights": one.found.accuracies,
            "problems": one.found.obstacles,
        });
        (one.kind.name().to_owned(), about)
    });
    json!({
        "seconds": seconds,
        "test_accuracy": main.map(|one| one.accuracy),
        "verify": verify.map(|one| one.verify),
        "networks": networks.collect::<Map<_, _>>(),
        "geometry": geometry.collect::<Map<_, _>>(),
        "checks": checks(random, contenders, studied),
        "data": data.name(),
        "data_hash": data.hash(),
        "seed": plan.extent.seed,
        "version": env!("CARGO_PKG_VERSION"),
        "isa": plan.kernels.isa().name(),
        "threads": plan.threads,
        "machine": Machine::here(),
    })
}

/// The main numbers of every layer.
fn layers(geometry: &Value) -> Vec<Value> {
    let layers = geometry["layers"].as_array().into_iter().flatten();
    let main = |layer: &Value| -> Value {
        let numbers = KEYS
            .iter()
            .map(|key| ((*key).to_owned(), layer[*key].clone()));
        Value::Object(numbers.collect())
    };
    layers.map(main).collect()
}

/// Claims, what was measured, and how they stand to each other.
fn checks(random: Vec<Check>, contenders: &[Contender], studied: &[Studied]) -> Vec<Value> {
    let mut checks = random;
    let mut of = vec![None; checks.len()];
    for one in studied {
        let Some(contender) = find(contenders, one.kind) else {
            continue;
        };
        let network = contender.network.trained.model.network();
        checks.extend(geometry::checks::tests(&one.found));
        checks.extend(geometry::checks::findings(&one.found, network));
        of.resize(checks.len(), Some(one.kind));
    }
    checks.extend(conclusion::checks(contenders));
    of.resize(checks.len(), None);
    let all = checks.iter().zip(of);
    all.map(|(check, kind)| {
        json!({
            "network": kind,
            "claim": check.claim,
            "expected": check.expected,
            "measured": check.measured,
            "verdict": format!("{:?}", check.verdict).to_lowercase(),
        })
    })
    .collect()
}
