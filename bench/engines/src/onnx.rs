//! The network as ONNX files in memory, for the engines that read them.

mod float32;
mod graph;
mod int8;
mod message;

pub use float32::float32;
pub use int8::{Parts, int8};
