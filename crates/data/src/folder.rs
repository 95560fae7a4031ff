//! Folders of pictures: a directory for each split, in it one for each class.
//!
//! ```text
//! PATH/train/CLASS/NAME.png            png, jpg or jpeg, in any case; the content tells the format
//! PATH/test/CLASS/NAME.png             the test split; where it is not, `val`, then `valid`
//! ```
//!
//! The same in a `.tar.gz`, there also within one more directory. Hidden files, files of other
//! endings and directories among the pictures are passed over.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::archive::{self, Archive, Entry};
use crate::pictures::{LIMIT_BYTES, LIMIT_CLASSES, LIMIT_FILE_BYTES, LIMIT_PICTURES};
use crate::pictures::{Labelled, Model};
use crate::{Dataset, Error, file};

/// The training split's directory, then those that may hold the test split.
const SPLITS: [&str; 4] = ["train", "test", "val", "valid"];

/// The largest pixel value that can occur.
pub(crate) const LARGEST: u8 = u8::MAX;

/// What lies in the directory of a class.
#[derive(Default)]
struct Class {
    /// Pictures by the bytes of their names.
    pictures: BTreeMap<Vec<u8>, Found>,
    /// Files that are passed over.
    ignored: usize,
}

/// A picture that was found: where, and its bytes if an archive holds it.
struct Found {
    path: PathBuf,
    bytes: Option<Vec<u8>>,
}

/// Classes by the bytes of their names.
type Split = BTreeMap<Vec<u8>, Class>;

/// What was found at a path.
struct Listing<'a> {
    path: &'a Path,
    /// In the order of [`SPLITS`]; `None` where there is no such directory.
    splits: [Option<Split>; SPLITS.len()],
    pictures: usize,
    /// Bytes of the pictures that are in memory.
    bytes: u64,
}

/// Reads a directory, or an archive if `path` is a file.
///
/// # Errors
/// A split that is missing or has no pictures, classes that are empty, too many, not UTF-8 or in
/// the test split alone; a picture that cannot be read, or differs from the first in size or
/// colours.
pub(crate) fn read(path: &Path) -> Result<Dataset, Error> {
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        let mut listing = Listing::new(path);
        listing.walk()?;
        return listing.dataset();
    }
    read_archive(path, file::open(path, archive::LIMIT_BYTES)?)
}

/// Reads the bytes of an archive; `path` stands in errors.
///
/// # Errors
/// Those of [`read`], and an archive that is damaged, or has two files of one name.
pub(crate) fn read_archive(path: &Path, packed: impl Read) -> Result<Dataset, Error> {
    let mut listing = Listing::new(path);
    listing.unpack(Archive::new(path, packed))?;
    listing.dataset()
}

/// Whether a name is that of a picture to be read.
fn is_picture(name: &[u8]) -> bool {
    let end = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let known = ["png", "jpg", "jpeg"].map(str::as_bytes);
    let has_end = end.len() < name.len() && known.iter().any(|one| one.eq_ignore_ascii_case(end));
    has_end && !is_hidden(name)
}

fn is_hidden(name: &[u8]) -> bool {
    name.starts_with(b".")
}

impl<'a> Listing<'a> {
    fn new(path: &'a Path) -> Self {
        Self {
            path,
            splits: Default::default(),
            pictures: 0,
            bytes: 0,
        }
    }

    /// Whether another split comes before one: of those that may be the test split, one is read.
    fn is_spare(&self, split: usize) -> bool {
        split > 1 && self.splits[1..split].iter().any(Option::is_some)
    }

    /// Drops the splits that are not read because of one that an archive had behind them.
    fn forget_spares(&mut self, split: usize) {
        if split == 0 {
            return;
        }
        let spares = self.splits[split + 1..].iter_mut().filter_map(Option::take);
        for class in spares.flat_map(Split::into_values) {
            for found in class.pictures.into_values() {
                self.pictures -= 1;
                self.bytes -= found.bytes.map_or(0, |bytes| bytes.len() as u64);
            }
        }
    }

    /// Lists the directories of the splits.
    fn walk(&mut self) -> Result<(), Error> {
        for (split, name) in SPLITS.iter().enumerate() {
            let directory = self.path.join(name);
            if self.is_spare(split) || !directory.is_dir() {
                continue;
            }
            self.splits[split] = Some(Split::new());
            for (class, path) in entries(&directory)? {
                if is_hidden(&class) || !path.is_dir() {
                    continue;
                }
                self.class(split, class.clone());
                for (name, path) in entries(&path)? {
                    self.file(split, class.clone(), name, Found { path, bytes: None })?;
                }
            }
        }
        Ok(())
    }

