//! Looking on while a network runs.

use orthant_model::{LayerInput, Tap};

/// Who looks on, and at what.
pub enum Watch<'w> {
    /// Nobody.
    Nothing,
    /// Sees each layer's index and input, and does not change how the layers run: thresholds and
    /// pools are part of the products.
    Inputs(&'w mut dyn FnMut(usize, LayerInput)),
    /// Sees each layer's input and sums, as training shows them. The sums are computed to memory,
    /// pooled and compared there, which is slower and gives the same numbers; the first such run
    /// makes room for them.
    Sums(&'w mut dyn FnMut(Tap)),
}

impl Watch<'_> {
    /// Whether sums are asked for.
    pub(crate) fn wants_sums(&self) -> bool {
        matches!(self, Self::Sums(_))
    }

    pub(crate) fn input(&mut self, layer: usize, input: LayerInput) {
        if let Self::Inputs(watch) = self {
            watch(layer, input);
        }
    }

    pub(crate) fn tap(&mut self, tap: Tap) {
        if let Self::Sums(watch) = self {
            watch(tap);
        }
    }
}
