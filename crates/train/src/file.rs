//! Files that are read whole and written whole.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

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

/// SHA-256 of some bytes, as 64 hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
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
    whole(path, with_ending(path, ".part"), action, write, |part| {
        fs::rename(part, path)
    })
}

/// Writes a file that is not there yet: if one appears meanwhile, it stays, and that is the error.
///
/// # Errors
/// A file that exists or cannot be written.
pub fn create(
    path: &Path,
    action: &'static str,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), Error> {
    let part = with_ending(path, &format!(".{}.part", std::process::id()));
    whole(path, part, action, write, |part| {
        // A second name for what is whole; a rename would replace what has appeared meanwhile.
        match fs::hard_link(part, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => take_name(part, path),
            Err(error) => Err(error),
            Ok(()) => {
                // The file stands, under a name too many at worst.
                let _ = fs::remove_file(part);
                Ok(())
            }
        }
    })
}

/// Gives a file a name that nobody has, where the file system knows no hard links.
fn take_name(part: &Path, path: &Path) -> io::Result<()> {
    // The name is taken first, so that nobody else's file is under it when it is replaced.
    drop(File::create_new(path)?);
    fs::rename(part, path).inspect_err(|_| {
        // It is empty and ours.
        let _ = fs::remove_file(path);
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Writes `part`, syncs it, and gives it its name by `publish`.
fn whole(
    path: &Path,
    part: PathBuf,
    action: &'static str,
    write: impl FnOnce(&Path) -> io::Result<()>,
    publish: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), Error> {
    let done = write(&part).and_then(|()| {
        File::options().write(true).open(&part)?.sync_all()?;
        publish(&part)?;
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = File::open(parent.unwrap_or(Path::new(".")));
        // The file stands; not every system opens or syncs a directory.
        let _ = parent.and_then(|parent| parent.sync_all());
        Ok(())
    });
    done.map_err(|source| {
        // What is half written helps nobody; that it may stay does not change the error.
        let _ = fs::remove_file(&part);
        Error::Io {
            action,
            path: path.to_owned(),
            source,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_until_the_new_file_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        replace(&path, "write", |part| fs::write(part, "old")).unwrap();
        let half = replace(&path, "write", |part| {
            fs::write(part, "ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(half.unwrap_err().to_string().starts_with("cannot write "));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        replace(&path, "write", |part| fs::write(part, "new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(
            fs::read_dir(directory.path()).unwrap().count(),
            1,
            "no part is left"
        );
    }

    #[test]
    fn a_file_that_appeared_meanwhile_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let done = create(&path, "write", |part| {
            fs::write(&path, "theirs")?;
            fs::write(part, "ours")
        });
        assert!(done.unwrap_err().to_string().starts_with("cannot write "));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        fs::remove_file(&path).unwrap();
        create(&path, "write", |part| fs::write(part, "ours")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_or_too_long_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let error = read(directory.path(), "read").unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("is no regular file, expected one")
        );
        let path = directory.path().join("long");
        fs::write(&path, vec![b'#'; (LONGEST_TEXT + 1) as usize]).unwrap();
        let error = read_text(&path, "read").unwrap_err();
        assert!(error.to_string().ends_with("it is longer than a megabyte"));
    }
}
