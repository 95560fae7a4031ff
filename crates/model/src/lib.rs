//! What a binary or ternary network is: its layers, their shapes, batch norm, how a norm and a
//! quantizer fold to comparisons of integers, and what an inference costs.
//!
//! A network is data: a sequence of layers, some with a shortcut from an earlier one. Training,
//! analysis and inference read it; none of them adds to it.
//!
//! ```
//! use orthant_bits::InputContract;
//! use orthant_model::{Activation, Layer, Network, Op, WeightQuantizer};
//!
//! let dense = |name: &str, outputs, activation| Layer {
//!     name: name.into(),
//!     op: Op::Dense { outputs },
//!     weights: WeightQuantizer::Sign,
//!     pool: None,
//!     norm: None,
//!     shortcut: None,
//!     activation,
//! };
//! let network = Network {
//!     input: [8, 8, 1],
//!     contract: InputContract::uniform(1, 8, 8, 1),
//!     layers: vec![
//!         dense("dense1", 100, Activation::Sign),
//!         dense("dense2", 10, Activation::None),
//!     ],
//!     classes: 10,
//! };
//! assert_eq!(network.plan()?[0].weights(), 6400);
//! # Ok::<(), orthant_model::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod cost;
mod error;
mod fold;
mod format;
mod layer;
mod network;
mod norm;
mod packed;
mod patches;
mod plan;
mod readout;
mod shortcut;
mod tap;
mod weights;

pub use cost::energy::{self, Energy, Memory};
pub use cost::{Cost, Elementwise, Ending, LayerCost, Macs, Twin};
pub use error::Error;
pub use fold::Fold;
pub use format::Part;
pub use layer::{Activation, ConvOp, Layer, NormSpec, Op, WeightQuantizer};
pub use network::Network;
pub use norm::{Affine, BatchNorm, normalize};
pub use packed::{Labels, Packed, PackedLayer, PackedWeights, Readout, ReadoutKind, Reals, Words};
pub use patches::{Columns, Patches};
pub use plan::{LayerPlan, Values};
pub use shortcut::Shortcut;
pub use tap::{LayerInput, LayerSums, Tap};
pub use weights::WeightLayout;
