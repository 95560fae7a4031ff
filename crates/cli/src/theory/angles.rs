//! Two random vectors, and a vector and its signs, by dimensions (T1, T2, T10).

use indicatif::ProgressBar;
use orthant_geometry::{
    AngleSamples, Counterpart, Distribution, Estimate, PowerLaw, RandomPair,
    angle_between_signs_deg, gaussian_signs, random_angles,
};
use orthant_report::{Axis, Curve, Figure, Panel, Style};

use super::Plan;
use super::densities::BLACK;
use crate::sheet::{Cell, Sheet};

/// Steps of a theory's curve, and how far it reaches beyond what is measured.
const STEPS: u32 = 100;
const BEYOND: f64 = 1.3;

/// Where the guide passes one dimension: between 20.2 and 57.3 degrees, the factors of both laws.
const BETWEEN_DEG: f64 = 34.0;

/// The angles at one number of dimensions.
pub struct Angles {
    /// Dimensions.
    pub d: usize,
    /// Between a vector and its signs.
    pub signs: AngleSamples,
    /// Between two vectors.
    pub vectors: AngleSamples,
}

/// The angle between a Gaussian vector and its signs as dimensions grow.
pub fn limit_deg() -> f64 {
    Distribution::Gaussian.moments(0.0).limit().angle_deg
}

/// Draws vectors.
pub fn measure(plan: &Plan, bar: &ProgressBar) -> Vec<Angles> {
    let draw = |d: usize, counterpart: Counterpart| {
        let gaussian = &Distribution::Gaussian;
        let found = random_angles(d, gaussian, counterpart, plan.samples, plan.seed);
        bar.inc(1);
        found
    };
    let at = |&d: &usize| Angles {
        d,
        signs: draw(d, Counterpart::Signs),
        vectors: draw(d, Counterpart::Vector),
    };
    plan.dims.iter().map(at).collect()
}

/// A vector and its signs.
pub fn to_signs(angles: &[Angles]) -> Sheet {
    let mut sheet = Sheet::new(
        "signs",
        "A Gaussian vector and its signs (T1)",
        "Null model: a uniformly random direction. The cosine's mean and deviation are exact; the \
         angle's are\nexact for 2 and 3 dimensions, and 0.02° and 1 % off at 10. The limit is \
         37.071°, with 20.178° / √d.",
    )
    .numbers("d", "d")
    .numbers("cosine_mean", "cosine")
    .numbers("cosine_sd", "its sd")
    .measured("measured_cosine_mean", "measured")
    .numbers("angle_mean_deg", "angle, °")
    .numbers("angle_sd_deg", "its sd, °")
    .measured("measured_mean_deg", "measured, °")
    .measured("measured_sd_deg", "its sd, °")
    .numbers("samples", "samples");
    for Angles { d, signs, .. } in angles {
        let law = gaussian_signs(*d);
        let measured = signs.angle_deg();
        sheet.push([
            Cell::Count(*d as u64),
            Cell::Number(law.cosine_mean, 5),
            Cell::Number(law.cosine_sd, 5),
            Cell::Measured(signs.cosine().mean, 5),
            Cell::Number(law.angle_mean_deg, 3),
            Cell::Number(law.angle_sd_deg, 3),
            Cell::Measured(measured.mean, 3),
            Cell::Measured(measured.sd, 3),
            Cell::Count(measured.mean.samples),
        ]);
    }
    sheet
}

/// Two vectors.
pub fn between(angles: &[Angles]) -> Sheet {
    let limit = limit_deg();
    let mut sheet = Sheet::new(
        "vectors",
        "Two Gaussian vectors (T2)",
        "Null model: independent uniformly random directions, 90° apart with a density in \
         proportion to sin^(d-2);\nall exact. The chance is that of an angle below 37.07°, where a \
         vector's signs are.",
    )
    .numbers("d", "d")
    .numbers("angle_sd_deg", "sd, °")
    .measured("measured_mean_deg", "measured, °")
    .measured("measured_sd_deg", "its sd, °")
    .numbers("log10_chance", "chance")
    .numbers("samples", "samples");
    for Angles { d, vectors, .. } in angles {
        let pair = RandomPair::new(*d);
        let measured = vectors.angle_deg();
        sheet.push([
            Cell::Count(*d as u64),
            Cell::Number(pair.angle_sd_deg(), 3),
            Cell::Measured(measured.mean, 3),
            Cell::Measured(measured.sd, 3),
            Cell::Chance(pair.log10_chance_below(limit)),
            Cell::Count(measured.mean.samples),
        ]);
    }
    sheet
}

