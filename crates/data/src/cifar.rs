//! CIFAR-10 and CIFAR-100 in their official binary versions.
//!
//! ```text
//! record : label u8, for CIFAR-100 coarse label u8 and fine label u8
//!          then [3, 32, 32] pixels u8: 1,024 red, 1,024 green, 1,024 blue
//! file   : records, and nothing else
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::archive::{self, Archive};
use crate::{Dataset, Error, Images, file};

const SIDE: usize = 32;
const CHANNELS: usize = 3;
const IMAGE_BYTES: usize = CHANNELS * SIDE * SIDE;

/// Height, width and channels of an image.
pub(crate) const SHAPE: [usize; 3] = [SIDE, SIDE, CHANNELS];

/// The largest pixel value.
pub(crate) const LARGEST: u8 = u8::MAX;

const NAMES_LIMIT_BYTES: u64 = 1 << 16;

/// What tells the two apart.
pub(crate) struct Kind {
    name: &'static str,
    /// Where the files come from, after "expected".
    pub(crate) hint: &'static str,
    /// The directory that the official archive unpacks to.
    directory: &'static str,
    pub(crate) train: &'static [&'static str],
    pub(crate) test: &'static str,
    /// The file with the names of the classes, a line each.
    pub(crate) names: &'static str,
    /// The names where that file may be left out.
    default_names: Option<&'static [&'static str]>,
    pub(crate) classes: usize,
    /// The most records of a file: ten times those of the longest official one.
    pub(crate) records: usize,
    /// Bytes before a record's pixels; the last one is the label.
    label_bytes: usize,
}

pub(crate) const CIFAR10: Kind = Kind {
    name: "cifar10",
    hint: "the files of cifar-10-binary.tar.gz, the binary version of \
           https://www.cs.toronto.edu/~kriz/cifar.html: that archive, the directory of the files, \
           or the one that has cifar-10-batches-bin in it",
    directory: "cifar-10-batches-bin",
    train: &[
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test: "test_batch.bin",
    names: "batches.meta.txt",
    default_names: Some(&[
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
    ]),
    classes: 10,
    records: 100_000,
    label_bytes: 1,
};

pub(crate) const CIFAR100: Kind = Kind {
    name: "cifar100",
    hint: "the files of cifar-100-binary.tar.gz, the binary version of \
           https://www.cs.toronto.edu/~kriz/cifar.html: that archive, the directory of the files, \
           or the one that has cifar-100-binary in it",
    directory: "cifar-100-binary",
    train: &["train.bin"],
    test: "test.bin",
    names: "fine_label_names.txt",
    default_names: None,
    classes: 100,
    records: 500_000,
    label_bytes: 2,
};

impl Kind {
    /// The files that there must be, those of images before that of names.
    fn wanted(&self) -> impl Iterator<Item = &'static str> {
        let names = self.default_names.is_none().then_some(self.names);
        let test = Some(self.test).into_iter();
        self.train.iter().copied().chain(test).chain(names)
    }

    /// Labels and pixels of an image.
    pub(crate) fn record_bytes(&self) -> usize {
        self.label_bytes + IMAGE_BYTES
    }

    /// The most bytes that a file may hold.
    fn limit_bytes(&self, name: &str) -> u64 {
        match name == self.names {
            true => NAMES_LIMIT_BYTES,
            false => (self.records * self.record_bytes()) as u64,
        }
    }

    /// Whether a file of the archive is one of the data set's.
    fn known(&self, name: &[u8]) -> Option<&'static str> {
        let mut all = self.wanted().chain([self.names]);
        all.find(|one| one.as_bytes() == name)
    }
}

/// Where the files are.
enum Files<'a> {
    Directory(PathBuf),
    /// Those of an archive, unpacked.
    Archive(&'a Path, BTreeMap<&'static str, Vec<u8>>),
}

/// Reads the files of a directory, of the official directory in it, or of the official archive.
///
/// The number of records is left open, since copies with fewer test images exist.
///
/// # Errors
/// Missing files, all of them at once; a file that cannot be read, is not a whole number of
/// records, or has a label without a class; class names in another number than classes; an archive
/// that is damaged, or has two files of one name.
pub(crate) fn read(kind: &Kind, path: &Path) -> Result<Dataset, Error> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return read_archive(kind, path, file::open(path, archive::LIMIT_BYTES)?);
    }
    let within = path.join(kind.directory);
    let here = Files::Directory(path.to_owned());
    let none_here = here.missing(kind)?.len() == kind.wanted().count();
    match none_here && within.is_dir() {
        true => Files::Directory(within).dataset(kind),
        false => here.dataset(kind),
    }
}

/// Reads the bytes of the official archive, whatever the directory in it; `path` stands in errors.
///
/// # Errors
/// Those of [`read`].
pub(crate) fn read_archive(kind: &Kind, path: &Path, packed: impl Read) -> Result<Dataset, Error> {
    let mut archive = Archive::new(path, packed);
    let mut files = BTreeMap::new();
    while let Some(entry) = archive.next()? {
        let (1 | 2, false, Some(name)) = (entry.parts.len(), entry.directory, entry.parts.last())
        else {
            continue;
        };
        let Some(name) = kind.known(name) else {
            continue;
        };
        let bytes = archive.contents(kind.limit_bytes(name))?;
        if files.insert(name, bytes).is_some() {
            return Err(Error::Duplicate { path: entry.path });
        }
    }
    Files::Archive(path, files).dataset(kind)
}

