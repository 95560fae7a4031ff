//! What an error says.

use std::fmt;

use super::Error;
use crate::cifar::{CIFAR10, CIFAR100};
use crate::source::KNOWN;

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
                let (what, place) = match *name {
                    "mnist" | "fashion-mnist" => ("the directory of its files", "DIR"),
                    "parquet" => ("the directory of the parquet files", "DIR"),
                    "folder" => ("the directory or .tar.gz of the pictures", "PATH"),
                    _ => ("the directory or .tar.gz of its files", "PATH"),
                };
                write!(f, "{name} needs {what}: {name}:{place}")?;
                match *name {
                    "cifar10" => write!(f, ", with {}", CIFAR10.hint),
                    "cifar100" => write!(f, ", with {}", CIFAR100.hint),
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
            Self::Archive { path, reason } => write!(
                f,
                "{} is not an archive that can be read ({reason}), expected a whole .tar.gz",
                path.display()
            ),
            Self::ArchiveEntry { path } => write!(
                f,
                "{} is a link, a device or a file with holes, expected files and directories \
                 alone; pack it anew with tar --dereference",
                path.display()
            ),
            Self::ArchiveName { path } => write!(
                f,
                "{} leads out of the archive, expected a name without .. and leading /",
                path.display()
            ),
            Self::Duplicate { path } => write!(
                f,
                "{} is in the archive twice, expected each file once",
                path.display()
            ),
            Self::TwoRoots { path } => write!(
                f,
                "{} lies in another directory than what came before it, expected all splits in one",
                path.display()
            ),
            Self::NoSplit {
                path,
                directory,
                expected,
            } => write!(
                f,
                "{} has no {directory} split, expected {expected} in it",
                path.display()
            ),
            Self::EmptySplit { path } => write!(
                f,
                "{} has no pictures, expected a directory for each class, and in it png or jpg \
                 files",
                path.display()
            ),
            Self::EmptyClass { path, ignored } => {
                write!(
                    f,
                    "the class {} has no pictures, expected names that end in .png, .jpg or .jpeg",
                    path.display()
                )?;
                match ignored {
                    0 => Ok(()),
                    _ => write!(f, "; {ignored} other files in it are passed over"),
                }
            }
            Self::TooManyClasses { path, found, limit } => write!(
                f,
                "{} has {found} classes, expected at most {limit}",
                path.display()
            ),
            Self::ClassEncoding { path } => write!(
                f,
                "the name of the class {} is not UTF-8; rename its directory",
                path.display()
            ),
            Self::UnknownClass { path } => write!(
                f,
                "the class {} is not in the training split, expected a directory of its name there",
                path.display()
            ),
            Self::Picture { path, source } => write!(f, "{}: {source}", path.display()),
            Self::PictureColour { path, found } => write!(
                f,
                "{} is {found}, expected 8-bit gray or RGB; convert all pictures to one of them",
                path.display()
            ),
            Self::PictureShape {
                path,
                found,
                first,
                expected,
            } => write!(
                f,
                "{} is {}, but {} is {}; make all pictures of one size and colour",
                path.display(),
                described(*found),
                first.display(),
                described(*expected)
            ),
            Self::TooManyPictures {
                path,
                pictures,
                shape,
                limit_bytes,
            } => write!(
                f,
                "{pictures} pictures like {}, {}, expected at most {limit_bytes} bytes of pixels \
                 in all; make them smaller",
                path.display(),
                described(*shape)
            ),
            Self::TooManyFiles { path, limit } => write!(
                f,
                "{} has more pictures than {limit}, the most of a data set",
                path.display()
            ),
            Self::Sorted {
                images,
                classes,
                changes,
            } => write!(
                f,
                "the {images} training images come class after class: only {changes} of them \
                 have another class than the one before, of {classes} classes; mix the files, or set \
                 shuffle = true and validation = 0"
            ),
            Self::Feature { name, feature } => write!(
                f,
                "{name} is not read by this program; build it with \
                 cargo build --release --features {feature}"
            ),
            Self::NotBytes { name, expected } => {
                write!(f, "{name} does not come in this form, expected {expected}")
            }
            Self::Parquet { path, reason } => write!(
                f,
                "{} is not a parquet file that can be read ({reason}), expected a whole one, \
                 packed with Snappy or not at all",
                path.display()
            ),
            Self::MissingShard { path, shards } => write!(
                f,
                "{} is not there, expected all {shards} files of its split; fetch it",
                path.display()
            ),
            Self::ExtraShard { path, shards } => write!(
                f,
                "{} is none of the {shards} files of its split, or one of them again, expected \
                 each number once; move it away",
                path.display()
            ),
            Self::OtherClasses { path, first } => write!(
                f,
                "{} names other classes than {}, expected the same in the same order",
                path.display(),
                first.display()
            ),
            Self::NoRows { path } => write!(
                f,
                "{} has no rows, nor has another file of its split, expected one picture at least",
                path.display()
            ),
            Self::ParquetColumn { path, expected } => {
                write!(f, "{} lacks a column, expected {expected}", path.display())
            }
            Self::ParquetRow { path, row, lacks } => write!(
                f,
                "{}: row {row} has no {lacks}, expected one in every row",
                path.display()
            ),
            Self::ParquetLabel {
                path,
                row,
                found,
                classes,
            } => write!(
                f,
                "{}: row {row} has the label {found}, expected one from 0 and below {classes}",
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

/// A shape as people see it: `32 x 24 RGB`, height first.
fn described([height, width, channels]: [usize; 3]) -> String {
    let colour = match channels {
        1 => "gray",
        _ => "RGB",
    };
    format!("{height} x {width} {colour}")
}
