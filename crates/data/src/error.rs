//! What can be wrong with images.

use std::error;
use std::fmt;

/// A rule that images break.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// An image shape has a 0.
    ZeroShape {
        /// `[height, width, channels]`.
        found: [usize; 3],
    },
    /// There are more or fewer pixels than shape and labels ask for.
    PixelCount {
        /// Images, one for each label.
        images: usize,
        /// `[height, width, channels]` of an image.
        shape: [usize; 3],
        /// Their product.
        expected: usize,
        /// Bytes of pixels.
        found: usize,
    },
    /// A validation set takes every image, or more.
    Validation {
        /// Images asked for.
        asked: usize,
        /// Images to take them from.
        images: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroShape {
                found: [height, width, channels],
            } => write!(
                f,
                "an image is {height} x {width} x {channels}, expected at least 1 of each"
            ),
            Self::PixelCount {
                images,
                shape: [height, width, channels],
                expected,
                found,
            } => write!(
                f,
                "{images} images of {height} x {width} x {channels} have {found} bytes, \
                 expected {expected}"
            ),
            Self::Validation { asked, images } => write!(
                f,
                "{asked} of {images} images are asked for validation, expected fewer than all"
            ),
        }
    }
}

impl error::Error for Error {}
