//! A number that was measured, and how well.

use serde::Serialize;

/// An estimate from samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate, in the unit that its owner names.
    pub value: f64,
    /// Its standard error, in the same unit; NaN where there are too few samples to say.
    pub standard_error: f64,
    /// Samples that it rests on.
    pub samples: u64,
}
