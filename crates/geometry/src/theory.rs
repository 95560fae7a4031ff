//! Closed forms for vectors of chance: no samples, no seeds.
//!
//! `docs/theory.md`, the book's chapter, derives every formula under the number it has here.

mod binaries;
mod distribution;
mod law;
mod lloyd_max;
mod magnitudes;
mod pair;
mod signs;
mod special;
mod ternary;
mod transform;

pub use binaries::{Binaries, greedy_binaries};
pub use distribution::Distribution;
pub(crate) use distribution::generalized_scale;
pub use law::{AngleLaw, AngleLimit};
pub use lloyd_max::{LloydMax, lloyd_max};
pub use magnitudes::MagnitudeMoments;
pub use pair::{RandomPair, angle_between_signs_deg};
pub use signs::{gaussian_signs, sign_angle_density};
pub use ternary::TernaryPoint;
pub use transform::{exponential_deviations, scaled_sign_cosine};
