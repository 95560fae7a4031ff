//! Datasets of labelled images.
#![forbid(unsafe_code)]

mod dataset;
mod error;
mod images;

pub use dataset::Dataset;
pub use error::Error;
pub use images::Images;
