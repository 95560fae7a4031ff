//! Ternary Gaussian vectors against the threshold (T5).

use indicatif::ProgressBar;
use orthant_geometry::{Counterpart, Distribution, Estimate, Spread, TernaryPoint, random_angles};
use orthant_report::{Axis, Curve, Figure, Panel, Style};

use super::Plan;
use super::densities::BLACK;
use crate::sheet::{Cell, Sheet};

/// Thresholds in standard deviations; the TWN rule and the best one come between them.
const FIXED: [f64; 9] = [0.01, 0.1, 0.1111, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5];

/// Thresholds that are measured.
pub const THRESHOLDS: usize = FIXED.len() + 2;

/// Rules that thresholds come from.
const TWN: &str = "TWN, 0.7 E|w|";
const OPTIMUM: &str = "smallest angle";
const PAPER: &str = "paper, 0.02 / 0.18";

/// The highest threshold of the figure, and the steps to it.
const HIGHEST: f64 = 1.6;
const STEPS: u32 = 160;

/// Vectors at one threshold.
pub struct Row {
    /// Whose threshold it is; empty for one of no rule.
    rule: &'static str,
    point: TernaryPoint,
    measured: Spread,
}

/// Draws vectors, the same at every threshold.
pub fn measure(plan: &Plan, bar: &ProgressBar) -> Vec<Row> {
    let gaussian = Distribution::Gaussian;
    let mut all = vec![
        (TWN, TernaryPoint::of_twn(&gaussian)),
        (OPTIMUM, TernaryPoint::optimum(&gaussian)),
    ];
    all.extend(FIXED.map(|threshold| {
        let is_paper_s = threshold == 0.1111;
        let rule = if is_paper_s { PAPER } else { "" };
        (rule, TernaryPoint::at(&gaussian, threshold))
    }));
    all.sort_by(|(_, a), (_, b)| a.threshold_sigma.total_cmp(&b.threshold_sigma));
    let row = |(rule, point): (_, TernaryPoint)| {
        let threshold_sigma = point.threshold_sigma;
        let counterpart = Counterpart::Ternary { threshold_sigma };
        let (d, samples) = (plan.largest(), plan.samples);
        let found = random_angles(d, &gaussian, counterpart, samples, plan.seed);
        bar.inc(1);
        Row {
            rule,
            point,
            measured: found.angle_deg(),
        }
    };
    all.into_iter().map(row).collect()
}

/// Angles and zeros by threshold.
pub fn sheet(d: usize, rows: &[Row]) -> Sheet {
    let mut sheet = Sheet::new(
        "ternary",
        format!("Ternary Gaussian vectors against the threshold, measured at d = {d} (T5)"),
        "Null model: independent Gaussian numbers, the same at every threshold, which is in \
         standard deviations.\nLimits are exact, at d to first order in 1/d; vectors of nothing \
         but zeros have no angle.",
    )
    .numbers("threshold_sigma", "threshold")
    .words("rule", "rule")
    .numbers("zero_share", "zeros")
    .numbers("limit_deg", "limit, °")
    .numbers("limit_spread_deg", "sd · √d, °")
    .numbers("angle_mean_deg", "at d, °")
    .measured("measured_mean_deg", "measured, °")
    .measured("measured_sd_deg", "its sd, °")
    .numbers("samples", "samples");
    for row in rows {
        let (point, found) = (row.point, row.measured);
        sheet.push([
            Cell::Number(point.threshold_sigma, 4),
            Cell::Word(row.rule.to_owned()),
            Cell::Number(point.zero_share, 4),
            Cell::Number(point.limit.angle_deg, 2),
            Cell::Number(point.limit.angle_spread_deg, 2),
            Cell::Number(point.limit.at(d).angle_mean_deg, 3),
            Cell::Measured(found.mean, 3),
            Cell::Measured(found.sd, 3),
            Cell::Count(found.mean.samples),
        ]);
    }
    sheet
}

/// Angles and zeros by threshold, with those of the rules in colours of their own.
pub fn figure(d: usize, rows: &[Row]) -> Figure {
    let at = |step: u32| HIGHEST * f64::from(step) / f64::from(STEPS);
    let points = || (0..=STEPS).map(|step| TernaryPoint::at(&Distribution::Gaussian, at(step)));
    let panel = |title: &str, y: Axis| {
        let threshold = Axis::linear("threshold", "standard deviations");
        Panel::new(title, threshold.with_range(0.0, HIGHEST), y)
    };
    let angles = points().map(|point| [point.threshold_sigma, point.limit.angle_deg]);
    let zeros = points().map(|point| [point.threshold_sigma, point.zero_share]);
    let mut angle = panel(
        "Angle",
        Axis::linear("angle to the ternary vector", "degrees"),
    )
    .with_note(format!("measured at d = {d}"));
    let mut zero = panel(
        "Zeros",
        Axis::linear("share of zeros", "").with_range(0.0, 1.0),
    )
    .with_note("by theory");
    for (pen, rule) in ["", OPTIMUM, TWN, PAPER].into_iter().enumerate() {
        let rows: Vec<_> = rows.iter().filter(|row| row.rule == rule).collect();
        let name = match rows[..] {
            [row] => format!("{rule}: {:.3}", row.point.threshold_sigma),
            _ => "other thresholds".to_owned(),
        };
        let marks = |number: fn(&Row) -> f64| {
            let points = rows
                .iter()
                .map(|row| [row.point.threshold_sigma, number(row)]);
            let marks = Curve::new(name.clone(), points);
            marks.with_style(Style::Marks).with_pen(pen)
        };
        let ends = rows.iter().map(|row| {
            let Estimate {
                value,
                standard_error,
                ..
            } = row.measured.mean;
            [value - standard_error, value + standard_error]
        });
        angle = angle.with_curve(marks(|row| row.measured.mean.value).with_spread(ends));
        // The share is not measured: only the rules' have a mark.
        if !rule.is_empty() {
            zero = zero.with_curve(marks(|row| row.point.zero_share));
        }
    }
    let limit = |points: Vec<[f64; 2]>| {
        let limit = Curve::new("limit of many dimensions", points);
        limit.with_style(Style::Theory).with_pen(BLACK)
    };
    Figure::new("Ternary Gaussian vectors by threshold: angle and share of zeros")
        .with_columns(3)
        .with(angle.with_curve(limit(angles.collect())))
        .with(zero.with_curve(limit(zeros.collect())))
}
