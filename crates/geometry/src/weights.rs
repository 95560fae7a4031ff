//! What weights alone tell: no data, no network, only filters.

mod binarizability;
mod filters;
mod layer;
mod shares;
mod statistics;

pub use binarizability::{Binarizability, Verdict, binarizability};
pub use filters::Undefined;
pub use layer::{LayerWeights, WeightGeometry, WeightsQuantizer, spread_law, weight_geometry};
pub use shares::{Share, WeightShares};

#[cfg(test)]
mod tests;
