//! Data sets from bytes that are not in files of their own: fetched, embedded, or made up.

use std::io::Read;
use std::path::Path;

use crate::{Dataset, Error, Known, cifar, folder, mnist};

impl Dataset {
    /// Reads a `.tar.gz` as [`open`](Self::open) reads the archive at a path.
    ///
    /// `name` stands in errors. Nothing is unpacked to disk, and memory is taken for what is there
    /// rather than for what is claimed.
    ///
    /// # Errors
    /// Those of [`open`](Self::open); a data set other than CIFAR-10, CIFAR-100 and a folder of
    /// pictures, which alone come in archives.
    pub fn from_archive(known: Known, name: &Path, packed: impl Read) -> Result<Self, Error> {
        match known {
            Known::Cifar10 => cifar::read_archive(&cifar::CIFAR10, name, packed),
            Known::Cifar100 => cifar::read_archive(&cifar::CIFAR100, name, packed),
            Known::Folder => folder::read_archive(name, packed),
            _ => Err(Error::NotBytes {
                name: known.name(),
                expected: "cifar10, cifar100 or folder",
            }),
        }
    }

    /// Reads the records of CIFAR-10's or CIFAR-100's binary version: training, then test split.
    ///
    /// CIFAR-100's classes are called by their numbers, since no record has their names.
    ///
    /// # Errors
    /// Bytes that are not a whole number of records above 0, a label without a class; another
    /// data set.
    pub fn from_records(known: Known, splits: [&[u8]; 2]) -> Result<Self, Error> {
        match known {
            Known::Cifar10 => cifar::read_records(&cifar::CIFAR10, splits),
            Known::Cifar100 => cifar::read_records(&cifar::CIFAR100, splits),
            _ => Err(Error::NotBytes {
                name: known.name(),
                expected: "cifar10 or cifar100",
            }),
        }
    }

    /// Reads four IDX files: training images and labels, test images and labels.
    ///
    /// Each is plain, or gzipped, which its first bytes tell.
    ///
    /// # Errors
    /// Bytes that break a rule of gzip or IDX, labels in another number than images, or without a
    /// class; another data set than MNIST and Fashion-MNIST.
    pub fn from_idx(known: Known, files: [&[u8]; 4]) -> Result<Self, Error> {
        match known {
            Known::Mnist => mnist::read_bytes(&mnist::MNIST, files),
            Known::FashionMnist => mnist::read_bytes(&mnist::FASHION, files),
            _ => Err(Error::NotBytes {
                name: known.name(),
                expected: "mnist or fashion-mnist",
            }),
        }
    }

    /// Reads the parquet files of a training and a test split.
    ///
    /// # Errors
    /// Those of [`Source::Parquet`](crate::Source::Parquet).
    #[cfg(feature = "parquet")]
    pub fn from_parquet(train: Vec<Vec<u8>>, test: Vec<Vec<u8>>) -> Result<Self, Error> {
        crate::parquet::read_bytes(train, test)
    }
}
