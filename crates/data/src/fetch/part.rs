//! The part of a file that is there: locked, hashed as it grows, renamed when it is whole.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::FetchError;

/// Longer versions are no ETag and no date.
const VERSION_LIMIT_BYTES: u64 = 1024;

/// A file on its way, held by one process.
pub(super) struct Part {
    target: PathBuf,
    path: PathBuf,
    version_path: PathBuf,
    file: File,
    hash: Sha256,
    len: u64,
}

impl Part {
    /// Opens or makes the part of `target` and locks it; none if it vanished on the way.
    pub(super) fn lock(target: &Path) -> Result<Option<Self>, FetchError> {
        let path = with_ending(target, ".part");
        // A pipe would be waited for.
        if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
            return Err(FetchError::not_a_file(&path));
        }
        let open = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = open.map_err(|source| FetchError::io("write", &path, source))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FetchError::Busy { path }),
            // Without locks two fetches at once spoil each other, and the hash tells.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(source)) => return Err(FetchError::io("lock", &path, source)),
        }
        // Who held the lock before may have renamed or removed the file that is now open.
        match is_at(&file, &path) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(source) => return Err(FetchError::io("look at", &path, source)),
        }
        Ok(Some(Self {
            target: target.to_owned(),
            version_path: with_ending(&path, ".version"),
            path,
            file,
            hash: Sha256::new(),
            len: 0,
        }))
    }

    /// Hashes what is there and returns its length, unless it is too long to be a beginning.
    pub(super) fn resume(&mut self, expected_bytes: u64) -> Result<u64, FetchError> {
        let done = self.file.metadata().and_then(|there| {
            if there.len() > expected_bytes {
                self.file.set_len(0)?;
                return Ok(0);
            }
            hash_rest(&mut self.file, &mut self.hash)
        });
        self.len = done.map_err(|source| FetchError::io("read", &self.path, source))?;
        Ok(self.len)
    }

    /// Bytes that are there.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The server's version of the bytes that are there, if it named one.
    pub(super) fn version(&self) -> Option<String> {
        let mut text = String::new();
        let file = File::open(&self.version_path).ok()?;
        file.take(VERSION_LIMIT_BYTES)
            .read_to_string(&mut text)
            .ok()?;
        let text = text.trim();
        // It goes into a request's header.
        let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        (!text.is_empty() && plain).then(|| text.to_owned())
    }

    /// Begins again with nothing, of a version.
    pub(super) fn restart(&mut self, version: Option<&str>) -> Result<(), FetchError> {
        let done = self.file.set_len(0).and_then(|()| self.file.rewind());
        done.map_err(|source| FetchError::io("write", &self.path, source))?;
        (self.hash, self.len) = (Sha256::new(), 0);
        let done = match version {
            Some(version) => fs::write(&self.version_path, version),
            None => remove(&self.version_path),
        };
        done.map_err(|source| FetchError::io("write", &self.version_path, source))
    }

    /// Appends bytes; what a full disk still took of them counts, and is hashed.
    pub(super) fn append(&mut self, mut bytes: &[u8]) -> Result<(), FetchError> {
        while !bytes.is_empty() {
            let len = match self.file.write(bytes) {
                Ok(0) => Err(ErrorKind::WriteZero.into()),
                Ok(len) => Ok(len),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let len = len.map_err(|source| FetchError::io("write", &self.path, source))?;
            let (taken, rest) = bytes.split_at(len);
            self.hash.update(taken);
            self.len += len as u64;
            bytes = rest;
        }
        Ok(())
    }

    /// SHA-256 of what is there, as 64 hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        hex(self.hash.clone())
    }

    /// Removes it, and its version.
    pub(super) fn remove(self) -> Result<(), FetchError> {
        // The version first: without its part it would be taken for the next one's.
        for path in [&self.version_path, &self.path] {
            remove(path).map_err(|source| FetchError::io("remove", path, source))?;
        }
        Ok(())
    }

    /// Syncs it and gives it its final name.
    pub(super) fn publish(self) -> Result<(), FetchError> {
        let done = self.file.sync_all();
        let done = done.and_then(|()| fs::rename(&self.path, &self.target));
        done.map_err(|source| FetchError::io("write", &self.target, source))?;
        // The file stands; what of this fails costs a stray file, or a name after a power cut.
        let _ = remove(&self.version_path);
        let _ = File::open(self.target.parent().unwrap_or(Path::new(".")))
            .and_then(|directory| directory.sync_all());
        Ok(())
    }
}

/// SHA-256 of a file, as 64 hexadecimal digits.
pub(super) fn sha256_of(path: &Path) -> Result<String, FetchError> {
    let mut hash = Sha256::new();
    let done = File::open(path).and_then(|mut file| hash_rest(&mut file, &mut hash));
    done.map_err(|source| FetchError::io("read", path, source))?;
    Ok(hex(hash))
}

/// Hashes from where a file stands to its end; returns the bytes.
fn hash_rest(file: &mut File, hash: &mut Sha256) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(len) => {
                hash.update(&buffer[..len]);
                bytes += len as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn hex(hash: Sha256) -> String {
    base16ct::lower::encode_string(&hash.finalize())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether the open file is the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether there is a file at `path`; that it is the open one, this system does not tell.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> io::Result<bool> {
    fs::exists(path)
}
