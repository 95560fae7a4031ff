//! A fixed number of patches of real activations, drawn from all images alike.

use orthant_model::{Columns, LayerInput, Patches};

use crate::random::Stream;

/// Patches that are kept.
const KEPT: usize = 512;

/// Patches that an image offers.
const OFFERED: usize = 4;

/// Most filters that are multiplied with them.
const FILTERS: usize = 64;

/// A reservoir of patches of the first group, at positions that see no border.
///
/// # Reference
/// Vitter 1985, *Random Sampling with a Reservoir*, algorithm R.
pub(crate) struct Samples {
    d: usize,
    offered: u64,
    /// `[kept, d]`.
    pub patches: Vec<f32>,
}

impl Samples {
    pub(crate) fn new(d: usize) -> Self {
        Self {
            d,
            offered: 0,
            patches: Vec::new(),
        }
    }

    /// Offers patches of one image of a batch; `stream` is the image's own.
    pub(crate) fn offer(
        &mut self,
        patches: &Patches,
        columns: &Columns,
        z: &[f32],
        image: usize,
        interior: &[usize],
        stream: &mut Stream,
    ) {
        let [height, width] = patches.output();
        for _ in 0..OFFERED.min(interior.len()) {
            let position = interior[stream.below(interior.len() as u64) as usize];
            self.offered += 1;
            let place = match self.offered as usize <= KEPT {
                true => self.offered as usize - 1,
                false => stream.below(self.offered) as usize,
            };
            if place >= KEPT {
                continue;
            }
            let len = self.patches.len().max((place + 1) * self.d);
            self.patches.resize(len, 0.0);
            let to = &mut self.patches[place * self.d..][..self.d];
            let position = image * height * width + position;
            patches.gather(LayerInput::Float(z), position..position + 1, columns, to);
        }
    }
}

/// Some of a group's filters, evenly spaced.
pub(crate) fn spaced(filters: usize) -> impl Iterator<Item = usize> {
    let count = filters.min(FILTERS);
    (0..count).map(move |at| at * filters / count)
}
