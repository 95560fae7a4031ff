//! Rotation before binarization, where few coordinates carry a vector (T7).

use indicatif::ProgressBar;
use orthant_geometry::{
    Rotating, angle_deg, exponential_deviations, gaussian_signs, rotated_angles, scaled_sign_cosine,
};

use super::Plan;
use crate::sheet::{Cell, Sheet};

/// Dimensions and rate of the paper's figure.
const DIMENSIONS: [usize; 3] = [10, 100, 500];
const RATE: f64 = 0.1;

/// Rows that are measured.
pub const MEASUREMENTS: usize = 3 * DIMENSIONS.len();

/// Plain signs, and signs of rotated vectors.
pub fn rotations(plan: &Plan, bar: &ProgressBar) -> Sheet {
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
    for d in DIMENSIONS {
        let deviations = exponential_deviations(d, RATE);
        let plain = angle_deg(scaled_sign_cosine(&deviations));
        let padded = gaussian_signs(d.next_power_of_two()).angle_mean_deg;
        for (rotation, rotating, theory) in [
            ("none", Rotating::Plain, plain),
            ("Haar", Rotating::Haar, gaussian_signs(d).angle_mean_deg),
            ("Hadamard", Rotating::Hadamard, padded),
        ] {
            let found = rotated_angles(&deviations, rotating, plan.rotations(), plan.seed);
            let found = found.angle_deg();
            bar.inc(1);
            sheet.push([
                Cell::Count(d as u64),
                Cell::Word(rotation.to_owned()),
                Cell::Number(theory, 2),
                Cell::Measured(found.mean, 2),
                Cell::Measured(found.sd, 2),
                Cell::Count(found.mean.samples),
            ]);
        }
    }
    sheet
}
