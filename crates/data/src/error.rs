//! What can be wrong with a dataset or with an order for batches.

mod display;

use std::error;
use std::io;
use std::path::{Path, PathBuf};

use crate::picture;

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
    /// A directory or archive lacks files of its dataset.
    Missing {
        /// The directory or archive.
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
    /// An archive cannot be read on: it is cut off or damaged, or holds what no data set needs.
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An archive holds a link, a device or a file with holes.
    ArchiveEntry {
        /// The archive, and the entry in it.
        path: PathBuf,
    },
    /// A name in an archive leads out of it.
    ArchiveName {
        /// The archive, and the entry in it.
        path: PathBuf,
    },
    /// An archive holds two files of one name.
    Duplicate {
        /// The archive, and the entry in it.
        path: PathBuf,
    },
    /// The splits of an archive lie in different directories.
    TwoRoots {
        /// The archive, and the first entry that lies in another.
        path: PathBuf,
    },
    /// A folder of pictures, or of parquet files, lacks a split.
    NoSplit {
        /// The folder or archive.
        path: PathBuf,
        /// The split.
        directory: &'static str,
        /// What would be one.
        expected: &'static str,
    },
    /// A split has no pictures.
    EmptySplit {
        /// The split.
        path: PathBuf,
    },
    /// A class of the training split has no pictures.
    EmptyClass {
        /// The directory of the class.
        path: PathBuf,
        /// Files in it that are no pictures by their names.
        ignored: usize,
    },
    /// There are more classes than a label can tell apart.
    TooManyClasses {
        /// The training split.
        path: PathBuf,
        /// The number of classes.
        found: usize,
        /// The most that there may be.
        limit: usize,
    },
    /// The name of a class is not UTF-8.
    ClassEncoding {
        /// The directory of the class.
        path: PathBuf,
    },
    /// The test split has a class that the training split has not.
    UnknownClass {
        /// The directory of the class.
        path: PathBuf,
    },
    /// A picture cannot be read.
    Picture {
        /// The picture.
        path: PathBuf,
        /// What is wrong.
        source: picture::Error,
    },
    /// A picture has other colours than 8-bit gray or RGB.
    PictureColour {
        /// The picture.
        path: PathBuf,
        /// Its colours.
        found: picture::Colour,
    },
    /// Two pictures differ in size or colours.
    PictureShape {
        /// The picture.
        path: PathBuf,
        /// Its `[height, width, channels]`.
        found: [usize; 3],
        /// The first picture of the training split.
        first: PathBuf,
        /// `[height, width, channels]` of that.
        expected: [usize; 3],
    },
    /// The pixels of a split would need more memory than a data set may take.
    TooManyPictures {
        /// The first picture of the training split.
        path: PathBuf,
        /// Pictures of the split.
        pictures: usize,
        /// `[height, width, channels]` of each.
        shape: [usize; 3],
        /// The most bytes of pixels.
        limit_bytes: u64,
    },
    /// There are more pictures than a data set may have.
    TooManyFiles {
        /// The folder or archive.
        path: PathBuf,
        /// The most pictures.
        limit: usize,
    },
    /// Images that come class after class are to be trained on in that order, or the last of them
    /// to be the validation images.
    Sorted {
        /// Images.
        images: usize,
        /// Classes among them.
        classes: usize,
        /// Neighbours of different classes.
        changes: usize,
    },
    /// A program without a feature is asked for a data set that needs it.
    Feature {
        /// The data set.
        name: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// A data set is asked of bytes in a form that it does not come in.
    NotBytes {
        /// The data set.
        name: &'static str,
        /// Those that come in it.
        expected: &'static str,
    },
    /// A parquet file is damaged, or packed in a way that is not read.
    Parquet {
        /// The file.
        path: PathBuf,
        /// The decoder's reason.
        reason: String,
    },
    /// Of a split's numbered parquet files one is missing.
    MissingShard {
        /// Where it would be.
        path: PathBuf,
        /// How many there are to be.
        shards: u32,
    },
    /// A parquet file is one more than its split's numbered files.
    ExtraShard {
        /// The file.
        path: PathBuf,
        /// How many there are to be.
        shards: u32,
    },
    /// Two parquet files name different classes, or the same in another order.
    OtherClasses {
        /// The file.
        path: PathBuf,
        /// The first file that names classes.
        first: PathBuf,
    },
    /// The parquet files of a split have no rows.
    NoRows {
        /// The first of them.
        path: PathBuf,
    },
    /// A parquet file has no column that could be the one that is wanted.
    ParquetColumn {
        /// The file.
        path: PathBuf,
        /// What would be one.
        expected: &'static str,
    },
    /// A row of a parquet file lacks its picture or its label.
    ParquetRow {
        /// The file.
        path: PathBuf,
        /// The row, counted from 0.
        row: usize,
        /// `picture` or `label`.
        lacks: &'static str,
    },
    /// A label in a parquet file has no class.
    ParquetLabel {
        /// The file.
        path: PathBuf,
        /// The row, counted from 0.
        row: usize,
        /// The label.
        found: i64,
        /// The number of classes.
        classes: usize,
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

/// A message holds its cause; there is no second one to print.
impl error::Error for Error {}

#[cfg(test)]
mod tests;
