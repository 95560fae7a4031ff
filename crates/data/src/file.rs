//! Files on their way into memory: regular, and no longer than their format allows.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::Error;

/// Whether something stands at `path`.
///
/// # Errors
/// A path that cannot be looked at.
pub(crate) fn is_present(path: &Path) -> Result<bool, Error> {
    match fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io(path, error)),
    }
}

/// Opens a regular file.
///
/// Opening a named pipe waits for its writer and a device never ends, so what stands there is
/// asked first.
///
/// # Errors
/// Anything but a regular file of at most `limit_bytes` that may be read.
pub(crate) fn open(path: &Path, limit_bytes: u64) -> Result<File, Error> {
    let metadata = fs::metadata(path).map_err(|error| Error::io(path, error))?;
    if !metadata.is_file() {
        return Err(Error::NotAFile {
            path: path.to_owned(),
            directory: metadata.is_dir(),
        });
    }
    if metadata.len() > limit_bytes {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit_bytes,
            found_bytes: metadata.len(),
        });
    }
    File::open(path).map_err(|error| Error::io(path, error))
}

/// Reads a regular file whole.
///
/// # Errors
/// Those of [`open`], and a file that grows past `limit_bytes` meanwhile.
pub(crate) fn read(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = open(path, limit_bytes)?;
    let found_bytes = file
        .take(limit_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io(path, error))? as u64;
    if found_bytes > limit_bytes {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit_bytes,
            found_bytes,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_the_limit_is_read_and_one_past_it_is_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("five");
        fs::write(&path, b"12345").expect("written");
        assert_eq!(read(&path, 5).expect("five bytes"), b"12345");
        assert!(matches!(
            read(&path, 4),
            Err(Error::TooLarge {
                limit_bytes: 4,
                found_bytes: 5,
                ..
            })
        ));
    }

    #[test]
    fn a_directory_is_not_a_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let error = read(directory.path(), 5);
        assert!(matches!(
            error,
            Err(Error::NotAFile {
                directory: true,
                ..
            })
        ));
        let missing = directory.path().join("missing");
        assert!(!is_present(&missing).expect("the directory can be looked at"));
        assert!(matches!(read(&missing, 5), Err(Error::Io { path, .. }) if path == missing));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_not_waited_for() {
        let directory = tempfile::tempdir().expect("a directory");
        let pipe = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let error = read(path, 5);
            assert!(matches!(
                error,
                Err(Error::NotAFile {
                    directory: false,
                    ..
                })
            ));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_longer_than_it_says_is_cut_off() {
        // The kernel's made-up files say 0 bytes.
        assert!(matches!(
            read(Path::new("/proc/self/maps"), 5),
            Err(Error::TooLarge { found_bytes: 6, .. })
        ));
    }
}
