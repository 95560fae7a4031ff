//! Closed forms and measurements against the same in numpy and scipy.
//!
//! `tests/golden/geometry_theory.py` integrates densities where the crate has formulas, and draws
//! its own numbers.

use orthant_geometry::{
    Counterpart, Distribution, RandomPair, Rotating, TernaryPoint, angle_between_signs_deg,
    exponential_deviations, gaussian_signs, greedy_binaries, lloyd_max, random_angles,
    rotated_angles,
};
use serde_json::Value;

/// The rows under a name.
fn rows(name: &str) -> Vec<Value> {
    let text = include_str!("../../../tests/golden/geometry-theory.json");
    let file: Value = serde_json::from_str(text).expect("it is JSON");
    let rows = file[name].as_array().expect("a list of that name").clone();
    assert!(!rows.is_empty());
    rows
}

fn number(row: &Value, name: &str) -> f64 {
    row[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name}: {row}"))
}

fn whole(row: &Value, name: &str) -> usize {
    row[name]
        .as_u64()
        .unwrap_or_else(|| panic!("{name}: {row}")) as usize
}

fn distribution(row: &Value) -> Distribution {
    match row["distribution"].as_str().expect("a name") {
        "gaussian" => Distribution::Gaussian,
        "uniform" => Distribution::Uniform,
        "laplace" => Distribution::Laplace,
        "student-t 8" => Distribution::StudentT { freedom: 8.0 },
        "generalized-gaussian 1.5" => Distribution::GeneralizedGaussian { exponent: 1.5 },
        "generalized-gaussian 3" => Distribution::GeneralizedGaussian { exponent: 3.0 },
        other => panic!("{other} is no distribution of ours"),
    }
}

fn near(found: f64, expected: f64, error: f64, row: &Value) {
    assert!(
        (found - expected).abs() < error,
        "{found} is not {expected}: {row}"
    );
}

/// The angle whose cosine is `√(2/π)`.
fn gaussian_deg() -> f64 {
    Distribution::Gaussian.moments(0.0).limit().angle_deg
}

#[test]
fn random_directions_are_those_of_the_integrals() {
    for row in rows("signs") {
        let d = whole(&row, "d");
        let law = gaussian_signs(d);
        near(law.cosine_mean, number(&row, "cosine_mean"), 1e-10, &row);
        near(law.cosine_sd, number(&row, "cosine_sd"), 1e-8, &row);
        let pair = RandomPair::new(d);
        near(pair.angle_sd_deg(), number(&row, "pair_sd_deg"), 1e-8, &row);
        let found = pair.log10_chance_below(gaussian_deg());
        match row["log10_chance"].as_f64() {
            Some(expected) => near(found, expected, 1e-8, &row),
            // Below scipy's smallest number; a cap's chance falls by a factor for each dimension.
            None => assert!(found < -1_000.0 && found.is_finite(), "{found}"),
        }
    }
}

#[test]
fn quantized_distributions_are_those_of_the_integrals() {
    for row in rows("quantized") {
        let found = TernaryPoint::at(&distribution(&row), number(&row, "threshold"));
        near(found.limit.cosine, number(&row, "cosine"), 1e-9, &row);
        near(found.zero_share, number(&row, "zeros"), 1e-9, &row);
        let spread = found.limit.angle_spread_deg;
        near(spread, number(&row, "spread_deg"), 1e-6, &row);
    }
    for row in rows("optimum") {
        let found = TernaryPoint::optimum(&distribution(&row));
        near(found.threshold_sigma, number(&row, "threshold"), 1e-6, &row);
    }
}

#[test]
fn more_levels_are_those_of_lloyd_s_iteration_on_points() {
    for row in rows("levels") {
        let found = lloyd_max(whole(&row, "levels")).angle_deg;
        near(found, number(&row, "angle_deg"), 1e-3, &row);
    }
    for (row, found) in rows("binaries").iter().zip(greedy_binaries(5)) {
        assert_eq!(found.terms, whole(row, "terms"));
        near(found.angle_deg, number(row, "angle_deg"), 1e-3, row);
    }
}

#[test]
fn measured_angles_are_those_of_numpy() {
    for row in rows("measured_signs") {
        let d = whole(&row, "d");
        let found = random_angles(d, &Distribution::Gaussian, Counterpart::Signs, 20_000, 11);
        let found = found.angle_deg();
        let error = found.mean.standard_error.hypot(number(&row, "error_deg"));
        near(
            found.mean.value,
            number(&row, "mean_deg"),
            5.0 * error,
            &row,
        );
        let sd = found.sd;
        let bound = 8.0 * sd.standard_error;
        near(sd.value, number(&row, "sd_deg"), bound, &row);
        let law = gaussian_signs(d);
        let bound = 5.0 * number(&row, "error_deg");
        near(law.angle_mean_deg, number(&row, "mean_deg"), bound, &row);
    }
    for row in rows("signs_apart") {
        // The share of 400,000 signs has an error of 0.1° at most.
        let found = angle_between_signs_deg(number(&row, "angle_deg"));
        near(found, number(&row, "signs_deg"), 0.3, &row);
    }
}

#[test]
fn rotated_angles_are_those_of_numpy_s_matrices() {
    for row in rows("measured_rotated") {
        let deviations = exponential_deviations(whole(&row, "d"), number(&row, "rate"));
        for (name, rotating) in [
            ("plain", Rotating::Plain),
            ("haar", Rotating::Haar),
            ("hadamard", Rotating::Hadamard),
        ] {
            let found = rotated_angles(&deviations, rotating, 4_000, 12).angle_deg();
            let expected = &row[name];
            let error = found
                .mean
                .standard_error
                .hypot(number(expected, "error_deg"));
            let mean = number(expected, "mean_deg");
            near(found.mean.value, mean, 5.0 * error, &row);
            let ratio = found.sd.value / number(expected, "sd_deg");
            assert!((ratio - 1.0).abs() < 0.1, "{name}: {ratio}, {row}");
        }
    }
}
