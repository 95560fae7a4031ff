//! The geometry of binary and ternary networks: numbers in, numbers out.
//!
//! Every analysis names its null model and gives a sample count and a standard error. It takes
//! arrays or what a tap shows, never a trainer, and draws nothing.
//!
//! # Reference
//! Anderson & Berg 2018, *The High-Dimensional Geometry of Binary Neural Networks*,
//! arXiv:1705.07199.
#![forbid(unsafe_code)]

mod angle;
mod chance;
mod estimate;
mod first_layer;
mod histogram;
mod moments;
mod problem;
mod products;
mod subject;

pub use angle::{angle_deg, binarization_cosine, cosine, ternarization_cosine};
pub use estimate::Estimate;
pub use first_layer::{
    FilterFamily, FirstLayer, FirstLayerReport, Operations, Repair, RepairedFamily, SpectrumReport,
};
pub use histogram::Histogram;
pub use moments::Moments;
pub use problem::Problem;
pub use products::{
    ActivationProducts, Correlation, FilterProducts, Histogram2d, LayerProducts, NormalActivations,
    ProductOptions, ProductReport, Products, Spread,
};
pub use subject::{Subject, SubjectLayer};