/// Reads records without files: those of the training split, then of the test split.
///
/// # Errors
/// Those of the files.
pub(crate) fn read_records(kind: &Kind, [train, test]: [&[u8]; 2]) -> Result<Dataset, Error> {
    let split = |path: &str, bytes: &[u8]| {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        append(kind, Path::new(path), bytes, &mut pixels, &mut labels)?;
        Images::try_new(SHAPE, pixels, labels)
    };
    let names = kind
        .default_names
        .map(|names| names.iter().map(ToString::to_string));
    let names = names.map_or_else(
        || (0..kind.classes).map(|n| n.to_string()).collect(),
        Iterator::collect,
    );
    let (train, test) = (split("train", train)?, split("test", test)?);
    Dataset::try_new(kind.name, names, LARGEST, train, test)
}

impl Files<'_> {
    /// Where they are, for messages.
    fn path(&self) -> &Path {
        match self {
            Self::Directory(path) => path,
            Self::Archive(path, _) => path,
        }
    }

    /// The bytes of a file; those of an archive are given away.
    fn take(&mut self, kind: &Kind, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Directory(directory) => {
                let path = directory.join(name);
                match file::is_present(&path)? {
                    true => file::read(&path, kind.limit_bytes(name)).map(Some),
                    false => Ok(None),
                }
            }
            Self::Archive(_, files) => Ok(files.remove(name)),
        }
    }

    /// The files that are wanted and not there.
    fn missing(&self, kind: &Kind) -> Result<Vec<&'static str>, Error> {
        let mut missing = Vec::new();
        for name in kind.wanted() {
            let present = match self {
                Self::Directory(directory) => file::is_present(&directory.join(name))?,
                Self::Archive(_, files) => files.contains_key(name),
            };
            if !present {
                missing.push(name);
            }
        }
        Ok(missing)
    }

    fn dataset(mut self, kind: &Kind) -> Result<Dataset, Error> {
        let missing = self.missing(kind)?;
        if !missing.is_empty() {
            return Err(Error::Missing {
                directory: self.path().to_owned(),
                files: missing,
                hint: kind.hint,
            });
        }
        let classes = self.classes(kind)?;
        let train = self.split(kind, kind.train)?;
        let test = self.split(kind, &[kind.test])?;
        Dataset::try_new(kind.name, classes, LARGEST, train, test)
    }

    fn split(&mut self, kind: &Kind, names: &[&str]) -> Result<Images, Error> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for name in names {
            let path = self.path().join(name);
            // What is gone since it was looked for has no records.
            let bytes = self.take(kind, name)?.unwrap_or_default();
            append(kind, &path, &bytes, &mut pixels, &mut labels)?;
        }
        Images::try_new(SHAPE, pixels, labels)
    }

    /// The names in the file, a line each with blank lines between, or the official ones.
    fn classes(&mut self, kind: &Kind) -> Result<Vec<String>, Error> {
        let wrong = |path: &Path, found| Error::ClassNames {
            path: path.join(kind.names),
            expected: kind.classes,
            found,
        };
        let names: Vec<String> = match (self.take(kind, kind.names)?, kind.default_names) {
            (None, Some(names)) => names.iter().map(ToString::to_string).collect(),
            (bytes, _) => {
                let text = String::from_utf8(bytes.unwrap_or_default());
                let text = text.map_err(|_| wrong(self.path(), None))?;
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.map(str::to_owned).collect()
            }
        };
        match names.len() == kind.classes {
            true => Ok(names),
            false => Err(wrong(self.path(), Some(names.len()))),
        }
    }
}

/// Appends a file's images, their planes of one colour interleaved to pixels.
fn append(
    kind: &Kind,
    path: &Path,
    bytes: &[u8],
    pixels: &mut Vec<u8>,
    labels: &mut Vec<u8>,
) -> Result<(), Error> {
    let record_bytes = kind.record_bytes();
    let records = bytes.chunks_exact(record_bytes);
    if records.len() == 0 || !records.remainder().is_empty() {
        return Err(Error::Records {
            path: path.to_owned(),
            record_bytes,
            found_bytes: bytes.len(),
        });
    }
    // Exactly, since growth by doubling would leave up to half of the memory unused.
    pixels.reserve_exact(records.len() * IMAGE_BYTES);
    for (image, record) in records.enumerate() {
        let (head, planes) = record.split_at(kind.label_bytes);
        let label = head[kind.label_bytes - 1];
        if usize::from(label) >= kind.classes {
            return Err(Error::Label {
                path: path.to_owned(),
                image,
                found: label,
                classes: kind.classes,
            });
        }
        labels.push(label);
        let (red, rest) = planes.split_at(SIDE * SIDE);
        let (green, blue) = rest.split_at(SIDE * SIDE);
        for ((&red, &green), &blue) in red.iter().zip(green).zip(blue) {
            pixels.extend([red, green, blue]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
