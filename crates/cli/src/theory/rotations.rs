//! Rotation before binarization, where few coordinates carry a vector (T7).

use indicatif::ProgressBar;
use orthant_geometry::{
    AngleSamples, Rotating, angle_deg, exponential_deviations, gaussian_signs, rotated_angles,
    scaled_sign_cosine,
};
use orthant_report::{Figure, Panel};

use super::{Plan, densities};
use crate::sheet::{Cell, Sheet};

/// Dimensions and rate of the paper's figure.
const DIMENSIONS: [usize; 3] = [10, 100, 500];
const RATE: f64 = 0.1;

/// In the order of the table.
const ROTATIONS: [Rotating; 3] = [Rotating::Plain, Rotating::Haar, Rotating::Hadamard];

/// Rows that are measured.
pub const MEASUREMENTS: usize = ROTATIONS.len() * DIMENSIONS.len();

/// Vectors of one number of dimensions in one rotation.
pub struct Row {
    d: usize,
    rotating: Rotating,
    /// Mean angle by theory.
    theory_deg: f64,
    measured: AngleSamples,
}

/// Draws vectors, each with a rotation of its own.
pub fn measure(plan: &Plan, bar: &ProgressBar) -> Vec<Row> {
    let row = |d: usize, rotating| {
        let deviations = exponential_deviations(d, RATE);
        let measured = rotated_angles(&deviations, rotating, plan.rotations(), plan.seed);
        bar.inc(1);
        Row {
            d,
            rotating,
            theory_deg: match rotating {
                Rotating::Plain => angle_deg(scaled_sign_cosine(&deviations)),
                Rotating::Haar => gaussian_signs(d).angle_mean_deg,
                Rotating::Hadamard => gaussian_signs(d.next_power_of_two()).angle_mean_deg,
            },
            measured,
        }
    };
    let all = DIMENSIONS
        .into_iter()
        .flat_map(|d| ROTATIONS.map(|rotating| (d, rotating)));
    all.map(|(d, rotating)| row(d, rotating)).collect()
}

/// Plain signs, and signs of rotated vectors.
pub fn sheet(rows: &[Row]) -> Sheet {
    let mut sheet = Sheet::new(
        "rotations",
        format!("Signs of vectors whose coordinates have deviations exp({RATE} i) (T7)"),
        "Null model: plain, the ratio of the norms' means; after a Haar rotation, T1 exactly; \
         after random signs\nand Hadamard's matrix (d padded to a power of two), T1 where many \
         coordinates count: here some ten do.",
    )
    .numbers("d", "d")
    .words("rotation", "rotation")
    .numbers("angle_mean_deg", "theory, °")
    .measured("measured_mean_deg", "measured, °")
    .measured("measured_sd_deg", "its sd, °")
    .numbers("samples", "samples");
    for row in rows {
        let found = row.measured.angle_deg();
        let rotation = match row.rotating {
            Rotating::Plain => "none",
            Rotating::Haar => "Haar",
            Rotating::Hadamard => "Hadamard",
        };
        sheet.push([
            Cell::Count(row.d as u64),
            Cell::Word(rotation.to_owned()),
            Cell::Number(row.theory_deg, 2),
            Cell::Measured(found.mean, 2),
            Cell::Measured(found.sd, 2),
            Cell::Count(found.mean.samples),
        ]);
    }
    sheet
}

/// Densities of the angles; what a Haar rotation does to them is known.
pub fn figure(rows: &[Row]) -> Figure {
    let title = "Densities of the angle to the signs where few coordinates carry a vector, plain \
                 and rotated";
    let at = |rows: &[Row]| {
        let d = rows[0].d;
        let mut panel = densities::panel(format!("d = {d}"), [0.0, 90.0])
            .with_note(densities::samples(&rows[0].measured))
            .with_note(format!("sd of coordinate i: exp({RATE} i)"));
        let mut theory = None;
        for row in rows {
            let measured = densities::measured(&row.measured);
            let name = match row.rotating {
                Rotating::Plain => "plain signs",
                Rotating::Haar => {
                    let law = densities::of_signs(d);
                    theory = Some(densities::theory("theory of Haar", &measured, law));
                    "Haar rotation"
                }
                Rotating::Hadamard => "random signs and Hadamard's matrix",
            };
            panel = panel.with_curve(densities::area(name, measured));
        }
        theory.into_iter().fold(panel, Panel::with_curve)
    };
    let panels = rows.chunk_by(|a, b| a.d == b.d).map(at);
    panels.fold(Figure::new(title).with_columns(3), Figure::with)
}
