//! What can go wrong with a run.

use alloc::string::String;
use core::fmt;

/// Why a network cannot be run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A layer that the kernels refuse, or numbers that are not.
    Layer {
        /// The layer.
        layer: String,
        /// What the kernels say.
        source: orthant_kernels::Error,
    },
    /// Pixels that are not whole images.
    Pixels {
        /// Height, width and channels of an image.
        image: [usize; 3],
        /// Bytes that are there.
        found: usize,
    },
    /// Room for logits that does not fit the images.
    Logits {
        /// Images times classes.
        expected: usize,
        /// Numbers that there is room for.
        found: usize,
    },
    /// More memory than there is, or than 16 GiB.
    Memory {
        /// Images that are run together.
        images: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer { layer, source } => write!(f, "layer {layer}: {source}"),
            Self::Pixels { image, found } => {
                let [height, width, channels] = image;
                write!(
                    f,
                    "there are {found} pixel values, expected whole images of {height} x {width} x \
                     {channels}, {} values each",
                    height * width * channels
                )
            }
            Self::Logits { expected, found } => {
                write!(f, "there is room for {found} logits, expected {expected}")
            }
            Self::Memory { images } => write!(
                f,
                "{images} image(s) at a time need more memory than there is, or than 16 GiB; \
                 expected fewer, or a smaller network"
            ),
        }
    }
}

impl core::error::Error for Error {}
