//! What was expected beside what was measured.
//!
//! Claims about random vectors, and of theory about a layer's own numbers, hold for any network and
//! are tests; claims about what training brings forth are findings, and a small network may well
//! do otherwise.

mod random;

use orthant_geometry::{Correlation, LayerProducts, WeightGeometry};
use orthant_model::{Network, Op};
use orthant_report::{Check, Verdict};

use super::analysis::{Analysis, is_ternary};

pub use random::random;

/// The tolerances.
const ANGLE_DEG: f64 = 3.0;
const OWN_ANGLE_DEG: f64 = 1.0;
const PERMUTED: f64 = 0.02;
const OFF_QUADRANT: f64 = 0.02;
const LAW: f64 = 0.03;

/// The correlation of Gaussian weights and their signs on white input, √(2/π).
const WHITE: f64 = 0.798;

fn verdict(agrees: bool) -> Verdict {
    match agrees {
        true => Verdict::Agrees,
        false => Verdict::Disagrees,
    }
}

/// A layer, what it has, and what it should have.
type Pair<'a> = (&'a str, Option<f64>, Option<f64>);

/// What layers come to, held against a number of each layer's own.
struct Against {
    claim: &'static str,
    expected: String,
    tolerance: f64,
    unit: &'static str,
}

impl Against {
    /// The check of the largest difference between what a layer has and what it should have.
    fn check<'a>(self, pairs: impl Iterator<Item = Pair<'a>>) -> Check {
        let differences: Vec<(&str, f64)> = pairs
            .filter_map(|(name, found, expected)| Some((name, (found? - expected?).abs())))
            .collect();
        let within = differences.iter().filter(|(_, by)| *by <= self.tolerance);
        let within = within.count();
        let largest = differences.iter().copied();
        let largest = largest.max_by(|(_, a), (_, b)| a.total_cmp(b));
        let Self {
            claim,
            expected,
            tolerance,
            unit,
        } = self;
        let expected = format!("{expected} ± {tolerance}{unit}");
        match largest {
            None => Check::new(claim, expected, "", Verdict::NotTested),
            Some((layer, by)) => Check::new(
                claim,
                expected,
                format!(
                    "{within} of {} layers; at most {by:.3}{unit} away ({layer})",
                    differences.len()
                ),
                verdict(within == differences.len()),
            ),
        }
    }
}

/// What theory says of any layer's own numbers.
pub fn tests(found: &Analysis) -> Vec<Check> {
    let products = || found.products.layers.iter();
    let permuted = Against {
        claim: "(e) Shuffled activations leave the cosine of the layer's own angle",
        expected: "cos θ of the layer".to_owned(),
        tolerance: PERMUTED,
        unit: "",
    };
    let off_quadrant = Against {
        claim: "(f) Share of shuffled products whose sign is lost",
        expected: "arccos(r) / π".to_owned(),
        tolerance: OFF_QUADRANT,
        unit: "",
    };
    vec![
        permuted.check(
            products().map(|layer| (&*layer.name, layer.permuted.r_within_filters, layer.r_white)),
        ),
        off_quadrant.check(products().map(|layer| lost(layer, &layer.permuted))),
    ]
}

/// The share of pairs of opposite signs, and what it would be of a normal distribution about 0.
fn lost<'a>(layer: &'a LayerProducts, pairs: &Correlation) -> Pair<'a> {
    (
        &layer.name,
        pairs.off_quadrant_share,
        pairs.off_quadrant_expected,
    )
}

