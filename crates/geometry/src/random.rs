//! Vectors of chance, drawn and measured.
//!
//! A seed gives the same bits at any number of threads: samples are drawn in chunks of a fixed
//! size, each from a stream of its own, and put together in their order.

mod angles;
mod draw;
mod haar;
mod hadamard;
mod rotated;
mod stream;

pub use angles::{AngleSamples, Counterpart, random_angles};
pub use haar::HaarRotation;
pub use hadamard::HadamardRotation;
pub use rotated::{Rotating, rotated_angles};
pub(crate) use stream::Purpose;
pub use stream::Stream;
