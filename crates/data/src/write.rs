//! Data sets on their way to disk, in the formats that the readers take.
//!
//! A format that cannot hold a data set refuses it before anything is written. What is written
//! grows in a directory beside the target and gets its name by one rename.

mod cifar10;
mod error;
mod folder;
mod mnist;

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use error::WriteError;

use crate::Dataset;
use crate::sheet::spread;

/// A format and the directory to write: `folder:OUT`, as sources are typed.
///
/// # Example
/// ```
/// use orthant_data::Target;
///
/// let target: Target = "mnist:data/digits".parse()?;
/// assert_eq!(target.to_string(), "mnist:data/digits");
/// assert!("digits".parse::<Target>().is_err());
/// # Ok::<(), orthant_data::WriteError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    format: Format,
    directory: PathBuf,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `train/CLASS/NNNNN.png` and `test/CLASS/NNNNN.png`.
    Folder,
    /// The four IDX files of MNIST, not packed.
    Mnist,
    /// The files of CIFAR-10's binary version.
    Cifar10,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// What reading it back does not give, a sentence each.
    pub notes: Vec<String>,
}

impl Format {
    const ALL: [Self; 3] = [Self::Folder, Self::Mnist, Self::Cifar10];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Mnist => "mnist",
            Self::Cifar10 => "cifar10",
        }
    }
}

impl Target {
    /// Writes a data set whole.
    ///
    /// Pixels are spread to 0..=255, which is what the formats say that they are.
    ///
    /// # Errors
    /// A data set that the format cannot hold, a target that is there and not empty, a disk that
    /// does not take it. Nothing stands under the target's name then.
    pub fn write(&self, data: &Dataset) -> Result<Written, WriteError> {
        self.check_free()?;
        let mut notes = Vec::new();
        if data.largest() != u8::MAX {
            notes.push(format!(
                "pixels 0 to {} are spread to 0 to 255, rounded",
                data.largest()
            ));
        }
        for images in [data.train(), data.test()] {
            if images.is_empty() {
                return Err(WriteError::EmptySplit {
                    format: self.format.name(),
                });
            }
        }
        let write = match self.format {
            Format::Folder => folder::check(data, &mut notes)?,
            Format::Mnist => mnist::check(data, &mut notes)?,
            Format::Cifar10 => cifar10::check(data, &mut notes)?,
        };
        let Sink { files, bytes, .. } = self.write_part(&self.part(), write)?;
        Ok(Written {
            files,
            bytes,
            notes,
        })
    }

    /// Fails unless the target is wanting or an empty directory.
    ///
    /// # Errors
    /// What stands there.
    pub fn check_free(&self) -> Result<(), WriteError> {
        let occupied = || WriteError::Occupied {
            path: self.directory.clone(),
        };
        match fs::symlink_metadata(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(WriteError::io(&self.directory, source)),
            Ok(there) if !there.is_dir() => Err(occupied()),
            Ok(_) => {
                let entries = fs::read_dir(&self.directory);
                let mut entries =
                    entries.map_err(|source| WriteError::io(&self.directory, source))?;
                entries.next().map_or(Ok(()), |_| Err(occupied()))
            }
        }
    }

    /// Where it grows: beside the target, with the process's number.
    fn part(&self) -> PathBuf {
        // Components alone, so that a `/` at the end does not put it inside.
        let directory: PathBuf = self.directory.components().collect();
        let mut name = directory.into_os_string();
        name.push(format!(".{}.part", std::process::id()));
        name.into()
    }

    /// Makes the part, fills it and gives it the target's name; one that is there is left alone.
    fn write_part<'a>(&self, part: &Path, write: Body<'a>) -> Result<Sink, WriteError> {
        let parent = part
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let io = |source| WriteError::io(&self.directory, source);
        if let Some(parent) = parent {
            fs::create_dir_all(parent).map_err(io)?;
        }
        fs::create_dir(part).map_err(|source| WriteError::io(part, source))?;
        let fill = || {
            let mut sink = Sink {
                root: part.to_owned(),
                files: 0,
                bytes: 0,
            };
            write(&mut sink)?;
            // Onto an empty directory a rename succeeds on Unix; elsewhere it has to go first.
            if cfg!(not(unix)) && self.directory.exists() {
                fs::remove_dir(&self.directory).map_err(io)?;
            }
            fs::rename(part, &self.directory).map_err(io)?;
            Ok(sink)
        };
        // What is half written helps nobody; that it may stay does not change the error.
        fill().inspect_err(|_| drop(fs::remove_dir_all(part)))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.format.name(), self.directory.display())
    }
}

impl FromStr for Target {
    type Err = WriteError;

    fn from_str(text: &str) -> Result<Self, WriteError> {
        let (name, directory) = text.split_once(':').unwrap_or((text, ""));
        let mut all = Format::ALL.into_iter();
        match all.find(|format| format.name() == name) {
            Some(format) if !directory.is_empty() => Ok(Self {
                format,
                directory: directory.into(),
            }),
            _ => Err(WriteError::Target {
                found: text.to_owned(),
            }),
        }
    }
}

/// What remains to be done once a data set is known to fit.
pub(crate) type Body<'a> = Box<dyn FnOnce(&mut Sink) -> Result<(), WriteError> + 'a>;

/// The directory that grows, and what is in it.
pub(crate) struct Sink {
    root: PathBuf,
    files: usize,
    bytes: u64,
}

impl Sink {
    /// Makes a directory.
    fn directory(&self, name: &Path) -> Result<(), WriteError> {
        let path = self.root.join(name);
        fs::create_dir_all(&path).map_err(|source| WriteError::io(&path, source))
    }

    /// Writes a file; the few large ones are synced, so that a power cut leaves none of them half.
    fn file(&mut self, name: &Path, parts: &[&[u8]], synced: bool) -> Result<(), WriteError> {
        let path = self.root.join(name);
        let write = || {
            let mut file = File::create_new(&path)?;
            for part in parts {
                file.write_all(part)?;
            }
            match synced {
                true => file.sync_all(),
                false => Ok(()),
            }
        };
        write().map_err(|source| WriteError::io(&path, source))?;
        self.files += 1;
        self.bytes += parts.iter().map(|part| part.len() as u64).sum::<u64>();
        Ok(())
    }
}

/// Pixels as the formats have them, 0 to 255.
fn spread_pixels(pixels: &[u8], largest: u8) -> Vec<u8> {
    let pixels = pixels.iter();
    pixels.map(|&pixel| spread(pixel, largest)).collect()
}

/// An error unless labels stay below ten.
pub(crate) fn check_ten(format: Format, data: &Dataset) -> Result<(), WriteError> {
    match data.classes().len() {
        0..=10 => Ok(()),
        found => Err(WriteError::Classes {
            format: format.name(),
            found,
        }),
    }
}

#[cfg(test)]
mod tests;
