//! Binary (±1) and ternary neural networks on ordinary CPUs.
//!
//! The crate re-exports what the parts of the toolkit offer, lowest first:
//!
//! - [`bits`]: how ±1 and ternary numbers lie in memory;
//! - [`kernels`]: the arithmetic on them;
//! - [`model`]: what a network is, and its packed form;
//! - [`infer`]: runs a packed network;
//! - [`data`]: the images;
//! - [`train`]: recipes and their training;
//! - [`geometry`]: analyses of weights and of what layers see, each beside its null model;
//! - [`report`]: figures, tables and pages of what was measured.

#![forbid(unsafe_code)]

pub use orthant_bits as bits;
pub use orthant_data as data;
pub use orthant_geometry as geometry;
pub use orthant_infer as infer;
pub use orthant_kernels as kernels;
pub use orthant_model as model;
pub use orthant_report as report;
pub use orthant_train as train;

/// The README's example, compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
