//! Datasets of labelled images, their augmentation, and batches that a seed repeats.
//!
//! A [`Source`] says where a dataset lies, [`Dataset::open`] reads it whole, and [`Batches`]
//! gives one epoch of a split, prepared on another thread. Pixels stay the bytes of the file, those
//! of a [`picture`] decoded, `[image, height, width, channels]`; what they stand for is the
//! dataset's input contract. What is [`Known`] of a published dataset needs no file of it.
//!
//! ```
//! use std::sync::Arc;
//! use orthant_data::{Batches, Dataset, Order, Source};
//!
//! let digits = Dataset::open(&"digits".parse::<Source>()?)?;
//! assert_eq!(digits.contract().b, [8]);
//!
//! let (train, test) = digits.into_splits();
//! let (train, validation) = train.split_last(200)?;
//! assert_eq!([train.len(), validation.len(), test.len()], [1237, 200, 360]);
//!
//! let order = Order { batch: 100, shuffle: true, augment: None, seed: 1 };
//! let sizes: Vec<usize> = Batches::try_new(Arc::new(train), order, 0)?
//!     .map(|batch| batch.labels.len())
//!     .collect();
//! assert_eq!(sizes.len(), 13);
//! assert_eq!(sizes.last(), Some(&37));
//! # Ok::<(), orthant_data::Error>(())
//! ```
#![forbid(unsafe_code)]

mod archive;
mod augment;
mod batches;
mod bytes;
mod cifar;
mod dataset;
mod digits;
mod epoch;
mod error;
#[cfg(feature = "fetch")]
mod fetch;
mod file;
mod folder;
mod idx;
mod images;
mod known;
mod mnist;
#[cfg(feature = "parquet")]
mod parquet;
pub mod picture;
mod pictures;
mod place;
mod published;
mod random;
mod sheet;
mod source;
mod summary;
mod write;

pub use augment::Augment;
pub use batches::Batches;
pub use dataset::Dataset;
pub use epoch::{Batch, Epoch, Order};
pub use error::Error;
#[cfg(feature = "fetch")]
pub use fetch::{FetchError, FetchEvent, FetchOptions, Fetched, fetch};
pub use images::Images;
pub use known::Known;
#[cfg(feature = "parquet")]
pub use parquet::PARQUET_THREAD;
pub use place::directory as default_directory;
pub use published::{Published, RemoteFile};
pub use sheet::Sheet;
pub use source::Source;
pub use summary::{Duplicates, SplitSummary, Summary};
pub use write::{Target, WriteError, Written};
