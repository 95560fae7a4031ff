//! What can be wrong with a picture.

use std::error;
use std::fmt::{self, Display, Formatter};
use std::io;

use super::{Colour, Format, LIMIT_PIXELS};

/// A rule that a picture, or what stands in its place, breaks.
///
/// No variant names the file: who reads it knows its name.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The system refuses to open or read the file.
    Io {
        /// The system's reason.
        source: io::Error,
    },
    /// What stands in the file's place is none.
    NotAFile {
        /// Whether it is a directory; otherwise a pipe, socket or device.
        directory: bool,
    },
    /// A file is longer than a picture may be.
    TooLong {
        /// Its bytes; `None` of a stream that was left at the limit.
        found_bytes: Option<u64>,
        /// The most bytes it may have.
        limit_bytes: u64,
    },
    /// A file has no bytes.
    Empty,
    /// A file is neither png nor jpg.
    Format {
        /// The media type of what it is, if that is known.
        found: Option<&'static str>,
    },
    /// A file cannot be decoded.
    Damaged {
        /// What it seems to be.
        format: Format,
        /// The decoder's reason.
        reason: String,
    },
    /// A JPEG's end marker is missing.
    CutOff,
    /// A picture has more pixels than any may have.
    TooManyPixels {
        /// Width and height.
        found: [u32; 2],
    },
    /// A picture is wanted of other channels than 1 or 3.
    WantedChannels {
        /// The channels.
        found: usize,
    },
    /// A picture is wanted of more pixels than any may have.
    WantedPixels {
        /// Height and width.
        found: [usize; 2],
    },
    /// A picture is not the one that is wanted and may not be made so.
    Unlike {
        /// Width and height, upright.
        found: [u32; 2],
        /// Its colours.
        found_colour: Colour,
        /// Width and height that are wanted.
        expected: [u32; 2],
        /// The colours that are wanted.
        expected_colour: Colour,
        /// Whether resizing is needed and was not allowed.
        resize: bool,
        /// Whether converting colours is needed and was not allowed.
        convert: bool,
    },
}

impl Error {
    /// What a file is refused for, without its name.
    pub(super) fn of_file(error: crate::Error) -> Self {
        match error {
            crate::Error::Io { source, .. } => Self::Io { source },
            crate::Error::NotAFile { directory, .. } => Self::NotAFile { directory },
            crate::Error::TooLarge {
                found_bytes,
                limit_bytes,
                ..
            } => Self::TooLong {
                found_bytes: Some(found_bytes),
                limit_bytes,
            },
            other => Self::Io {
                source: io::Error::other(other),
            },
        }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const EXPECTED: &str = "expected a png or jpg file";
        const LIMIT_MEGAPIXELS: u64 = LIMIT_PIXELS / 1_000_000;
        match self {
            Self::Io { source } => write!(f, "{source}, {EXPECTED}"),
            Self::NotAFile { directory: true } => write!(f, "found a directory, {EXPECTED}"),
            Self::NotAFile { directory: false } => write!(
                f,
                "found a pipe or device (`-` reads standard input), {EXPECTED}"
            ),
            Self::TooLong {
                found_bytes: Some(found),
                limit_bytes,
            } => write!(f, "file has {found} bytes, expected at most {limit_bytes}"),
            Self::TooLong {
                found_bytes: None,
                limit_bytes,
            } => write!(f, "found more bytes, expected at most {limit_bytes}"),
            Self::Empty => write!(f, "found nothing, {EXPECTED}"),
            Self::Format { found } => {
                write!(f, "found {}, {EXPECTED}", found.unwrap_or("another format"))
            }
            Self::Damaged { format, reason } => {
                write!(f, "damaged or unknown kind of {format}: {reason}")
            }
            Self::CutOff => f.write_str("jpg is cut off: its end marker is missing"),
            Self::TooManyPixels {
                found: [width, height],
            } => write!(
                f,
                "picture is {width}x{height}, expected at most {LIMIT_MEGAPIXELS} megapixels"
            ),
            Self::WantedChannels { found } => write!(
                f,
                "the model takes {found} channels, expected 1 (gray) or 3 (RGB) to classify \
                 pictures"
            ),
            Self::WantedPixels {
                found: [height, width],
            } => write!(
                f,
                "the model takes pictures of {width}x{height}, expected at most \
                 {LIMIT_MEGAPIXELS} megapixels"
            ),
            Self::Unlike {
                found: [width, height],
                found_colour,
                expected: [wanted_width, wanted_height],
                expected_colour,
                resize,
                convert,
            } => {
                write!(
                    f,
                    "picture is {width}x{height} {found_colour}, \
                     expected {wanted_width}x{wanted_height} {expected_colour}"
                )?;
                if *resize {
                    f.write_str("; --resize resizes it")?;
                }
                if *convert {
                    let mark = if *resize { "," } else { ";" };
                    write!(f, "{mark} --convert converts its colours")?;
                }
                Ok(())
            }
        }
    }
}

/// A message holds its cause; there is no second one to print.
impl error::Error for Error {}