    /// Takes the pictures of an archive.
    fn unpack(&mut self, mut archive: Archive<'_, impl Read>) -> Result<(), Error> {
        let mut root = None;
        while let Some(entry) = archive.next()? {
            let Some(parts) = Place::find(&entry.parts) else {
                continue;
            };
            // A file has a split's name and is none.
            if parts.class.is_none() && !entry.directory {
                continue;
            }
            // All lie in one directory, or in none.
            if *root.get_or_insert_with(|| parts.root.clone()) != parts.root {
                return Err(Error::TwoRoots { path: entry.path });
            }
            if self.is_spare(parts.split) {
                continue;
            }
            self.splits[parts.split].get_or_insert_default();
            self.forget_spares(parts.split);
            let Entry {
                directory, path, ..
            } = entry;
            match (parts.class, parts.name, directory) {
                (Some(class), None, true) if !is_hidden(&class) => self.class(parts.split, class),
                (Some(class), Some(name), false) if !is_hidden(&class) => {
                    let bytes = match is_picture(&name) {
                        true => archive.contents(LIMIT_FILE_BYTES)?,
                        false => Vec::new(),
                    };
                    self.bytes += bytes.len() as u64;
                    if self.bytes > LIMIT_BYTES {
                        return Err(Error::TooLarge {
                            path: self.path.to_owned(),
                            limit_bytes: LIMIT_BYTES,
                            found_bytes: self.bytes,
                        });
                    }
                    let bytes = Some(bytes);
                    self.file(parts.split, class, name, Found { path, bytes })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes that there is a class.
    fn class(&mut self, split: usize, class: Vec<u8>) {
        let classes = self.splits[split].get_or_insert_default();
        classes.entry(class).or_default();
    }

    /// Notes a file, or that it is passed over.
    fn file(
        &mut self,
        split: usize,
        class: Vec<u8>,
        name: Vec<u8>,
        file: Found,
    ) -> Result<(), Error> {
        let classes = self.splits[split].get_or_insert_default();
        let class = classes.entry(class).or_default();
        // A directory is passed over; what is neither it nor a file is an error where it is read.
        if !is_picture(&name) || (file.bytes.is_none() && file.path.is_dir()) {
            class.ignored += 1;
            return Ok(());
        }
        self.pictures += 1;
        if self.pictures > LIMIT_PICTURES {
            return Err(Error::TooManyFiles {
                path: self.path.to_owned(),
                limit: LIMIT_PICTURES,
            });
        }
        let path = file.path.clone();
        match class.pictures.insert(name, file) {
            Some(_) => Err(Error::Duplicate { path }),
            None => Ok(()),
        }
    }

    /// Checks what was found and reads it.
    fn dataset(self) -> Result<Dataset, Error> {
        let Self { path, splits, .. } = self;
        let [train, tests @ ..] = splits;
        let missing = |directory, expected| Error::NoSplit {
            path: path.to_owned(),
            directory,
            expected,
        };
        let train = train.ok_or_else(|| missing("train", "train/CLASS/*.png (or jpg)"))?;
        let test = SPLITS[1..].iter().zip(tests);
        let test = test
            .filter_map(|(name, split)| Some((*name, split?)))
            .next();
        let (test_name, test) = test.ok_or_else(|| {
            missing(
                "test",
                "test/CLASS/*.png (or jpg); val or valid in place of test will do",
            )
        })?;

        let train_path = path.join(SPLITS[0]);
        let classes = class_names(&train_path, &train)?;
        let test_path = path.join(test_name);
        for class in test.keys() {
            if !train.contains_key(class) {
                return Err(Error::UnknownClass {
                    path: test_path.join(&*String::from_utf8_lossy(class)),
                });
            }
        }
        let labels: BTreeMap<Vec<u8>, u8> = train.keys().cloned().zip(0..=u8::MAX).collect();
        let train = labelled(train, &labels);
        let test = labelled(test, &labels);
        let (Some(first), false) = (train.first(), test.is_empty()) else {
            return Err(Error::EmptySplit { path: test_path });
        };
        let model = Model::of(first)?;
        let train = model.images(0, train)?;
        let test = model.images(1, test)?;
        Dataset::try_new("folder", classes, LARGEST, train, test)
    }
}

/// Where a name in an archive leads.
struct Place {
    root: Option<Vec<u8>>,
    split: usize,
    class: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
}

impl Place {
    /// `None` of what is neither a split, nor a class, nor a file of one.
    fn find(parts: &[Vec<u8>]) -> Option<Self> {
        let split = |part: Option<&Vec<u8>>| {
            let part = part?;
            SPLITS.iter().position(|name| name.as_bytes() == *part)
        };
        let (root, split, rest) = match (split(parts.first()), split(parts.get(1))) {
            (Some(split), _) => (None, split, &parts[1..]),
            (None, Some(split)) => (Some(parts[0].clone()), split, &parts[2..]),
            (None, None) => return None,
        };
        (rest.len() <= 2).then(|| Self {
            root,
            split,
            class: rest.first().cloned(),
            name: rest.get(1).cloned(),
        })
    }
}

/// The names in a directory, as bytes, and their paths.
fn entries(directory: &Path) -> Result<Vec<(Vec<u8>, PathBuf)>, Error> {
    let io = |error| Error::io(directory, error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let entry = entry.map_err(io)?;
        entries.push((entry.file_name().into_encoded_bytes(), entry.path()));
    }
    Ok(entries)
}

/// The classes of the training split, each with a picture at least.
fn class_names(directory: &Path, train: &Split) -> Result<Vec<String>, Error> {
    if train.is_empty() {
        return Err(Error::EmptySplit {
            path: directory.to_owned(),
        });
    }
    if train.len() > LIMIT_CLASSES {
        return Err(Error::TooManyClasses {
            path: directory.to_owned(),
            found: train.len(),
            limit: LIMIT_CLASSES,
        });
    }
    let mut names = Vec::new();
    for (name, class) in train {
        let path = || directory.join(&*String::from_utf8_lossy(name));
        if class.pictures.is_empty() {
            return Err(Error::EmptyClass {
                path: path(),
                ignored: class.ignored,
            });
        }
        let name = String::from_utf8(name.clone());
        names.push(name.map_err(|_| Error::ClassEncoding { path: path() })?);
    }
    Ok(names)
}

/// The pictures of a split by class and name.
fn labelled(split: Split, labels: &BTreeMap<Vec<u8>, u8>) -> Vec<Labelled> {
    let mut pictures = Vec::new();
    for (class, found) in split {
        let label = labels[&class];
        let each = found.pictures.into_values();
        pictures.extend(each.map(|Found { path, bytes }| Labelled { path, label, bytes }));
    }
    pictures
}

#[cfg(test)]
mod tests;
