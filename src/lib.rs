//! Binary (±1) and ternary neural networks on ordinary CPUs.
//!
//! The crate re-exports what the parts of the toolkit offer, lowest first: [`bits`] is how ±1 and
//! ternary numbers lie in memory, [`kernels`] the arithmetic on them, [`model`] what a network is,
//! [`infer`] runs a packed one, [`data`] holds the images, [`train`] recipes and their training.

#![forbid(unsafe_code)]

pub use orthant_bits as bits;
pub use orthant_data as data;
pub use orthant_infer as infer;
pub use orthant_kernels as kernels;
pub use orthant_model as model;
pub use orthant_train as train;

/// The README's example, compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
