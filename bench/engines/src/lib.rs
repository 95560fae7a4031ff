//! Orthant beside other engines: what the programs share, and the network that one of them times.
#![forbid(unsafe_code)]

mod agreement;
#[cfg(feature = "candle")]
mod candle;
mod engine;
mod images;
mod machine;
mod network;
pub mod onnx;
mod orthant;
mod plain;
mod random;
#[cfg(feature = "rten")]
mod rten;
mod summary;
mod threads;
mod timing;
#[cfg(feature = "tract")]
mod tract;

pub use agreement::check;
pub use engine::{AT_ONCE, ENTRIES, Engine, Entry, Load, Precision};
pub use images::{CHANNELS, Images, SIDE, real};
pub use machine::cpu;
pub use network::{Activation, CLASSES, Layer, Network};
pub use random::Random;
pub use summary::{Summary, ratios};
pub use threads::restart_with_one;
pub use timing::{Call, Times, alternate};
