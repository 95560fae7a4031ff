//! What can be wrong with a report.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A rule that the system or a caller's numbers break.
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
    /// Bins cannot divide such a range.
    Bins {
        /// What the axis measures.
        label: String,
        /// From and to.
        range: [f64; 2],
        /// How many bins.
        count: usize,
    },
    /// A histogram has more or fewer counts than cells.
    Counts {
        /// The histogram.
        title: String,
        /// Bins of y, bins of x.
        shape: [usize; 2],
        /// How many counts there are.
        found: usize,
    },
    /// A row of a table has more or fewer cells than the table has columns.
    Cells {
        /// Which row, from 0.
        row: usize,
        /// Columns.
        expected: usize,
        /// Cells.
        found: usize,
    },
    /// What is to become a PNG is not an SVG.
    #[cfg(feature = "png")]
    Svg {
        /// What the reader says.
        reason: String,
    },
    /// A PNG would have too many pixels, or none.
    #[cfg(feature = "png")]
    Pixels {
        /// Width and height.
        size: [f32; 2],
        /// Most pixels.
        most: f64,
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
            Self::Bins {
                label,
                range: [low, high],
                count,
            } => write!(
                f,
                "{label}: {count} bins from {low} to {high}, expected at least 1 from a number to \
                 a larger one, both below 1e100"
            ),
            Self::Counts {
                title,
                shape: [rows, columns],
                found,
            } => write!(
                f,
                "{title}: {found} counts, expected {rows} x {columns}, a row for each bin of y"
            ),
            Self::Cells {
                row,
                expected,
                found,
            } => write!(
                f,
                "row {row} of a table has {found} cells, expected {expected}"
            ),
            #[cfg(feature = "png")]
            Self::Svg { reason } => write!(f, "expected an SVG to make a PNG of: {reason}"),
            #[cfg(feature = "png")]
            Self::Pixels {
                size: [width, height],
                most,
            } => write!(
                f,
                "a PNG of {width} x {height} pixels, expected 1 to {most}: choose another scale"
            ),
        }
    }
}

/// A message holds its cause; there is no second one to print.
impl error::Error for Error {}
