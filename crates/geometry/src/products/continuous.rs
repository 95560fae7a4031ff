//! The real activations of a batch, from the sums of the layers that made them.

use orthant_model::{Activation, Tap};

use crate::Subject;

/// The `z` of the layers of one batch, for as long as one is needed.
pub(crate) struct Continuous {
    /// Last layer that adds each layer's `z` by a shortcut.
    last_uses: Vec<Option<usize>>,
    z: Vec<Option<Vec<f32>>>,
    /// Layer that was seen last.
    last: Option<usize>,
}

impl Continuous {
    pub(crate) fn new(subject: &Subject) -> Self {
        let layers = subject.plans().len();
        Self {
            last_uses: subject.network().last_uses(),
            z: vec![None; layers],
            last: None,
        }
    }

    /// A layer is about to be seen; one that does not follow the last one begins a batch.
    pub(crate) fn begin(&mut self, layer: usize) {
        if self.last.is_some_and(|last| layer <= last) {
            self.z.iter_mut().for_each(|z| *z = None);
        }
        self.last = Some(layer);
    }

    /// A layer's `z`, where it was computed in this batch.
    pub(crate) fn of(&self, layer: usize) -> Option<&[f32]> {
        self.z[layer].as_deref()
    }

    /// Computes a layer's `z` where someone needs it, and drops those that nobody does any more.
    pub(crate) fn see(&mut self, subject: &Subject, tap: &Tap, next_needs: bool) {
        let layer = tap.layer;
        let spec = &subject.network().layers[layer];
        let quantizes = matches!(
            spec.activation,
            Activation::Sign | Activation::Ternary { .. }
        );
        let is_source = self.last_uses[layer].is_some();
        let length = subject.plans()[layer].sums_len();
        let source = spec.shortcut.map(|source| self.z[source].as_deref());
        let is_known = source.is_none_or(|source| source.is_some());
        let fits = tap.sums.len().is_multiple_of(length);
        let z = (next_needs && (quantizes || is_source) && is_known && fits)
            .then(|| subject.z(layer, tap.sums, source.flatten()));
        self.z[layer] = z;
        for earlier in 0..layer {
            if self.last_uses[earlier].is_none_or(|last| last <= layer) {
                self.z[earlier] = None;
            }
        }
    }
}
