//! What an engine is here, and which of them are built in.

use std::error::Error;
use std::fmt;

use crate::images::Images;
use crate::network::{Activation, Network};

/// A network that is loaded, with a batch at hand.
pub trait Engine {
    /// Computes the batch: what is timed. Returns logits, `[images, CLASSES]`.
    ///
    /// # Errors
    /// The engine's own.
    fn logits(&mut self) -> Result<Vec<f32>, Box<dyn Error>>;
}

/// Images that float32 engines take at a time from a larger batch.
///
/// With 64 images at once the activations leave the cache: tract is then slower by 16 %, rten and
/// candle by 4 %, which is within the spread (medians of 9 slices on Zen 3; 16 are as good as 8).
pub const AT_ONCE: usize = 8;

/// Loads a network for a batch of images.
pub type Load = fn(&Network, &Images) -> Result<Box<dyn Engine>, Box<dyn Error>>;

/// What weights and activations are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// 32-bit real numbers.
    Float32,
    /// 8-bit integers, a scale per output.
    Int8,
    /// ±1, one bit each.
    Binary,
}

impl Precision {
    /// The activation that this precision computes at no cost.
    ///
    /// A rectifier is the cheapest that real numbers have. 8-bit integers saturate, which is a hard
    /// tanh, with 0 in the middle, so that a border of zeros is zeros in integers too.
    pub fn activation(self) -> Activation {
        match self {
            Self::Float32 => Activation::Relu,
            Self::Int8 => Activation::HardTanh,
            Self::Binary => Activation::Sign,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Float32 => "float32",
            Self::Int8 => "int8",
            Self::Binary => "binary",
        })
    }
}

/// An engine in one precision.
pub struct Entry {
    /// The crate and its version.
    pub name: &'static str,
    /// What weights and activations are.
    pub precision: Precision,
    /// Loads the network with this precision's activation.
    pub load: Load,
}

/// Every engine whose feature is on, ours first.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "orthant",
        precision: Precision::Binary,
        load: crate::orthant::binary,
    },
    #[cfg(feature = "rten")]
    Entry {
        name: "rten 0.27.0",
        precision: Precision::Float32,
        load: crate::rten::float32,
    },
    #[cfg(feature = "rten")]
    Entry {
        name: "rten 0.27.0",
        precision: Precision::Int8,
        load: crate::rten::int8,
    },
    #[cfg(feature = "tract")]
    Entry {
        name: "tract 0.23.9",
        precision: Precision::Float32,
        load: crate::tract::float32,
    },
    #[cfg(feature = "candle")]
    Entry {
        name: "candle 0.11.1",
        precision: Precision::Float32,
        load: crate::candle::float32,
    },
];
