//! Other distributions and other quantizers (T3, T5, T6, T10).

use indicatif::ProgressBar;
use orthant_geometry::{
    Counterpart, Distribution, TernaryPoint, angle_between_signs_deg, greedy_binaries, lloyd_max,
    random_angles,
};

use super::Plan;
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

/// Thresholds in standard deviations; the TWN rule and the best one come between them.
const FIXED: [f64; 9] = [0.01, 0.1, 0.1111, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5];

/// Thresholds that are measured.
pub const THRESHOLDS: usize = FIXED.len() + 2;

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

/// Vectors of other distributions and their signs.
pub fn distributions(plan: &Plan, bar: &ProgressBar) -> Sheet {
    let d = plan.largest();
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
    for distribution in &DISTRIBUTIONS {
        let limit = distribution.moments(0.0).limit();
        let law = limit.at(d);
        let signs = Counterpart::Signs;
        let found = random_angles(d, distribution, signs, plan.samples, plan.seed).angle_deg();
        bar.inc(1);
        sheet.push([
            Cell::Word(label(distribution)),
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

/// Ternary Gaussian vectors against the threshold.
pub fn ternary(plan: &Plan, bar: &ProgressBar) -> Sheet {
    let d = plan.largest();
    let gaussian = Distribution::Gaussian;
    let mut all = vec![
        ("TWN, 0.7 E|w|", TernaryPoint::of_twn(&gaussian)),
        ("smallest angle", TernaryPoint::optimum(&gaussian)),
    ];
    all.extend(FIXED.map(|threshold| {
        let is_paper_s = threshold == 0.1111;
        let rule = if is_paper_s { "paper, 0.02 / 0.18" } else { "" };
        (rule, TernaryPoint::at(&gaussian, threshold))
    }));
    all.sort_by(|(_, a), (_, b)| a.threshold_sigma.total_cmp(&b.threshold_sigma));
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
    for (rule, point) in all {
        let threshold_sigma = point.threshold_sigma;
        let counterpart = Counterpart::Ternary { threshold_sigma };
        let found = random_angles(d, &gaussian, counterpart, plan.samples, plan.seed).angle_deg();
        bar.inc(1);
        sheet.push([
            Cell::Number(threshold_sigma, 4),
            Cell::Word(rule.to_owned()),
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
    for count in [2, 3, 4, 5, 8, 16] {
        let found = lloyd_max(count);
        sheet.push([
            Cell::Count(count as u64),
            Cell::Number((count as f64).log2(), 2),
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
    for found in greedy_binaries(5) {
        sheet.push([
            Cell::Count(found.terms as u64),
            Cell::Number(found.scale, 4),
            Cell::Number(found.angle_deg, 2),
            Cell::Number(found.distortion, 4),
        ]);
    }
    sheet
}

/// How far apart signs are.
pub fn between_signs() -> Sheet {
    let mut sheet = Sheet::new(
        "between_signs",
        "The signs of two Gaussian vectors (T10)",
        "Null model: pairs of jointly Gaussian numbers, as d grows; exact.",
    )
    .numbers("angle_deg", "vectors, °")
    .numbers("signs_deg", "signs, °");
    for angle in [20.0, 45.0, 60.0, 80.0, 90.0] {
        sheet.push([
            Cell::Number(angle, 0),
            Cell::Number(angle_between_signs_deg(angle), 2),
        ]);
    }
    sheet
}
