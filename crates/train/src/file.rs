//! Files that are read whole and written whole.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::Error;

/// No recipe is longer than this.
const LONGEST_TEXT: u64 = 1 << 20;

/// Reads a text of at most a megabyte, a pipe among others.
///
/// # Errors
/// A file that cannot be read, that is too long or not UTF-8.
pub fn read_text(path: &Path, action: &'static str) -> Result<String, Error> {
    let mut text = String::new();
    let done = File::open(path)
        .and_then(|file| file.take(LONGEST_TEXT + 1).read_to_string(&mut text))
        .and_then(|len| match len as u64 > LONGEST_TEXT {
            true => Err(io::Error::other("it is longer than a megabyte")),
            false => Ok(()),
        });
    done.map(|()| text).map_err(|source| Error::Io {
        action,
        path: path.to_owned(),
        source,
    })
}

/// Reads a regular file; a pipe might never end.
///
/// # Errors
/// A file that cannot be read or is something else.
pub fn read(path: &Path, action: &'static str) -> Result<Vec<u8>, Error> {
    let io = |source| Error::Io {
        action,
        path: path.to_owned(),
        source,
    };
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(Error::NotAFile {
            path: path.to_owned(),
        });
    }
    fs::read(path).map_err(io)
}

/// Writes a file beside its name, syncs it, and renames it: what was there stays until then.
///
/// # Errors
/// A file that cannot be written.
pub fn replace(
    path: &Path,
    action: &'static str,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), Error> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let done = write(part).and_then(|()| {
        File::open(part)?.sync_all()?;
        fs::rename(part, path)?;
        match path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            // Not every system opens a directory; the file itself is safe by then.
            Some(parent) => File::open(parent).map_or(Ok(()), |parent| parent.sync_all()),
            None => Ok(()),
        }
    });
    done.map_err(|source| {
        // What is half written helps nobody; that it may stay does not change the error.
        let _ = fs::remove_file(part);
        Error::Io {
            action,
            path: path.to_owned(),
            source,
        }
    })
}
