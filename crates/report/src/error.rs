//! What can be wrong with a report.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A rule that the system or a directory breaks.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The system refuses to make or to write a file.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A directory has event files of all names that a run of this second may take.
    Taken {
        /// The directory.
        directory: PathBuf,
        /// The last name.
        last: String,
    },
}

impl Error {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "cannot write {}: {source}", path.display()),
            Self::Taken { directory, last } => write!(
                f,
                "{} has event files up to {last}, expected a free name; take another directory",
                directory.display()
            ),
        }
    }
}

/// A message holds its cause; there is no second one to print.
impl error::Error for Error {}
