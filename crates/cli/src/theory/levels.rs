//! More bits: best levels, and sums of scaled ±1 vectors (T6).

use orthant_geometry::{Binaries, LloydMax, greedy_binaries, lloyd_max};
use orthant_report::{Axis, Curve, Dimension, Figure, Panel};

use crate::sheet::{Cell, Sheet};

/// Numbers of levels.
const LEVELS: [usize; 6] = [2, 3, 4, 5, 8, 16];

/// Most terms of a sum.
const TERMS: usize = 5;

/// The best levels.
pub fn levels() -> Sheet {
    let mut sheet = Sheet::new(
        "levels",
        "A Gaussian vector at its best levels (T6)",
        "Null model: independent Gaussian numbers, as d grows; exact.",
    )
    .numbers("levels", "levels")
    .numbers("bits", "bits")
    .numbers("limit_deg", "limit, °")
    .numbers("distortion", "distortion");
    for count in LEVELS {
        let found = lloyd_max(count);
        sheet.push([
            Cell::Count(count as u64),
            Cell::Number(bits(count), 2),
            Cell::Number(found.angle_deg, 2),
            Cell::Number(found.distortion, 4),
        ]);
    }
    sheet
}

/// Sums of scaled ±1 vectors.
pub fn binaries() -> Sheet {
    let mut sheet = Sheet::new(
        "binaries",
        "A Gaussian vector as a sum of scaled ±1 vectors, chosen one after the other (T6)",
        "Null model: independent Gaussian numbers, as d grows; exact.",
    )
    .numbers("terms", "terms")
    .numbers("scale", "last scale")
    .numbers("limit_deg", "limit, °")
    .numbers("distortion", "distortion");
    for found in greedy_binaries(TERMS) {
        sheet.push([
            Cell::Count(found.terms as u64),
            Cell::Number(found.scale, 4),
            Cell::Number(found.angle_deg, 2),
            Cell::Number(found.distortion, 4),
        ]);
    }
    sheet
}

/// Angle and error against the bits of a weight.
pub fn figure() -> Figure {
    let levels = LEVELS.map(|count| (bits(count), lloyd_max(count)));
    let sums = greedy_binaries(TERMS);
    let panel = |title: &str, y: Axis| Panel::new(title, Axis::linear("bits of a weight", ""), y);
    let curves = |panel: Panel, best: Vec<[f64; 2]>, greedy: Vec<[f64; 2]>| {
        panel
            .with_curve(Curve::new("best levels", best))
            .with_curve(Curve::new("sums of scaled ±1 vectors", greedy))
            .with_level_on(Dimension::X, "ternary, log₂ 3 bits", bits(3))
    };
    let of_levels = |number: fn(&LloydMax) -> f64| {
        levels
            .iter()
            .map(|(bits, found)| [*bits, number(found)])
            .collect()
    };
    let of_sums = |number: fn(&Binaries) -> f64| {
        sums.iter()
            .map(|found| [found.terms as f64, number(found)])
            .collect()
    };
    let angle = panel(
        "Angle",
        Axis::linear("angle to the quantized vector", "degrees"),
    );
    let error = panel("Squared error", Axis::log("share of the square lost", ""));
    Figure::new("Gaussian vectors with more bits: angle and error")
        .with(curves(
            angle,
            of_levels(|found| found.angle_deg),
            of_sums(|found| found.angle_deg),
        ))
        .with(curves(
            error,
            of_levels(|found| found.distortion),
            of_sums(|found| found.distortion),
        ))
}

fn bits(levels: usize) -> f64 {
    (levels as f64).log2()
}
