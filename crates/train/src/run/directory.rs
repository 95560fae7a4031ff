//! The directory of a run: one writer at a time, and files that appear whole.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::{Error, file};

/// The recipe with the command's settings.
pub const RECIPE: &str = "recipe.toml";

/// What the run was made with, and what it came to.
pub const STAMP: &str = "run.json";

/// A line for each epoch.
pub const METRICS: &str = "metrics.jsonl";

/// The state after the last step that was saved.
pub const CHECKPOINT: &str = "checkpoint.safetensors";

/// The state after the epoch that did best on the validation images.
pub const BEST: &str = "best.safetensors";

/// An empty file, locked by the process that trains. It stays when that ends, and the lock does not.
const LOCK: &str = "lock";

/// A run's directory, in which no other process trains.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    is_new: bool,
    /// The lock ends with the file.
    _lock: File,
}

impl Directory {
    /// Makes the directory of a new run, or takes one that is empty or holds no more than a start
    /// that was cut off before its first checkpoint.
    ///
    /// # Errors
    /// A directory that holds something else, in which another process trains, or that cannot be
    /// made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::io("make the run's directory", path, source);
        let is_new = !path.try_exists().map_err(io)?;
        fs::create_dir_all(path).map_err(io)?;
        let is_foreign = |name: &String| !is_of_a_start(name);
        let names = names(path).map_err(io)?;
        if names.iter().any(is_foreign) {
            return Err(exists(path));
        }
        let mut directory = Self::open(path)?;
        directory.is_new = is_new;
        // Whoever had the lock a moment ago may have come further.
        match self::names(path).map_err(io)?.iter().any(is_foreign) {
            true => Err(exists(path)),
            false => Ok(directory),
        }
    }

    /// Takes a directory that is there.
    ///
    /// # Errors
    /// Another process that trains in it, a directory that cannot be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::io("lock the run's directory", path, source);
        let lock = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path.join(LOCK))
            .map_err(io)?;
        // Who looks whether it is locked holds it for a moment.
        let mut looks = 5;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                // There are file systems without locks; what is left is care.
                Err(TryLockError::Error(error)) if has_no_locks(&error) => break,
                Err(TryLockError::Error(error)) => return Err(io(error)),
                Err(TryLockError::WouldBlock) if looks > 0 => {
                    looks -= 1;
                    thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => {
                    let path = path.to_owned();
                    return Err(Error::Locked { path });
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            is_new: false,
            _lock: lock,
        })
    }

    /// The path of one of its files.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a small file whole.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), Error> {
        file::replace(&self.join(name), "write", |part| fs::write(part, text))
    }

    /// Removes what a start that failed has left; that a part of it stays does not change its error.
    pub fn discard(self) {
        for name in [RECIPE, CHECKPOINT, STAMP] {
            let _ = fs::remove_file(self.join(name));
        }
        if self.is_new {
            let _ = fs::remove_file(self.join(LOCK));
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Whether a process trains in a directory, where the system tells.
pub fn is_locked(path: &Path) -> bool {
    let lock = File::open(path.join(LOCK));
    // Shared, so that two who look do not see each other.
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether a directory holds a checkpoint to go on from.
///
/// # Errors
/// A directory that cannot be looked into.
pub fn has_checkpoint(path: &Path) -> Result<bool, Error> {
    let checkpoint = path.join(CHECKPOINT);
    match checkpoint.try_exists() {
        // A path through a file is not there either.
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
        found => found.map_err(|source| Error::io("look for", &checkpoint, source)),
    }
}

/// Whether the file system, or its server, knows no locks.
fn has_no_locks(error: &io::Error) -> bool {
    // ENOLCK, which has no kind of its own.
    let is_refused = cfg!(target_os = "linux") && error.raw_os_error() == Some(37);
    error.kind() == ErrorKind::Unsupported || is_refused
}

/// The names of what lies in a directory.
fn names(path: &Path) -> io::Result<BTreeSet<String>> {
    let entries = fs::read_dir(path)?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Whether a file comes before a run's first checkpoint.
fn is_of_a_start(name: &String) -> bool {
    let whole = name.strip_suffix(".part").unwrap_or(name);
    let is_part = whole != name;
    [LOCK, RECIPE, STAMP].contains(&whole) || (is_part && whole == CHECKPOINT)
}

fn exists(path: &Path) -> Error {
    let path = path.to_owned();
    Error::RunExists { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_do_not_write_one_directory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("run");
        let first = Directory::create(&path).unwrap();
        for second in [Directory::create(&path), Directory::open(&path)] {
            let text = second.unwrap_err().to_string();
            assert!(text.contains("another process trains in "), "{text}");
        }
        assert!(is_locked(&path));
        drop(first);
        assert!(!is_locked(&path));
        Directory::open(&path).unwrap();
    }

    #[test]
    fn a_start_that_was_cut_off_can_be_started_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        for name in [
            LOCK,
            RECIPE,
            STAMP,
            "run.json.part",
            "checkpoint.safetensors.part",
        ] {
            fs::write(path.join(name), "half").unwrap();
        }
        drop(Directory::create(path).unwrap());
        for name in [CHECKPOINT, METRICS, "notes.md"] {
            fs::write(path.join(name), "hours of work").unwrap();
            let error = Directory::create(path).unwrap_err();
            assert!(matches!(error, Error::RunExists { .. }), "{name}");
            fs::remove_file(path.join(name)).unwrap();
        }
    }

    #[test]
    fn what_failed_leaves_what_was_there_before() {
        let directory = tempfile::tempdir().unwrap();
        let new = directory.path().join("new");
        Directory::create(&new).unwrap().discard();
        assert!(!new.exists());
        // Another process may have opened the lock.
        Directory::create(directory.path()).unwrap().discard();
        assert_eq!(names(directory.path()).unwrap(), [LOCK.to_owned()].into());
    }
}
