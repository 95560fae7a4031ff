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
mod density;
mod estimate;
mod first_layer;
mod histogram;
mod moments;
mod power_law;
mod problem;
mod products;
mod random;
mod spread;
mod subject;
mod theory;
mod weights;

pub use angle::{angle_deg, binarization_cosine, cosine, ternarization_cosine};
pub use density::kernel_density;
pub use estimate::Estimate;
pub use first_layer::{
    FilterFamily, FirstLayer, FirstLayerReport, Operations, Repair, RepairedFamily, SpectrumReport,
};
pub use histogram::Histogram;
pub use moments::Moments;
pub use power_law::PowerLaw;
pub use problem::Problem;
pub use products::{
    ActivationProducts, Correlation, FilterProducts, Histogram2d, LayerProducts, NormalActivations,
    ProductOptions, ProductReport, Products,
};
pub use random::{
    AngleSamples, Counterpart, HaarRotation, HadamardRotation, Rotating, Stream, random_angles,
    rotated_angles,
};
pub use spread::Spread;
pub use subject::{Subject, SubjectLayer};
pub use theory::{
    AngleLaw, AngleLimit, Binaries, Distribution, LloydMax, MagnitudeMoments, RandomPair,
    TernaryPoint, angle_between_signs_deg, exponential_deviations, gaussian_signs, greedy_binaries,
    lloyd_max, scaled_sign_cosine, sign_angle_density,
};
pub use weights::{
    Binarizability, LayerWeights, Share, Undefined, Verdict, WeightGeometry, WeightShares,
    WeightsQuantizer, binarizability, spread_law, weight_geometry,
};
