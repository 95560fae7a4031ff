//! What can be wrong with a dataset or with an order for batches.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::source::KNOWN;

/// A rule that a source, a file, a dataset or an order breaks.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A dataset has a name that is not known.
    UnknownName {
        /// The name.
        found: String,
        /// The known name nearest to it, if one is near.
        nearest: Option<&'static str>,
    },
    /// A dataset that is read from a directory is named without one.
    DirectoryWanting {
        /// The dataset.
        name: &'static str,
    },
    /// The built-in digits are named with a directory.
    DirectoryNotWanted {
        /// The directory.
        found: String,
    },
    /// A directory lacks files of its dataset.
    Missing {
        /// The directory.
        directory: PathBuf,
        /// The names of all files that it lacks.
        files: Vec<&'static str>,
        /// Where the files come from.
        hint: &'static str,
    },
    /// The system refuses to open or read a file.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// What stands in a file's place is none.
    NotAFile {
        /// Its path.
        path: PathBuf,
        /// Whether it is a directory; otherwise a pipe, socket or device.
        directory: bool,
    },
    /// A file is, or says that it is, longer than any dataset of its format.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes it may have.
        limit_bytes: u64,
        /// The bytes it has or claims.
        found_bytes: u64,
    },
    /// A gzipped file is cut off or damaged.
    Gzip {
        /// The file.
        path: PathBuf,
        /// The decoder's reason.
        source: io::Error,
    },
    /// An IDX file opens with another magic number than its place asks for.
    Magic {
        /// The file.
        path: PathBuf,
        /// The magic of unsigned bytes in the right number of dimensions.
        expected: u32,
        /// The file's first four bytes, the most significant first.
        found: u32,
    },
    /// An IDX file says that one of its dimensions is 0.
    ZeroDimension {
        /// The file.
        path: PathBuf,
    },
    /// A file ends early.
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes, from the file's start and unpacked, that its next part asks for.
        expected_bytes: u64,
        /// Bytes that there are, unpacked.
        found_bytes: u64,
    },
    /// A file goes on after its last element.
    TrailingBytes {
        /// The file.
        path: PathBuf,
        /// Bytes that header and elements take, unpacked.
        expected_bytes: u64,
    },
    /// A file does not hold a whole number of records, or none.
    Records {
        /// The file.
        path: PathBuf,
        /// Bytes of a record.
        record_bytes: usize,
        /// Bytes of the file.
        found_bytes: usize,
    },
    /// A file of images and its file of labels differ in number.
    LabelCount {
        /// The file of labels.
        path: PathBuf,
        /// Images in the other file, so labels that are wanted.
        expected: usize,
        /// Labels in this one.
        found: usize,
    },
    /// A label in a file is not below the number of classes.
    Label {
        /// The file.
        path: PathBuf,
        /// The image, counted from 0 in this file.
        image: usize,
        /// Its label.
        found: u8,
        /// The number of classes.
        classes: usize,
    },
    /// A file of class names holds another number of lines, or other bytes than text.
    ClassNames {
        /// The file.
        path: PathBuf,
        /// Names that are wanted.
        expected: usize,
        /// Names that there are; none if the file is not UTF-8.
        found: Option<usize>,
    },
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
    /// A contact sheet is asked of images that are neither grey nor colour.
    SheetChannels {
        /// Numbers of a pixel.
        found: usize,
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
            Self::UnknownName { found, nearest } => {
                write!(f, "no dataset is named {found:?}")?;
                if let Some(nearest) = nearest {
                    write!(f, " (did you mean {nearest}?)")?;
                }
                write!(f, "; expected {KNOWN}")
            }
            Self::DirectoryWanting { name } => {
                write!(f, "{name} needs the directory of its files: {name}:DIR")?;
                match *name {
                    "cifar10" => write!(f, ", with {}", crate::cifar10::HINT),
                    _ => Ok(()),
                }
            }
            Self::DirectoryNotWanted { found } => write!(
                f,
                "digits are built in and take no directory, found {found:?}; write digits alone"
            ),
            Self::Missing {
                directory,
                files,
                hint,
            } => write!(
                f,
                "{} lacks {}; expected {hint}",
                directory.display(),
                files.join(", ")
            ),
            Self::Io { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::NotAFile { path, directory } => {
                let found = match directory {
                    true => "a directory",
                    false => "a pipe, socket or device",
                };
                write!(f, "{} is {found}, expected a file", path.display())
            }
            Self::TooLarge {
                path,
                limit_bytes,
                found_bytes,
            } => write!(
                f,
                "{} has or claims {found_bytes} bytes, expected at most {limit_bytes}",
                path.display()
            ),
            Self::Gzip { path, source } => write!(
                f,
                "{} is a damaged or cut-off gzip file ({source}); fetch it again",
                path.display()
            ),
            Self::Magic {
                path,
                expected,
                found,
            } => write!(
                f,
                "{} opens with the magic number {found:#010x}, expected {expected:#010x}",
                path.display()
            ),
            Self::ZeroDimension { path } => write!(
                f,
                "{} has a dimension of 0, expected at least 1",
                path.display()
            ),
            Self::Truncated {
                path,
                expected_bytes,
                found_bytes,
            } => write!(
                f,
                "{} ends after {found_bytes} bytes, expected at least {expected_bytes}; \
                 fetch it again",
                path.display()
            ),
            Self::TrailingBytes {
                path,
                expected_bytes,
            } => write!(
                f,
                "{} goes on after {expected_bytes} bytes, expected its end there",
                path.display()
            ),
            Self::Records {
                path,
                record_bytes,
                found_bytes,
            } => write!(
                f,
                "{} has {found_bytes} bytes, expected a multiple of {record_bytes} above 0",
                path.display()
            ),
            Self::LabelCount {
                path,
                expected,
                found,
            } => write!(
                f,
                "{} has {found} labels, expected {expected}, one for each image",
                path.display()
            ),
            Self::Label {
                path,
                image,
                found,
                classes,
            } => write!(
                f,
                "{}: image {image} has the label {found}, expected one below {classes}",
                path.display()
            ),
            Self::ClassNames {
                path,
                expected,
                found: Some(found),
            } => write!(
                f,
                "{} names {found} classes, expected {expected}, one a line",
                path.display()
            ),
            Self::ClassNames {
                path,
                expected,
                found: None,
            } => write!(
                f,
                "{} is not UTF-8, expected the names of {expected} classes",
                path.display()
            ),
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
            Self::SheetChannels { found } => write!(
                f,
                "a pixel has {found} numbers, expected 1 or 3: a sheet is grey or red, green and \
                 blue"
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

/// A message holds its cause; there is no second one to print.
impl error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_what_and_what_to_do() {
        let path = PathBuf::from("dir/file");
        for (error, message) in [
            (
                Error::UnknownName {
                    found: "minst".to_owned(),
                    nearest: Some("mnist"),
                },
                "no dataset is named \"minst\" (did you mean mnist?); expected digits, \
                 cifar10:DIR, mnist:DIR, fashion-mnist or fashion-mnist:DIR",
            ),
            (
                Error::DirectoryWanting { name: "mnist" },
                "mnist needs the directory of its files: mnist:DIR",
            ),
            (
                Error::Missing {
                    directory: "dir".into(),
                    files: vec!["a", "b"],
                    hint: "them there",
                },
                "dir lacks a, b; expected them there",
            ),
            (
                Error::io(&path, io::ErrorKind::NotFound.into()),
                "cannot read dir/file: entity not found",
            ),
            (
                Error::Magic {
                    path: path.clone(),
                    expected: 0x0803,
                    found: 0x1f8b_0800,
                },
                "dir/file opens with the magic number 0x1f8b0800, expected 0x00000803",
            ),
            (
                Error::Truncated {
                    path: path.clone(),
                    expected_bytes: 16,
                    found_bytes: 3,
                },
                "dir/file ends after 3 bytes, expected at least 16; fetch it again",
            ),
            (
                Error::Label {
                    path,
                    image: 4,
                    found: 255,
                    classes: 10,
                },
                "dir/file: image 4 has the label 255, expected one below 10",
            ),
            (
                Error::BatchTooLarge {
                    batch: 50,
                    images: 23,
                },
                "a batch holds 50 images, expected at most 23, all there are",
            ),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn the_systems_reason_is_said_once() {
        let error = Error::io(Path::new("x"), io::ErrorKind::NotFound.into());
        assert_eq!(error.to_string(), "cannot read x: entity not found");
        assert!(error::Error::source(&error).is_none());
    }
}