/// What training brings forth.
pub fn findings(found: &Analysis, network: &Network) -> Vec<Check> {
    let convs: Vec<&str> = network
        .layers
        .iter()
        .filter(|layer| matches!(layer.op, Op::Conv(_)))
        .map(|layer| &layer.name[..])
        .collect();
    let first = network.layers.first().map(|layer| &layer.name[..]);
    let higher = |name: &str| convs.contains(&name) && Some(name) != first;
    let angles = Against {
        claim: "(c) Finding: angles of the convolutions after the first are those of Gaussian \
                weights",
        expected: "37.07°, ternary by the threshold,".to_owned(),
        tolerance: ANGLE_DEG,
        unit: "°",
    };
    let layers = found.weights.iter().filter(|layer| higher(&layer.name));
    let mut checks = vec![angles.check(layers.map(|layer: &WeightGeometry| {
        (
            &*layer.name,
            Some(layer.angle_mean_deg),
            Some(layer.gaussian_mean_deg),
        )
    }))];
    let own = Against {
        claim: "Finding: angles follow from the layer's own weights, taken as independent",
        expected: "by the moments of its weights".to_owned(),
        tolerance: OWN_ANGLE_DEG,
        unit: "°",
    };
    checks.push(own.check(found.weights.iter().map(|layer| {
        (
            &*layer.name,
            Some(layer.angle_mean_deg),
            Some(layer.theory_mean_deg),
        )
    })));
    checks.push(slope(found));
    checks.push(first_is_lowest(&found.products.layers, first, higher));
    let law = Against {
        claim: "(g) Finding: r follows from the angle and the gain",
        expected: "1 / √(1 + tan²θ / G)".to_owned(),
        tolerance: LAW,
        unit: "",
    };
    let off_quadrant = Against {
        claim: "(f) Finding: share of products whose sign is lost, as of a normal distribution \
                about 0",
        expected: "arccos(r) / π".to_owned(),
        tolerance: OFF_QUADRANT,
        unit: "",
    };
    let layers = found.products.layers.iter();
    checks.push(off_quadrant.check(layers.map(|layer| lost(layer, &layer.weights))));
    let ternary = found.weights.iter();
    let ternary = ternary.filter(|layer| layer.threshold_sigma.is_some());
    let against = Against {
        claim: "(h) Finding: ternary angles follow from the threshold in units of the weights' rms",
        expected: "the formula for Gaussian weights".to_owned(),
        tolerance: ANGLE_DEG,
        unit: "°",
    };
    if is_ternary(network) {
        checks.push(against.check(ternary.map(|layer| {
            (
                &*layer.name,
                Some(layer.angle_mean_deg),
                Some(layer.gaussian_mean_deg),
            )
        })));
    }
    let layers = found.products.layers.iter();
    checks.push(law.check(layers.map(|layer| (&*layer.name, layer.weights.r, layer.r_predicted))));
    checks
}

/// (b) for trained filters.
fn slope(found: &Analysis) -> Check {
    let claim = "(b) Finding: the angles' spread falls with the filters' length";
    let expected = "exponent −0.5 ± 0.1";
    match found.spread {
        None => Check::new(claim, expected, "", Verdict::NotTested),
        Some(law) => {
            let exponent = law.exponent;
            let measured = format!(
                "{:.3} ± {:.3}, {} layers",
                exponent.value, exponent.standard_error, exponent.samples
            );
            let agrees = (exponent.value + 0.5).abs() <= 0.1;
            Check::new(claim, expected, measured, verdict(agrees))
        }
    }
}

/// (d)
fn first_is_lowest(
    layers: &[LayerProducts],
    first: Option<&str>,
    higher: impl Fn(&str) -> bool,
) -> Check {
    let claim = "(d) Finding: products of the first layer are not proportional, the other \
                 convolutions' are";
    let expected = format!("first r < {WHITE} < r of the others");
    let r_of = |layer: &LayerProducts| layer.weights.r;
    let of_first = layers.iter().find(|layer| Some(&layer.name[..]) == first);
    let others = layers.iter().filter(|layer| higher(&layer.name));
    let others: Vec<f64> = others.filter_map(r_of).collect();
    let least = others.iter().copied().reduce(f64::min);
    match (of_first.and_then(r_of), least) {
        (Some(of_first), Some(least)) => {
            let measured = format!("{of_first:.3}; others at least {least:.3}");
            let agrees = of_first < WHITE && WHITE < least;
            Check::new(claim, expected, measured, verdict(agrees))
        }
        _ => Check::new(claim, expected, "", Verdict::NotTested),
    }
}
