//! Where a dataset lies, as typed: `digits`, `cifar10:PATH`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::{Error, Known};

/// A dataset's name and, where it is not built in, its directory or archive.
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
    /// `cifar10:PATH`: 60,000 images of 32 x 32 in colour, the official binary version.
    ///
    /// The path is that of `cifar-10-binary.tar.gz`, or of a directory that holds
    /// `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, or has them in
    /// `cifar-10-batches-bin`.
    Cifar10(PathBuf),
    /// `cifar100:PATH`: the same of 100 classes, CIFAR-100's fine labels.
    ///
    /// The path is that of `cifar-100-binary.tar.gz`, or of a directory that holds `train.bin`,
    /// `test.bin` and `fine_label_names.txt`, or has them in `cifar-100-binary`.
    Cifar100(PathBuf),
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
    /// `folder:PATH`: pictures, png or jpg, in a directory for each class.
    ///
    /// The path is that of a directory, or of a `.tar.gz`, with `train/CLASS/NAME` and
    /// `test/CLASS/NAME`; in an archive both may lie in one more directory. Where there is no
    /// `test`, `val` or else `valid` is the test split; where there is one, these are not read.
    /// Names end in `.png`, `.jpg` or `.jpeg`; hidden files and others are passed over.
    ///
    /// Classes are the directories of `train` in the order of their names' bytes, at most 256, and
    /// the test split has no others. All pictures have one size and colour, 8-bit gray or RGB, and
    /// are turned upright. Their order is that of class and name, mixed by a seed that never
    /// changes, so that the last training images are a random sample of all.
    Folder(PathBuf),
    /// `parquet:DIR`: the parquet files of Hugging Face's image data sets.
    ///
    /// The directory, or `data` in it, holds `train-*.parquet` and `test-*.parquet`, or
    /// `validation-*.parquet` where there is no test split. Pictures are the column `img` or
    /// `image`, a group with `bytes`; classes are the column `label` or `fine_label`, whose names
    /// come from the files. What [`Folder`](Self::Folder) says of pictures and their order holds.
    ///
    /// Read by programs with the feature `parquet`.
    Parquet(PathBuf),
}

/// All that can be typed, for messages.
pub(crate) const KNOWN: &str = "digits, cifar10:PATH, cifar100:PATH, mnist:DIR, \
     fashion-mnist, fashion-mnist:DIR, folder:PATH or parquet:DIR";

impl Source {
    /// Which dataset it is.
    pub fn known(&self) -> Known {
        match self {
            Self::Digits => Known::Digits,
            Self::Cifar10(_) => Known::Cifar10,
            Self::Mnist(_) => Known::Mnist,
            Self::Cifar100(_) => Known::Cifar100,
            Self::FashionMnist(_) => Known::FashionMnist,
            Self::Folder(_) => Known::Folder,
            Self::Parquet(_) => Known::Parquet,
        }
    }

    /// The name without the directory.
    pub fn name(&self) -> &'static str {
        self.known().name()
    }
}

impl fmt::Display for Source {
    /// Writes `name` or `name:PATH`; what of a path is not UTF-8 is replaced.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits | Self::FashionMnist(None) => f.write_str(self.name()),
            Self::Cifar10(path)
            | Self::Cifar100(path)
            | Self::Mnist(path)
            | Self::FashionMnist(Some(path))
            | Self::Folder(path)
            | Self::Parquet(path) => write!(f, "{}:{}", self.name(), path.display()),
        }
    }
}

impl Source {
    /// The same with an absolute path.
    ///
    /// # Errors
    /// A current directory that cannot be found.
    pub fn absolute(self) -> std::io::Result<Self> {
        let absolute = std::path::absolute::<PathBuf>;
        Ok(match self {
            Self::Digits => Self::Digits,
            Self::Cifar10(directory) => Self::Cifar10(absolute(directory)?),
            Self::Cifar100(path) => Self::Cifar100(absolute(path)?),
            Self::Mnist(directory) => Self::Mnist(absolute(directory)?),
            Self::FashionMnist(directory) => {
                Self::FashionMnist(directory.map(absolute).transpose()?)
            }
            Self::Folder(path) => Self::Folder(absolute(path)?),
            Self::Parquet(directory) => Self::Parquet(absolute(directory)?),
        })
    }
}

impl FromStr for Source {
    type Err = Error;

    /// Reads `name` or `name:PATH`; what follows the first `:` is the path, further ones included.
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
            (Known::Cifar100, Some(path)) => Ok(Self::Cifar100(path.into())),
            (Known::Folder, Some(path)) => Ok(Self::Folder(path.into())),
            (Known::Parquet, Some(directory)) => Ok(Self::Parquet(directory.into())),
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
            "cifar100:x.tar.gz",
            "folder:a:b/c.tar.gz",
            "parquet:mnist",
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
            ("cifar-100:x", Some("cifar100")),
            ("Folder", Some("folder")),
            ("parket:x", Some("parquet")),
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
        for text in [
            "cifar10",
            "cifar10:",
            "cifar100",
            "mnist",
            "mnist:",
            "fashion-mnist:",
            "folder",
            "folder:",
            "parquet",
        ] {
            let error = text.parse::<Source>().expect_err(text);
            let named = matches!(
                error,
                Error::DirectoryWanting { name } if text.trim_end_matches(':') == name
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
        for source in [
            Source::Cifar10(path.clone()),
            Source::Cifar100(path.clone()),
            Source::Folder(path.clone()),
            Source::Parquet(path.clone()),
        ] {
            let expected = std::path::absolute(&path).expect("there is a current directory");
            let absolute = source.clone().absolute().expect("the same");
            assert!(absolute.to_string().ends_with("d\u{fffd}ta"), "{absolute}");
            let (Source::Cifar10(found)
            | Source::Cifar100(found)
            | Source::Folder(found)
            | Source::Parquet(found)) = absolute
            else {
                panic!("{source} becomes another data set");
            };
            assert_eq!(found, expected);
        }
    }
}
