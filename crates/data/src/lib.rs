//! Datasets of labelled images.
#![forbid(unsafe_code)]

mod error;
mod images;

pub use error::Error;
pub use images::Images;
