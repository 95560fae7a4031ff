//! Vectors of other distributions and their signs (T3).

use indicatif::ProgressBar;
use orthant_geometry::{
    AngleLimit, Counterpart, Distribution, Spread, TernaryPoint, random_angles,
};
use orthant_report::{Axis, Bars, Figure, Group};

use super::Plan;
use crate::figures::decimals;
use crate::sheet::{Cell, Sheet};

/// Distributions from light tails to heavy ones.
pub const DISTRIBUTIONS: [Distribution; 7] = [
    Distribution::Uniform,
    Distribution::GeneralizedGaussian { exponent: 3.0 },
    Distribution::Gaussian,
    Distribution::GeneralizedGaussian { exponent: 1.5 },
    Distribution::StudentT { freedom: 8.0 },
    Distribution::Laplace,
    Distribution::StudentT { freedom: 4.0 },
];

/// The angle to the signs of one distribution's vectors.
pub struct Row {
    distribution: Distribution,
    limit: AngleLimit,
    measured: Spread,
}

fn label(distribution: &Distribution) -> String {
    match distribution {
        Distribution::Gaussian => "Gaussian".to_owned(),
        Distribution::Uniform => "uniform".to_owned(),
        Distribution::Laplace => "Laplace".to_owned(),
        Distribution::StudentT { freedom } => format!("Student t, freedom {freedom}"),
        Distribution::GeneralizedGaussian { exponent } => {
            format!("generalized Gaussian, exponent {exponent}")
        }
    }
}

/// Draws vectors.
pub fn measure(plan: &Plan, bar: &ProgressBar) -> Vec<Row> {
    let row = |distribution: Distribution| {
        let (d, signs) = (plan.largest(), Counterpart::Signs);
        let found = random_angles(d, &distribution, signs, plan.samples, plan.seed);
        bar.inc(1);
        Row {
            distribution,
            limit: distribution.moments(0.0).limit(),
            measured: found.angle_deg(),
        }
    };
    DISTRIBUTIONS.map(row).into()
}

/// Vectors of other distributions and their signs.
pub fn sheet(d: usize, rows: &[Row]) -> Sheet {
    let mut sheet = Sheet::new(
        "distributions",
        format!("Vectors of other distributions and their signs, measured at d = {d} (T3)"),
        "Null model: independent numbers of the distribution. The limits are exact, at d to first \
         order in 1/d;\na fourth moment that is infinite leaves a limit and no spread.",
    )
    .words("distribution", "distribution")
    .numbers("limit_deg", "limit, °")
    .numbers("limit_spread_deg", "sd · √d, °")
    .numbers("angle_mean_deg", "at d, °")
    .numbers("angle_sd_deg", "its sd, °")
    .measured("measured_mean_deg", "measured, °")
    .measured("measured_sd_deg", "its sd, °")
    .numbers("samples", "samples");
    for row in rows {
        let (limit, found) = (row.limit, row.measured);
        let law = limit.at(d);
        sheet.push([
            Cell::Word(label(&row.distribution)),
            Cell::Number(limit.angle_deg, 2),
            Cell::Number(limit.angle_spread_deg, 2),
            Cell::Number(law.angle_mean_deg, 3),
            Cell::Number(law.angle_sd_deg, 3),
            Cell::Measured(found.mean, 3),
            Cell::Measured(found.sd, 3),
            Cell::Count(found.mean.samples),
        ]);
    }
    sheet
}

/// The best ternary threshold of each distribution.
pub fn best_thresholds() -> Sheet {
    let mut sheet = Sheet::new(
        "best_thresholds",
        "The threshold of the smallest ternary angle (T5)",
        "Null model: independent numbers, as d grows; exact. Distortion is the squared error of \
         the best multiple.",
    )
    .words("distribution", "distribution")
    .numbers("threshold_sigma", "threshold")
    .numbers("zero_share", "zeros")
    .numbers("limit_deg", "limit, °")
    .numbers("distortion", "distortion");
    for distribution in &DISTRIBUTIONS {
        let best = TernaryPoint::optimum(distribution);
        sheet.push([
            Cell::Word(label(distribution)),
            Cell::Number(best.threshold_sigma, 4),
            Cell::Number(best.zero_share, 4),
            Cell::Number(best.limit.angle_deg, 2),
            Cell::Number(best.limit.distortion(), 4),
        ]);
    }
    sheet
}

/// Limits and deviations beside what was measured.
pub fn figure(d: usize, rows: &[Row]) -> Figure {
    let bars = |title: &str, label: &str| Bars::new(title, Axis::linear(label, "degrees"));
    let root = (d as f64).sqrt();
    let mut angles = bars("Angle to the signs", "mean angle");
    let mut deviations = bars("Deviation of the angle", "√d · sd");
    for row in rows {
        let Spread { mean, sd } = row.measured;
        let group = |theory: f64, found: f64, error: f64| {
            let text = format!("{found:.2} ± {error:.2}");
            Group::new(label(&row.distribution).replace("generalized", "gen."))
                .with_bar("limit", theory, decimals(theory, 2))
                .with_bar(format!("d = {d}"), found, text)
        };
        let limit = row.limit;
        angles = angles.with_group(group(limit.angle_deg, mean.value, mean.standard_error));
        deviations = deviations.with_group(group(
            limit.angle_spread_deg,
            root * sd.value,
            root * sd.standard_error,
        ));
    }
    Figure::new("Angles between vectors of other distributions and their signs")
        .with(angles)
        .with(deviations)
}
