//! What can be wrong with a report.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A rule that the system breaks.
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
        }
    }
}

/// A message holds its cause; there is no second one to print.
impl error::Error for Error {}
