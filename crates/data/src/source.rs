//! Where a dataset lies, as typed: `digits`, `cifar10:DIR`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::{Error, Known};

/// A dataset's name and, where it is not built in, its directory.
///
/// [`FromStr`] reads what [`Display`](fmt::Display) writes. A path that is not UTF-8 cannot be
/// typed so; the variants take it.
///
/// # Example
/// ```
/// use orthant_data::Source;
///
/// let source: Source = "cifar10:/data/cifar".parse()?;
/// assert_eq!(source, Source::Cifar10("/data/cifar".into()));
/// assert_eq!(source.to_string(), "cifar10:/data/cifar");
///
/// let error = "fashion-mnits".parse::<Source>().unwrap_err();
/// assert!(error.to_string().contains("did you mean fashion-mnist?"));
/// # Ok::<(), orthant_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// `digits`: 1,797 images of 8 x 8 in 17 greys, built in.
    ///
    /// UCI's *Optical Recognition of Handwritten Digits* (E. Alpaydin and C. Kaynak, 1998,
    /// CC BY 4.0), the part that scikit-learn distributes. The source is ordered by writer; this
    /// split is stratified and random, 1,437 for training and 360 for test, and fixed for good.
    /// It mixes writers: a linear classifier scores 97.5 % on it and 90.0 % on the source's last
    /// 360 images after its first 1,437. The training split is shuffled once, so that its last
    /// images, a validation set, are those of many writers too.
    Digits,
    /// `cifar10:DIR`: 60,000 images of 32 x 32 in colour, the official binary version.
    ///
    /// The directory, or `cifar-10-batches-bin` in it, holds `data_batch_1.bin` to
    /// `data_batch_5.bin` and `test_batch.bin`.
    Cifar10(PathBuf),
    /// `mnist:DIR`: 70,000 digits of 28 x 28 in 256 greys.
    ///
    /// The directory holds the four IDX files, `train-images-idx3-ubyte` and so on, plain or
    /// with `.gz`; where it has both, the plain one is read.
    Mnist(PathBuf),
    /// `fashion-mnist:DIR`: 70,000 images of clothes in MNIST's format.
    ///
    /// `fashion-mnist` alone, `None`, is `/usr/share/datasets/fashion-mnist`, where Debian's
    /// package `dataset-fashion-mnist` puts it.
    FashionMnist(Option<PathBuf>),
}

/// All that can be typed, for messages.
pub(crate) const KNOWN: &str = "digits, cifar10:DIR, mnist:DIR, fashion-mnist or fashion-mnist:DIR";

impl Source {
    /// Which dataset it is.
    pub fn known(&self) -> Known {
        match self {
            Self::Digits => Known::Digits,
            Self::Cifar10(_) => Known::Cifar10,
            Self::Mnist(_) => Known::Mnist,
            Self::FashionMnist(_) => Known::FashionMnist,
        }
    }

    /// The name without the directory.
    pub fn name(&self) -> &'static str {
        self.known().name()
    }
}

impl fmt::Display for Source {
    /// Writes `name` or `name:DIR`; what of a path is not UTF-8 is replaced.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits | Self::FashionMnist(None) => f.write_str(self.name()),
            Self::Cifar10(directory)
            | Self::Mnist(directory)
            | Self::FashionMnist(Some(directory)) => {
                write!(f, "{}:{}", self.name(), directory.display())
            }
        }
    }
}

impl Source {
    /// The same with an absolute directory.
    ///
    /// # Errors
    /// A current directory that cannot be found.
    pub fn absolute(self) -> std::io::Result<Self> {
        let absolute = std::path::absolute::<PathBuf>;
        Ok(match self {
            Self::Digits => Self::Digits,
            Self::Cifar10(directory) => Self::Cifar10(absolute(directory)?),
            Self::Mnist(directory) => Self::Mnist(absolute(directory)?),
            Self::FashionMnist(directory) => {
                Self::FashionMnist(directory.map(absolute).transpose()?)
            }
        })
    }
}

impl FromStr for Source {
    type Err = Error;

    /// Reads `name` or `name:DIR`; what follows the first `:` is the path, further ones included.
    ///
    /// # Errors
    /// An unknown name, a directory that is wanting or not wanted.
    fn from_str(text: &str) -> Result<Self, Error> {
        let known: Known = text.parse()?;
        let directory = text.split_once(':').map(|(_, directory)| directory);
        match (known, directory) {
            (Known::Digits, None) => Ok(Self::Digits),
            (Known::Digits, Some(directory)) => Err(Error::DirectoryNotWanted {
                found: directory.to_owned(),
            }),
            (Known::FashionMnist, None) => Ok(Self::FashionMnist(None)),
            (_, None | Some("")) => Err(Error::DirectoryWanting { name: known.name() }),
            (Known::Cifar10, Some(directory)) => Ok(Self::Cifar10(directory.into())),
            (Known::Mnist, Some(directory)) => Ok(Self::Mnist(directory.into())),
            (Known::FashionMnist, Some(directory)) => {
                Ok(Self::FashionMnist(Some(directory.into())))
            }
        }
    }
}

/// The known name with the fewest edits from `name`, unless they replace most of it.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let (edits, known) = Known::ALL
        .into_iter()
        .map(Known::name)
        .map(|known| (strsim::damerau_levenshtein(&name, known), known))
        .min_by_key(|&(edits, _)| edits)?;
    (edits <= known.len() / 2).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in [
            "digits",
            "cifar10:data",
            "cifar10:C:\\data: new",
            "cifar10:cifar10:x",
            "mnist:/",
            "fashion-mnist",
            "fashion-mnist:ä/ö",
        ] {
            let source: Source = text.parse().expect(text);
            assert_eq!(source.to_string(), text);
        }
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        for (typed, expected) in [
            ("cifar-10", Some("cifar10")),
            ("CIFAR10:dir", Some("cifar10")),
            ("cifar100", Some("cifar10")),
            ("digit", Some("digits")),
            ("fashion_mnist", Some("fashion-mnist")),
            ("minst", Some("mnist")),
            ("imagenet", None),
            ("", None),
        ] {
            match typed.parse::<Source>() {
                Err(Error::UnknownName { nearest, .. }) => assert_eq!(nearest, expected, "{typed}"),
                other => panic!("{typed} gives {other:?}"),
            }
        }
    }

    #[test]
    fn the_error_lists_every_name() {
        let error = "imagenet:x".parse::<Source>().expect_err("unknown");
        let text = error.to_string();
        assert!(
            Known::ALL.iter().all(|known| text.contains(known.name())),
            "{text}"
        );
    }

    #[test]
    fn a_directory_is_given_exactly_where_one_is_needed() {
        for text in ["cifar10", "cifar10:", "mnist", "mnist:", "fashion-mnist:"] {
            let error = text.parse::<Source>().expect_err(text);
            let named = matches!(
                error,
                Error::DirectoryWanting { name } if text.starts_with(name)
            );
            assert!(named, "{error:?}");
        }
        let error = "digits:x"
            .parse::<Source>()
            .expect_err("digits are built in");
        assert!(matches!(error, Error::DirectoryNotWanted { found } if found == "x"));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_need_not_be_utf8() {
        use std::os::unix::ffi::OsStringExt;
        let path = PathBuf::from(std::ffi::OsString::from_vec(b"d\xffta".to_vec()));
        let source = Source::Mnist(path.clone());
        assert_eq!(source.to_string(), "mnist:d\u{fffd}ta");
        assert!(matches!(
            crate::Dataset::open(&source),
            Err(Error::Missing { directory, .. }) if directory == path
        ));
    }
}
