//! What is known of a dataset before a file of it is read.

use std::str::FromStr;

use orthant_bits::InputContract;

use crate::dataset::contract;
use crate::source::nearest;
use crate::{Error, cifar, digits, folder, mnist};

/// A dataset, or a layout of files, that the program can read, wherever it lies.
///
/// [`FromStr`] reads the name with or without a directory behind it: what a recipe names needs no
/// files to be known.
///
/// # Example
/// ```
/// use orthant_data::Known;
///
/// let cifar: Known = "cifar10".parse()?;
/// assert_eq!(cifar.shape(), Some([32, 32, 3]));
/// assert_eq!("cifar10:/data/cifar".parse::<Known>()?, cifar);
/// // What a folder holds is known once it is read.
/// assert_eq!("folder:flowers".parse::<Known>()?.shape(), None);
/// # Ok::<(), orthant_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Known {
    /// [`Source::Digits`](crate::Source::Digits).
    Digits,
    /// [`Source::Cifar10`](crate::Source::Cifar10).
    Cifar10,
    /// [`Source::Cifar100`](crate::Source::Cifar100).
    Cifar100,
    /// [`Source::Mnist`](crate::Source::Mnist).
    Mnist,
    /// [`Source::FashionMnist`](crate::Source::FashionMnist).
    FashionMnist,
    /// [`Source::Folder`](crate::Source::Folder).
    Folder,
    /// [`Source::Parquet`](crate::Source::Parquet).
    Parquet,
}

impl Known {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Digits,
        Self::Cifar10,
        Self::Cifar100,
        Self::Mnist,
        Self::FashionMnist,
        Self::Folder,
        Self::Parquet,
    ];

    /// The name that sources use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Cifar10 => "cifar10",
            Self::Cifar100 => "cifar100",
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Folder => "folder",
            Self::Parquet => "parquet",
        }
    }

    /// Height, width and channels of an image, in the files as they are published.
    ///
    /// `None` of a layout, whose files alone say it. MNIST's files say their own size, so that a
    /// set in their format may have another.
    pub const fn shape(self) -> Option<[usize; 3]> {
        match self {
            Self::Digits => Some(digits::SHAPE),
            Self::Cifar10 | Self::Cifar100 => Some(cifar::SHAPE),
            Self::Mnist | Self::FashionMnist => Some(mnist::SHAPE),
            Self::Folder | Self::Parquet => None,
        }
    }

    /// The largest pixel value that can occur.
    pub const fn largest(self) -> u8 {
        match self {
            Self::Digits => digits::LARGEST,
            Self::Cifar10 | Self::Cifar100 => cifar::LARGEST,
            Self::Mnist | Self::FashionMnist => mnist::LARGEST,
            Self::Folder | Self::Parquet => folder::LARGEST,
        }
    }

    /// Number of classes; `None` of a layout, whose files alone say it.
    pub const fn classes(self) -> Option<usize> {
        match self {
            Self::Digits => Some(digits::CLASSES),
            Self::Cifar10 => Some(cifar::CIFAR10.classes),
            Self::Cifar100 => Some(cifar::CIFAR100.classes),
            Self::Mnist => Some(mnist::MNIST.classes.len()),
            Self::FashionMnist => Some(mnist::FASHION.classes.len()),
            Self::Folder | Self::Parquet => None,
        }
    }

    /// What its pixels stand for: [`Dataset::contract`](crate::Dataset::contract); `None` of a
    /// layout, whose files alone say how many channels there are.
    pub fn contract(self) -> Option<InputContract> {
        let [.., channels] = self.shape()?;
        Some(contract(self.largest(), channels))
    }
}

impl FromStr for Known {
    type Err = Error;

    /// Reads `name` or `name:DIR`.
    ///
    /// # Errors
    /// An unknown name.
    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.split_once(':').map_or(text, |(name, _)| name);
        let mut all = Self::ALL.into_iter();
        all.find(|known| known.name() == name)
            .ok_or_else(|| Error::UnknownName {
                found: name.to_owned(),
                nearest: nearest(name),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dataset, Source};

    #[test]
    fn what_is_known_is_what_the_files_say() {
        // Of the others only the constants can be held against their readers, which use them.
        let known = Known::Digits;
        let digits = Dataset::open(&Source::Digits).expect("built in");
        assert_eq!(known.shape(), Some(digits.train().shape()));
        assert_eq!(known.classes(), Some(digits.classes().len()));
        assert_eq!(known.largest(), digits.largest());
        assert_eq!(known.contract(), Some(digits.contract()));
    }

    #[test]
    fn a_directory_may_follow_the_name() {
        for known in Known::ALL {
            let name = known.name();
            assert_eq!(name.parse::<Known>().expect(name), known);
            let with = format!("{name}:some/where:else");
            assert_eq!(with.parse::<Known>().expect(name), known);
        }
        let error = "cifar-10:x".parse::<Known>().expect_err("unknown");
        assert!(matches!(
            error,
            Error::UnknownName { found, nearest: Some("cifar10") } if found == "cifar-10"
        ));
    }
}
