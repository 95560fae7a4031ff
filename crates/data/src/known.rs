//! What is known of a dataset before a file of it is read.

use std::str::FromStr;

use orthant_bits::InputContract;

use crate::dataset::contract;
use crate::source::nearest;
use crate::{Error, cifar10, digits, mnist};

/// A dataset that the program can read, wherever its files lie.
///
/// [`FromStr`] reads the name with or without a directory behind it: what a recipe names needs no
/// files to be known.
///
/// # Example
/// ```
/// use orthant_data::Known;
///
/// let cifar: Known = "cifar10".parse()?;
/// assert_eq!(cifar.shape(), [32, 32, 3]);
/// assert_eq!("cifar10:/data/cifar".parse::<Known>()?, cifar);
/// # Ok::<(), orthant_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Known {
    /// [`Source::Digits`](crate::Source::Digits).
    Digits,
    /// [`Source::Cifar10`](crate::Source::Cifar10).
    Cifar10,
    /// [`Source::Mnist`](crate::Source::Mnist).
    Mnist,
    /// [`Source::FashionMnist`](crate::Source::FashionMnist).
    FashionMnist,
}

impl Known {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Digits, Self::Cifar10, Self::Mnist, Self::FashionMnist];

    /// The name that sources use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Cifar10 => "cifar10",
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
        }
    }

    /// Height, width and channels of an image, in the files as they are published.
    ///
    /// MNIST's files say their own size, so that a set in their format may have another.
    pub const fn shape(self) -> [usize; 3] {
        match self {
            Self::Digits => digits::SHAPE,
            Self::Cifar10 => cifar10::SHAPE,
            Self::Mnist | Self::FashionMnist => mnist::SHAPE,
        }
    }

    /// The largest pixel value that can occur.
    pub const fn largest(self) -> u8 {
        match self {
            Self::Digits => digits::LARGEST,
            Self::Cifar10 => cifar10::LARGEST,
            Self::Mnist | Self::FashionMnist => mnist::LARGEST,
        }
    }

    /// Number of classes.
    pub const fn classes(self) -> usize {
        match self {
            Self::Digits => digits::CLASSES,
            Self::Cifar10 => cifar10::CLASSES.len(),
            Self::Mnist => mnist::MNIST.classes.len(),
            Self::FashionMnist => mnist::FASHION.classes.len(),
        }
    }

    /// What its pixels stand for: [`Dataset::contract`](crate::Dataset::contract).
    pub fn contract(self) -> InputContract {
        contract(self.largest(), self.shape()[2])
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
        assert_eq!(known.shape(), digits.train().shape());
        assert_eq!(known.classes(), digits.classes().len());
        assert_eq!(known.largest(), digits.largest());
        assert_eq!(known.contract(), digits.contract());
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
