//! Why a data set cannot be written.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What a format or the disk refuses.
///
/// The crate's [`Error`](crate::Error) is about data that are read; this one is about writing them.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// A target is no `folder:OUT`, `mnist:OUT` or `cifar10:OUT`.
    Target {
        /// What was typed.
        found: String,
    },
    /// Something stands under the target's name.
    Occupied {
        /// The target's directory.
        path: PathBuf,
    },
    /// A split has no image, which no format can say.
    EmptySplit {
        /// The format.
        format: &'static str,
    },
    /// The format holds ten classes.
    Classes {
        /// The format.
        format: &'static str,
        /// The data set's classes.
        found: usize,
    },
    /// The format holds images of another shape.
    Shape {
        /// The format.
        format: &'static str,
        /// What it holds, after "expected".
        expected: &'static str,
        /// `[height, width, channels]` of an image.
        found: [usize; 3],
    },
    /// The format holds another number of images of a split.
    Count {
        /// The format.
        format: &'static str,
        /// `training` or `test`.
        split: &'static str,
        /// The fewest and the most.
        expected: [usize; 2],
        /// The split's.
        found: usize,
    },
    /// A class has no training image, which the format cannot say.
    EmptyClass {
        /// The format.
        format: &'static str,
        /// The class.
        found: String,
    },
    /// A class has a name that the format cannot hold.
    ClassName {
        /// The format.
        format: &'static str,
        /// The name.
        found: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The disk refuses.
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl WriteError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { found } => write!(
                f,
                "{found:?} cannot be written, expected folder:OUT, mnist:OUT or cifar10:OUT"
            ),
            Self::Occupied { path } => write!(
                f,
                "{} is there already, expected nothing or an empty directory; name another one",
                path.display()
            ),
            Self::EmptySplit { format } => write!(
                f,
                "{format} cannot hold a split without images; expected some in both"
            ),
            Self::Classes { format, found } => write!(
                f,
                "{format} holds at most 10 classes, found {found}; folder:OUT holds up to 256"
            ),
            Self::Shape {
                format,
                expected,
                found: [height, width, channels],
            } => write!(
                f,
                "{format} holds {expected}, found {height} x {width} x {channels}"
            ),
            Self::Count {
                format,
                split,
                expected: [least, most],
                found,
            } => write!(
                f,
                "{format} holds {least} to {most} {split} images, found {found}"
            ),
            Self::EmptyClass { format, found } => write!(
                f,
                "{format} cannot hold the class {found:?} without training images; expected one \
                 of each class at least"
            ),
            Self::ClassName {
                format,
                found,
                reason,
            } => write!(f, "{format} cannot hold the class {found:?}: {reason}"),
            Self::Io { path, source } => write!(f, "cannot write {}: {source}", path.display()),
        }
    }
}

impl error::Error for WriteError {}