/// How the deviations fall with the dimensions; nothing of a single number of them.
pub fn spread_law(angles: &[Angles]) -> Option<Sheet> {
    let mut sheet = Sheet::new(
        "spread_law",
        "Deviation of the angle against dimensions: factor · d^exponent",
        "Null model: -1/2, with 20.18° for the signs and 57.30° for two vectors, as d grows; few \
         dimensions bend\nthe line, which theory's own rows show. Errors are those of the points \
         about the line.",
    )
    .words("angle", "angle")
    .words("of", "of")
    .measured("exponent", "exponent")
    .numbers("factor_deg", "factor, °")
    .numbers("dims", "dimensions");
    type Deviation = fn(&Angles) -> f64;
    let rows: [(_, _, Deviation); 4] = [
        ("to the signs", "theory", |at| {
            gaussian_signs(at.d).angle_sd_deg
        }),
        ("to the signs", "measured", |at| {
            at.signs.angle_deg().sd.value
        }),
        ("two vectors", "theory", |at| {
            RandomPair::new(at.d).angle_sd_deg()
        }),
        ("two vectors", "measured", |at| {
            at.vectors.angle_deg().sd.value
        }),
    ];
    for (angle, of, deviation) in rows {
        let points: Vec<_> = angles
            .iter()
            .map(|at| [at.d as f64, deviation(at)])
            .collect();
        if let Some(law) = PowerLaw::fit(&points) {
            sheet.push([
                Cell::Word(angle.to_owned()),
                Cell::Word(of.to_owned()),
                Cell::Measured(law.exponent, 3),
                Cell::Number(law.factor, 2),
                Cell::Count(law.exponent.samples),
            ]);
        }
    }
    (!sheet.is_empty()).then_some(sheet)
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

/// Means and deviations against the dimensions, beside theory and the law d^(-1/2).
pub fn figure(angles: &[Angles]) -> Figure {
    let dimensions = || Axis::log("dimensions", "");
    let between = |d: usize| RandomPair::new(d).angle_sd_deg();
    let to_signs = |d: usize| gaussian_signs(d).angle_sd_deg;
    let mean = Panel::new(
        "Mean",
        dimensions(),
        Axis::linear("angle to the signs", "degrees"),
    )
    .with_curve(measured("measured", angles, |at| at.signs.angle_deg().mean))
    .with_curve(theory("theory", angles, |d| {
        gaussian_signs(d).angle_mean_deg
    }))
    .with_level(format!("limit, {:.2}°", limit_deg()), limit_deg());
    let deviation = Panel::new(
        "Deviation",
        dimensions(),
        Axis::log("sd of the angle", "degrees"),
    )
    .with_curve(measured("a vector and its signs", angles, |at| {
        at.signs.angle_deg().sd
    }))
    .with_curve(measured("two vectors", angles, |at| {
        at.vectors.angle_deg().sd
    }))
    .with_curve(theory("theory", angles, to_signs))
    .with_curve(theory("", angles, between))
    .with_guide("slope −1/2", [1.0, BETWEEN_DEG], -0.5);
    Figure::new("Mean and deviation of the angles between random vectors, by dimensions")
        .with_columns(3)
        .with(mean)
        .with(deviation)
}

/// What was measured, a mark with its standard error at each number of dimensions.
fn measured(name: &str, angles: &[Angles], of: impl Fn(&Angles) -> Estimate) -> Curve {
    let found: Vec<_> = angles.iter().map(|at| (at.d as f64, of(at))).collect();
    let points = found.iter().map(|(d, found)| [*d, found.value]);
    let ends = |found: &Estimate| {
        let Estimate {
            value,
            standard_error,
            ..
        } = *found;
        [value - standard_error, value + standard_error]
    };
    Curve::new(name, points)
        .with_style(Style::Marks)
        .with_spread(found.iter().map(|(_, found)| ends(found)))
}

/// A theory from below the fewest dimensions to above the most, so that one number has a line too.
fn theory(name: &str, angles: &[Angles], of: impl Fn(usize) -> f64) -> Curve {
    let ends = || angles.iter().map(|at| at.d as f64);
    let fewest = (ends().fold(f64::INFINITY, f64::min) / BEYOND).max(2.0);
    let most = ends().fold(fewest, f64::max) * BEYOND;
    let at = |step: u32| fewest * (most / fewest).powf(f64::from(step) / f64::from(STEPS));
    let mut dims: Vec<_> = (0..=STEPS).map(|step| at(step).round() as usize).collect();
    dims.dedup();
    let points = dims.into_iter().map(|d| [d as f64, of(d)]);
    Curve::new(name, points)
        .with_style(Style::Theory)
        .with_pen(BLACK)
}
