//! Two random vectors, and a vector and its signs, by dimensions (T1, T2).

use indicatif::ProgressBar;
use orthant_geometry::{
    AngleLaw, AngleSamples, Counterpart, Distribution, PowerLaw, RandomPair, Spread,
    gaussian_signs, kernel_density, random_angles, sign_angle_density,
};

use super::Plan;
use crate::sheet::{Cell, Sheet};

/// Points of a density.
const POINTS: usize = 401;

/// The widest kernel, 0.02 radians: that of Anderson & Berg's figure.
const BANDWIDTH_DEG: f64 = 0.02 * 180.0 / std::f64::consts::PI;

/// The angles at one number of dimensions.
pub struct Angles {
    d: usize,
    signs: AngleSamples,
    vectors: AngleSamples,
}

/// The density of an angle: measured, and of theory.
pub struct Density {
    /// Dimensions.
    pub d: usize,
    /// What the angle is to: `signs` or `vector`.
    pub to: &'static str,
    /// What theory's density is: `exact` or `normal`.
    pub theory: &'static str,
    /// Deviation of the kernel.
    pub bandwidth_deg: f64,
    /// The angle, then both densities per degree.
    pub points: Vec<[f64; 3]>,
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
    let limit = Distribution::Gaussian.moments(0.0).limit().angle_deg;
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

/// Both densities at one number of dimensions.
pub fn densities(angles: &Angles) -> [Density; 2] {
    let d = angles.d;
    let law = gaussian_signs(d);
    let (exact, normal) = ("exact", "normal");
    let of_signs: (_, &dyn Fn(f64) -> f64) = match sign_angle_density(d, 0.0) {
        Some(_) => (exact, &|deg| sign_angle_density(d, deg).unwrap_or(0.0)),
        None => (normal, &|deg| law.normal_density(deg)),
    };
    let pair = RandomPair::new(d);
    let of_pair = AngleLaw {
        cosine_mean: 0.0,
        cosine_sd: pair.cosine_sd(),
        angle_mean_deg: 90.0,
        angle_sd_deg: pair.angle_sd_deg(),
    };
    [
        density(d, "signs", &angles.signs, law, of_signs),
        density(
            d,
            "vector",
            &angles.vectors,
            of_pair,
            (exact, &|deg| pair.density(deg)),
        ),
    ]
}

/// A density over six deviations to each side, within the angles that there are.
///
/// The kernel is as wide as the paper's, but never above a quarter of the samples' deviation, which
/// it widens by 3 % then.
fn density(
    d: usize,
    to: &'static str,
    samples: &AngleSamples,
    law: AngleLaw,
    (theory, density): (&'static str, &dyn Fn(f64) -> f64),
) -> Density {
    let reach = 6.0 * law.angle_sd_deg;
    let range = [
        (law.angle_mean_deg - reach).max(0.0),
        (law.angle_mean_deg + reach).min(180.0),
    ];
    let angles = samples.angles_deg();
    let sd = Spread::of(&angles).sd.value;
    let bandwidth_deg = match sd > 0.0 {
        true => BANDWIDTH_DEG.min(0.25 * sd),
        false => BANDWIDTH_DEG,
    };
    let measured = kernel_density(&angles, bandwidth_deg, range, POINTS);
    let points = measured.into_iter();
    Density {
        d,
        to,
        theory,
        bandwidth_deg,
        points: points
            .map(|[deg, found]| [deg, found, density(deg)])
            .collect(),
    }
}
