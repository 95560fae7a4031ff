//! What can be wrong with a dataset or with an order for batches.

use std::error;
use std::fmt;
use std::io;

/// A rule that a dataset or an order breaks.
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
    /// A dataset's largest pixel value is 0.
    ZeroLargest {
        /// The dataset.
        dataset: String,
    },
    /// A dataset's splits have images of different shapes.
    SplitShapes {
        /// The dataset.
        dataset: String,
        /// `[height, width, channels]` of a training image.
        train: [usize; 3],
        /// `[height, width, channels]` of a test image.
        test: [usize; 3],
    },
    /// A label in a split is not below the number of classes.
    SplitLabel {
        /// The dataset.
        dataset: String,
        /// `training` or `test`.
        split: &'static str,
        /// The image in the split.
        image: usize,
        /// Its label.
        found: u8,
        /// The number of classes.
        classes: usize,
    },
    /// A pixel in a split is above the largest value.
    SplitPixel {
        /// The dataset.
        dataset: String,
        /// `training` or `test`.
        split: &'static str,
        /// The image in the split.
        image: usize,
        /// The pixel's value.
        found: u8,
        /// The largest value that the dataset allows.
        largest: u8,
    },
    /// A validation set takes every image, or more.
    Validation {
        /// Images asked for.
        asked: usize,
        /// Images to take them from.
        images: usize,
    },
    /// An epoch is asked of no images.
    NoImages,
    /// A batch is asked to hold no image.
    ZeroBatch,
    /// A batch is larger than the split.
    BatchTooLarge {
        /// Images of a batch.
        batch: usize,
        /// Images of the split.
        images: usize,
    },
    /// A crop may leave nothing of an image.
    CropTooLarge {
        /// Pixels added on each side.
        crop: usize,
        /// `[height, width]` of an image.
        image: [usize; 2],
    },
    /// An epoch is to be resumed after its end.
    NoSuchBatch {
        /// The first batch asked for.
        first: usize,
        /// Batches of the epoch.
        batches: usize,
    },
    /// The system refuses the thread that prepares batches.
    Thread {
        /// The system's reason.
        source: io::Error,
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
            Self::ZeroLargest { dataset } => write!(
                f,
                "the largest pixel value of {dataset} is 0, expected at least 1"
            ),
            Self::SplitShapes {
                dataset,
                train,
                test,
            } => write!(
                f,
                "test images of {dataset} are {} x {} x {}, expected {} x {} x {} as in training",
                test[0], test[1], test[2], train[0], train[1], train[2]
            ),
            Self::SplitLabel {
                dataset,
                split,
                image,
                found,
                classes,
            } => write!(
                f,
                "{dataset}: {split} image {image} has the label {found}, \
                 expected one below {classes}"
            ),
            Self::SplitPixel {
                dataset,
                split,
                image,
                found,
                largest,
            } => write!(
                f,
                "{dataset}: {split} image {image} has a pixel of {found}, \
                 expected at most {largest}"
            ),
            Self::Validation { asked, images } => write!(
                f,
                "{asked} of {images} images are asked for validation, expected fewer than all"
            ),
            Self::NoImages => write!(f, "there are no images, expected at least 1"),
            Self::ZeroBatch => write!(f, "a batch holds 0 images, expected at least 1"),
            Self::BatchTooLarge { batch, images } => write!(
                f,
                "a batch holds {batch} images, expected at most {images}, all there are"
            ),
            Self::CropTooLarge {
                crop,
                image: [height, width],
            } => write!(
                f,
                "the crop pads by {crop} pixels, expected fewer than the sides of an image of \
                 {height} x {width}"
            ),
            Self::NoSuchBatch { first, batches } => write!(
                f,
                "the epoch is resumed at batch {first}, expected at most {batches}, its number"
            ),
            Self::Thread { source } => {
                write!(f, "cannot start the thread that prepares batches: {source}")
            }
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Thread { source } => Some(source),
            _ => None,
        }
    }
}
