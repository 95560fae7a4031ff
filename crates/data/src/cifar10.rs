//! CIFAR-10 in its official binary version.
//!
//! ```text
//! record : label u8, then [3, 32, 32] pixels u8: 1,024 red, 1,024 green, 1,024 blue
//! file   : records, and nothing else
//! ```

use std::path::{Path, PathBuf};

use crate::{Dataset, Error, Images, file};

const SIDE: usize = 32;
const CHANNELS: usize = 3;
pub(crate) const RECORD_BYTES: usize = 1 + CHANNELS * SIDE * SIDE;

/// Height, width and channels of an image.
pub(crate) const SHAPE: [usize; 3] = [SIDE, SIDE, CHANNELS];

/// The largest pixel value.
pub(crate) const LARGEST: u8 = u8::MAX;

/// Ten times what an official file holds.
const LIMIT_BYTES: u64 = 100_000 * RECORD_BYTES as u64;

/// Where the files come from, after "expected".
pub(crate) const HINT: &str = "the files of cifar-10-binary.tar.gz, the binary version of \
     https://www.cs.toronto.edu/~kriz/cifar.html, there or in cifar-10-batches-bin in it";

/// The directory that the official archive unpacks to.
const SUBDIRECTORY: &str = "cifar-10-batches-bin";

/// The training split's files, then the test split's.
pub(crate) const FILES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

/// The names of the classes, a line each; the file may be left out.
pub(crate) const META: &str = "batches.meta.txt";
const META_LIMIT_BYTES: u64 = 1 << 16;

/// The names of the classes, where no file has them.
pub(crate) const CLASSES: [&str; 10] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
];

/// Reads the six files of `directory`, or of `cifar-10-batches-bin` in it.
///
/// The number of records is left open, since copies with fewer test images exist.
///
/// # Errors
/// Missing files, all of them at once; a file that cannot be read, is not a whole number of
/// records, or has a label of 10 and above; class names in another number than 10.
pub(crate) fn read(directory: &Path) -> Result<Dataset, Error> {
    let directory = find(directory)?;
    let missing = missing(&directory)?;
    if !missing.is_empty() {
        return Err(Error::Missing {
            directory,
            files: missing,
            hint: HINT,
        });
    }
    let classes = read_classes(&directory.join(META))?;
    let [train @ .., test] = FILES.map(|name| directory.join(name));
    let train = read_split(&train)?;
    let test = read_split(&[test])?;
    Dataset::try_new("cifar10", classes, LARGEST, train, test)
}

/// Where the files are: in `directory` if any is, else in the subdirectory if there is one.
fn find(directory: &Path) -> Result<PathBuf, Error> {
    let subdirectory = directory.join(SUBDIRECTORY);
    let none_here = missing(directory)?.len() == FILES.len();
    Ok(match none_here && subdirectory.is_dir() {
        true => subdirectory,
        false => directory.to_owned(),
    })
}

/// The files that `directory` lacks.
fn missing(directory: &Path) -> Result<Vec<&'static str>, Error> {
    let mut missing = Vec::new();
    for name in FILES {
        if !file::is_present(&directory.join(name))? {
            missing.push(name);
        }
    }
    Ok(missing)
}

fn read_split(paths: &[PathBuf]) -> Result<Images, Error> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for path in paths {
        append(path, &mut pixels, &mut labels)?;
    }
    Images::try_new(SHAPE, pixels, labels)
}

/// Appends a file's images, their planes of one colour interleaved to pixels.
fn append(path: &Path, pixels: &mut Vec<u8>, labels: &mut Vec<u8>) -> Result<(), Error> {
    let bytes = file::read(path, LIMIT_BYTES)?;
    let (records, rest) = bytes.as_chunks::<RECORD_BYTES>();
    if records.is_empty() || !rest.is_empty() {
        return Err(Error::Records {
            path: path.to_owned(),
            record_bytes: RECORD_BYTES,
            found_bytes: bytes.len(),
        });
    }
    // Exactly, since growth by doubling would leave up to half of the memory unused.
    pixels.reserve_exact(records.len() * (RECORD_BYTES - 1));
    for (image, [label, planes @ ..]) in records.iter().enumerate() {
        if usize::from(*label) >= CLASSES.len() {
            return Err(Error::Label {
                path: path.to_owned(),
                image,
                found: *label,
                classes: CLASSES.len(),
            });
        }
        labels.push(*label);
        let (red, rest) = planes.split_at(SIDE * SIDE);
        let (green, blue) = rest.split_at(SIDE * SIDE);
        for ((&red, &green), &blue) in red.iter().zip(green).zip(blue) {
            pixels.extend([red, green, blue]);
        }
    }
    Ok(())
}

/// The names in the file at `path`, a line each with blank lines between, or the official ones.
fn read_classes(path: &Path) -> Result<Vec<String>, Error> {
    if !file::is_present(path)? {
        return Ok(CLASSES.map(str::to_owned).to_vec());
    }
    let wrong = |found| Error::ClassNames {
        path: path.to_owned(),
        expected: CLASSES.len(),
        found,
    };
    let text = String::from_utf8(file::read(path, META_LIMIT_BYTES)?).map_err(|_| wrong(None))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let names: Vec<String> = lines.map(str::to_owned).collect();
    match names.len() == CLASSES.len() {
        true => Ok(names),
        false => Err(wrong(Some(names.len()))),
    }
}

#[cfg(test)]
mod tests;
