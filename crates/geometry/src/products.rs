//! Dot-product proportionality: products with quantized numbers against products with real ones.
//!
//! ```text
//! weights       x = a·w_b   the tap's sums           y = a·w_c   latent weights, a float product
//! activations   x = a_c·w_b a float product of z     y = a_b·w_b the tap's sums
//! permuted      as weights, the entries of a batch's input shuffled
//! ```
//!
//! Pairs stream by: what is kept does not grow with the number of images. All statistics follow
//! from sums; images are dealt to groups, which give intervals.
//!
//! # Reference
//! `docs/theory.md`, T8, T9; Anderson & Berg 2018, arXiv:1705.07199.

mod arcsine;
mod continuous;
mod control;
mod grid;
mod interval;
mod law;
mod layer;
mod operands;
mod pairs;
mod report;
mod samples;
mod spread;
mod sums;

use orthant_model::Tap;

use crate::Subject;
use continuous::Continuous;
use layer::LayerState;

pub(crate) use interval::{GROUPS, error_of, group, standard_error};
pub(crate) use law::{FilterLaw, pooled as pooled_law, white};
pub(crate) use spread::EntrySpread;
pub(crate) use sums::PairSums;

pub use grid::Histogram2d;
pub use report::{
    ActivationProducts, Correlation, FilterProducts, LayerProducts, NormalActivations,
    ProductReport,
};

/// What to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductOptions {
    /// Of permutations and of the choice of positions.
    pub seed: u64,
    /// Images that are expected; fewer are reported as a problem.
    pub images: u64,
    /// Whether products of real activations are computed, which doubles the time.
    pub activations: bool,
}

/// A collector of products, which a network's taps feed.
///
/// Null model: white input, where r is the cosine of the angle between latent and quantized
/// weights; 0.798 for Gaussian weights and signs.
pub struct Products<'a> {
    subject: &'a Subject<'a>,
    options: ProductOptions,
    continuous: Continuous,
    layers: Vec<LayerState<'a>>,
}

impl<'a> Products<'a> {
    /// Nothing seen yet.
    pub fn new(subject: &'a Subject<'a>, options: ProductOptions) -> Self {
        let layers = 0..subject.plans().len();
        Self {
            subject,
            options,
            continuous: Continuous::new(subject),
            layers: layers
                .map(|layer| LayerState::new(subject, layer, options))
                .collect(),
        }
    }

    /// Looks at a layer of a batch; layers come in their order.
    ///
    /// # Panics
    /// If the tap's layer is none of the network's, or its input is not as long as its sums say.
    pub fn see(&mut self, tap: &Tap) {
        self.continuous.begin(tap.layer);
        let z = match tap.layer {
            0 => None,
            layer => self.continuous.of(layer - 1),
        };
        self.layers[tap.layer].see(self.subject, tap, z);
        self.continuous
            .see(self.subject, tap, self.options.activations);
    }

    /// What the images have shown.
    pub fn finish(self) -> ProductReport {
        let Self {
            subject,
            options,
            layers,
            ..
        } = self;
        ProductReport {
            images_expected: options.images,
            image_groups: GROUPS,
            null_model: "white input: r is the cosine of the angle between latent and quantized \
                         weights, 0.798 for Gaussian weights and signs",
            layers: layers
                .into_iter()
                .map(|layer| layer.finish(subject))
                .collect(),
        }
    }
}
