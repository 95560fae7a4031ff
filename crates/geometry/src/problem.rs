//! Why a number of a report is missing, or rests on less than was asked for.

use core::fmt;

use serde::Serialize;

/// What stands in the way of a layer's analysis; the other layers, and its other numbers, go on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Problem {
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
    NoAngles {
        /// Filters, all of which are constant, 0 or not finite, or become 0.
        filters: usize,
    },
    /// The layer has no weights.
    NoWeights,
    /// Nothing makes bits of the layer's weights.
    RealWeights,
    /// The latent weights are not known, or are another layer's.
    Latent {
        /// Weights that the layer has.
        expected: usize,
        /// Weights that are known.
        found: usize,
    },
    /// Numbers are not numbers, or not finite.
    NotFinite {
        /// Which numbers.
        what: &'static str,
        /// How many of them.
        count: u64,
    },
    /// No tap has shown the layer.
    NoTensor,
    /// A tap has shown a tensor of another size.
    TensorLength {
        /// Numbers of one image's sums.
        expected: usize,
        /// Numbers that were shown.
        found: usize,
    },
    /// Filters whose latent or quantized weights are all 0: they have no angle.
    NoAngle {
        /// How many of the filters.
        filters: usize,
    },
    /// Filters whose products are the same everywhere: they have no correlation.
    ZeroVariance {
        /// How many of the filters.
        filters: usize,
    },
    /// The products of the whole layer are the same everywhere.
    Constant,
    /// Too few images, which are the independent samples.
    FewImages {
        /// Images that were asked for, or that an interval needs.
        expected: u64,
        /// Images that were seen.
        found: u64,
    },
    /// The layer's input is not what a quantizer made of real numbers.
    InputNotQuantized,
    /// The layer before was not shown, so that its real activations are not known.
    NoActivations,
    /// A batch's input has fewer entries than a filter has weights.
    ShortInput,
    /// Filters are too long for a matrix of their covariances.
    LongFilter {
        /// The longest that there is room for.
        limit: usize,
        /// Their length.
        found: usize,
    },
    /// A decomposition of the covariance matrix did not converge.
    NoEigenvalues,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { weights, filters } => write!(
                f,
                "{weights} weights are no whole number for each of {filters} filters"
            ),
            Self::TooFewWeights { d } => {
                write!(f, "filters have {d} weight(s), expected at least 2")
            }
            Self::NoAngles { filters } => write!(
                f,
                "none of {filters} filters has an angle: they are constant, 0, not finite or \
                 become 0"
            ),
            Self::NoWeights => write!(f, "the layer has no weights"),
            Self::RealWeights => write!(f, "the layer's weights are not quantized"),
            Self::Latent { expected, found } => write!(
                f,
                "{found} latent weights are known, expected {expected}; read them from a run's \
                 checkpoint, since packed models hold none"
            ),
            Self::NotFinite { what, count } => {
                write!(f, "{count} {what} are not finite numbers")
            }
            Self::NoTensor => write!(f, "no tap has shown the layer"),
            Self::TensorLength { expected, found } => write!(
                f,
                "a tap has shown {found} sums, expected whole images of {expected}"
            ),
            Self::NoAngle { filters } => {
                write!(f, "{filters} filter(s) are 0 and have no angle")
            }
            Self::ZeroVariance { filters } => write!(
                f,
                "the products of {filters} filter(s) are the same everywhere and have no correlation"
            ),
            Self::Constant => write!(f, "the layer's products are the same everywhere"),
            Self::FewImages { expected, found } => {
                write!(f, "{found} images were seen, expected {expected}")
            }
            Self::InputNotQuantized => {
                write!(
                    f,
                    "the layer's input is not quantized from real activations"
                )
            }
            Self::NoActivations => write!(
                f,
                "the layer before was not shown, so that its activations are not known"
            ),
            Self::ShortInput => write!(
                f,
                "a batch has fewer entries than a filter has weights, so that none can be shuffled"
            ),
            Self::LongFilter { limit, found } => write!(
                f,
                "filters of {found} weights are too long for their covariances, expected at most \
                 {limit}"
            ),
            Self::NoEigenvalues => {
                write!(f, "the decomposition of the covariances does not converge")
            }
        }
    }
}

/// Pushes a problem unless it is there already.
pub(crate) fn note(problems: &mut Vec<Problem>, problem: Problem) {
    if !problems.contains(&problem) {
        problems.push(problem);
    }
}
