//! How a layer's canonical weights lie.

use crate::{LayerPlan, Values, WeightQuantizer};

/// How a layer's canonical weights lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightLayout {
    /// There are none.
    None,
    /// One plane of rows of bits.
    Binary {
        /// Rows: taps of all filters, or filters where the input is pixels.
        rows: usize,
        /// Bits of a row.
        cols: usize,
    },
    /// Two such planes.
    Ternary {
        /// As for binary weights.
        rows: usize,
        /// As for binary weights.
        cols: usize,
    },
    /// Real numbers.
    Real {
        /// How many.
        len: usize,
    },
}

impl WeightLayout {
    /// The kind of weights, for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Binary { .. } => "binary",
            Self::Ternary { .. } => "ternary",
            Self::Real { .. } => "real",
        }
    }
}

impl LayerPlan {
    /// Weights in one row of bits: a tap, or a filter where the input is pixels.
    pub fn row_len(&self) -> usize {
        self.shape.map_or(0, |shape| match self.values {
            Values::Pixels => shape.filter_len(),
            _ => shape.group_channels(),
        })
    }

    /// How the layer's canonical weights lie.
    pub fn weight_layout(&self) -> WeightLayout {
        let len = self.weights();
        let cols = self.row_len();
        match (self.shape, self.quantizer) {
            (None, _) => WeightLayout::None,
            (_, WeightQuantizer::None) => WeightLayout::Real { len },
            (_, WeightQuantizer::Sign | WeightQuantizer::SignScaled) => WeightLayout::Binary {
                rows: len / cols,
                cols,
            },
            (_, WeightQuantizer::Ternary { .. }) => WeightLayout::Ternary {
                rows: len / cols,
                cols,
            },
        }
    }
}
