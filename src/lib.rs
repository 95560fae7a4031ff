//! Binary (±1) and ternary neural networks on ordinary CPUs.

pub use orthant_bits as bits;
