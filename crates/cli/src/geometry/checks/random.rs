//! Claims about random vectors, which hold without any network.

use orthant_geometry::{
    Counterpart, Distribution, Estimate, PowerLaw, Rotating, TernaryPoint, exponential_deviations,
    gaussian_signs, random_angles, rotated_angles,
};
use orthant_report::Check;

use super::verdict;

/// Vectors of a mean.
const SAMPLES: usize = 10_000;

/// Vectors of a mean where each has a rotation of its own.
const ROTATIONS: usize = 200;

/// Standard errors that a mean may be away from theory; fifteen means, and each has a chance of
/// 6·10⁻⁵ to be further away.
const ERRORS: f64 = 4.0;

/// Known angles are given to a tenth of a degree.
const ROUNDING: f64 = 0.05;

/// Dimensions of the paper's figure.
const DIMENSIONS: [usize; 3] = [3, 10, 27];

/// More of them, for the law of the spread.
const MORE: [usize; 6] = [27, 100, 288, 576, 1152, 2304];

/// Thresholds in units of σ.
const THRESHOLDS: [f64; 3] = [0.1111, 0.3, 0.612];

/// The rotation's figure: dimensions, rate, and the angle without rotation, in degrees.
const PLAIN: [(usize, f64); 3] = [(10, 36.8), (100, 68.2), (500, 80.4)];
const RATE: f64 = 0.1;

/// Claims (a), (b), (h) and (i).
pub fn random(seed: u64) -> Vec<Check> {
    vec![
        angles(seed),
        slope(seed),
        ternary(seed),
        rotations(seed, Rotating::Plain),
        rotations(seed, Rotating::Haar),
    ]
}

fn gaussian(d: usize, counterpart: Counterpart, seed: u64) -> orthant_geometry::Spread {
    random_angles(d, &Distribution::Gaussian, counterpart, SAMPLES, seed).angle_deg()
}

/// A measured mean and what theory says.
struct Pair {
    of: String,
    found: Estimate,
    theory: f64,
}

/// A check of means, each beside its own theory.
fn means(claim: &str, unit: &str, pairs: &[Pair]) -> Check {
    let list = |text: fn(&Pair) -> String| {
        let texts: Vec<String> = pairs.iter().map(text).collect();
        texts.join("; ")
    };
    let expected = list(|pair| format!("{}: {:.2}°", pair.of, pair.theory));
    let measured = list(|pair| {
        let Estimate {
            value,
            standard_error,
            ..
        } = pair.found;
        format!("{value:.2} ± {standard_error:.2}")
    });
    let is_near = |pair: &Pair| {
        (pair.found.value - pair.theory).abs() <= ERRORS * pair.found.standard_error + ROUNDING
    };
    let samples = pairs.iter().map(|pair| pair.found.samples).min();
    Check::new(
        claim,
        format!("{expected}, within {ERRORS} standard errors"),
        format!("{measured} ({} {unit} each)", samples.unwrap_or(0)),
        verdict(pairs.iter().all(is_near)),
    )
}

fn angles(seed: u64) -> Check {
    let pair = |d| Pair {
        of: format!("d {d}"),
        found: gaussian(d, Counterpart::Signs, seed).mean,
        theory: gaussian_signs(d).angle_mean_deg,
    };
    means(
        "(a) Angle of a random vector to its signs",
        "vectors",
        &DIMENSIONS.map(pair),
    )
}

fn slope(seed: u64) -> Check {
    let point = |d| [d as f64, gaussian(d, Counterpart::Signs, seed).sd.value];
    let law = PowerLaw::fit(&MORE.map(point)).expect("lengths differ and angles vary");
    let exponent = law.exponent;
    Check::new(
        "(b) Its spread falls with the dimension",
        "exponent from −0.52 to −0.48",
        format!(
            "{:.4} ± {:.4}, d {MORE:?}",
            exponent.value, exponent.standard_error
        ),
        verdict((-0.52..=-0.48).contains(&exponent.value)),
    )
}

fn ternary(seed: u64) -> Check {
    let d = 1_000;
    let pair = |threshold: f64| {
        let point = TernaryPoint::at(&Distribution::Gaussian, threshold);
        Pair {
            of: format!("t {threshold} σ"),
            found: gaussian(
                d,
                Counterpart::Ternary {
                    threshold_sigma: threshold,
                },
                seed,
            )
            .mean,
            theory: point.limit.at(d).angle_mean_deg,
        }
    };
    means(
        "(h) Angle of a random vector to its ternary form, d 1,000",
        "vectors",
        &THRESHOLDS.map(pair),
    )
}

fn rotations(seed: u64, rotating: Rotating) -> Check {
    let pair = |(d, plain): (usize, f64)| {
        let deviations = exponential_deviations(d, RATE);
        let rotated = gaussian_signs(d).angle_mean_deg;
        Pair {
            of: format!("d {d}"),
            found: rotated_angles(&deviations, rotating, ROTATIONS, seed)
                .angle_deg()
                .mean,
            theory: if rotating == Rotating::Haar {
                rotated
            } else {
                plain
            },
        }
    };
    let claim = match rotating {
        Rotating::Haar => "(i) The same after a random rotation",
        _ => "(i) Angle to the signs where few coordinates carry a vector, rate 0.1",
    };
    means(claim, "vectors", &PLAIN.map(pair))
}
