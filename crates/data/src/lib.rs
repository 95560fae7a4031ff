//! Datasets of labelled images, their augmentation, and batches that a seed repeats.
#![forbid(unsafe_code)]

mod augment;
mod batches;
mod cifar10;
mod dataset;
mod epoch;
mod error;
mod file;
mod idx;
mod images;
mod mnist;
mod random;
mod source;

pub use augment::Augment;
pub use batches::Batches;
pub use dataset::Dataset;
pub use epoch::{Batch, Epoch, Order};
pub use error::Error;
pub use images::Images;
pub use source::Source;
