//! Why a layer has no numbers.

use std::fmt;

use serde::Serialize;

/// What keeps a layer from being analysed; other layers go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "problem")]
#[non_exhaustive]
pub enum LayerProblem {
    /// The weights are no whole number of filters, or none at all.
    Shape {
        /// Weights found.
        weights: usize,
        /// Filters expected.
        filters: usize,
    },
    /// Filters of fewer than two weights have no angle to speak of.
    TooFewWeights {
        /// Weights of a filter.
        d: usize,
    },
    /// Not one filter has an angle.
    NoAngle {
        /// Filters, all of which are constant, 0 or not finite, or become 0.
        filters: usize,
    },
}

impl fmt::Display for LayerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { weights, filters } => write!(
                f,
                "{weights} weights are no whole number for each of {filters} filters"
            ),
            Self::TooFewWeights { d } => {
                write!(f, "filters have {d} weight(s), expected at least 2")
            }
            Self::NoAngle { filters } => write!(
                f,
                "none of {filters} filters has an angle: they are constant, 0, not finite or \
                 become 0"
            ),
        }
    }
}

impl std::error::Error for LayerProblem {}

/// Weights of a filter, of a layer that has some.
pub(crate) fn filter_len(weights: usize, filters: usize) -> Result<usize, LayerProblem> {
    if filters == 0 || weights == 0 || !weights.is_multiple_of(filters) {
        return Err(LayerProblem::Shape { weights, filters });
    }
    match weights / filters {
        d @ 0..2 => Err(LayerProblem::TooFewWeights { d }),
        d => Ok(d),
    }
}
