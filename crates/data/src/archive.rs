//! Archives, `.tar.gz`: their entries one after another, straight from the packed bytes.
//!
//! ```text
//! gzip : members, each with a checksum
//! tar  : for each entry a header of 512 bytes, then its contents, filled up to 512 with zeros
//!        a header of zeros ends it
//! ```
//!
//! Nothing is unpacked to disk, and no name of an archive is a path: it is looked at and shown.
//! Memory is taken for what is there, never for what is claimed. Links, devices and files with
//! holes are refused, since to pass over one would be to lose a picture without a word.
//!
//! # Reference
//! POSIX.1-2017, *pax*, "ustar Interchange Format" and "pax Extended Header"; the GNU tar manual
//! 1.35, "Basic Tar Format", for long names.

use std::ffi::OsString;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tar::{EntryType, Header};

use crate::Error;

/// Longest packed file: 8 GiB.
pub(crate) const LIMIT_BYTES: u64 = 8 << 30;

/// Most bytes that are unpacked, those of entries that nobody asks for among them: 32 GiB.
const LIMIT_UNPACKED_BYTES: u64 = 32 << 30;

/// Longest name, and longest extended header, which may hold other things than a name.
const LIMIT_NAME_BYTES: u64 = 1 << 20;

/// Most bytes behind the end marker: tapes are written in large blocks.
const LIMIT_TRAILING_BYTES: u64 = 1 << 20;

const BLOCK_BYTES: usize = 512;

/// A file or directory of an archive.
pub(crate) struct Entry {
    /// The parts of its name, without `.`; none is empty or `..`.
    pub(crate) parts: Vec<Vec<u8>>,
    /// Whether it is a directory, which has no contents.
    pub(crate) directory: bool,
    /// The archive's path with the name behind it, for messages.
    pub(crate) path: PathBuf,
}

/// An archive being read; `path` stands in errors.
pub(crate) struct Archive<'a, R: Read> {
    path: &'a Path,
    reader: io::Take<BufReader<MultiGzDecoder<R>>>,
    /// Bytes of the last entry that were not read, and what fills them up.
    unread_bytes: u64,
    fill_bytes: u64,
    /// What the last entry is called in messages.
    label: PathBuf,
}

impl<'a, R: Read> Archive<'a, R> {
    /// Begins with the packed bytes.
    pub(crate) fn new(path: &'a Path, packed: R) -> Self {
        Self {
            path,
            reader: BufReader::with_capacity(1 << 16, MultiGzDecoder::new(packed))
                .take(LIMIT_UNPACKED_BYTES),
            unread_bytes: 0,
            fill_bytes: 0,
            label: path.to_owned(),
        }
    }

    /// The next file or directory; `None` behind the last, when all checksums were right.
    ///
    /// # Errors
    /// An archive that is cut off, damaged or too large; an entry that is neither, or whose name
    /// leads out of the archive.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Error> {
        let mut long_name = None;
        loop {
            self.skip(self.unread_bytes.saturating_add(self.fill_bytes))?;
            (self.unread_bytes, self.fill_bytes) = (0, 0);
            let mut block = [0; BLOCK_BYTES];
            self.fill(&mut block)?;
            if block == [0; BLOCK_BYTES] {
                self.finish()?;
                return Ok(None);
            }
            let header = Header::from_byte_slice(&block);
            self.check(header)?;
            let len = self.len(header)?;
            self.unread_bytes = len;
            self.fill_bytes = len.wrapping_neg() % BLOCK_BYTES as u64;
            match header.entry_type() {
                EntryType::GNULongName => {
                    let mut name = self.contents(LIMIT_NAME_BYTES)?;
                    name.truncate(name.iter().position(|&b| b == 0).unwrap_or(name.len()));
                    long_name = Some(name);
                }
                EntryType::XHeader => {
                    let records = self.contents(LIMIT_NAME_BYTES)?;
                    long_name = self.extended_name(&records)?.or(long_name);
                }
                EntryType::GNULongLink | EntryType::XGlobalHeader => {}
                kind => {
                    let name = long_name.unwrap_or_else(|| header.path_bytes().into_owned());
                    return self.entry(&name, kind).map(Some);
                }
            }
        }
    }

    /// The contents of the entry that came last.
    ///
    /// # Errors
    /// More than `limit_bytes` of them, or an archive that is cut off or damaged.
    pub(crate) fn contents(&mut self, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let len = self.unread_bytes;
        if len > limit_bytes {
            return Err(Error::TooLarge {
                path: self.label.clone(),
                limit_bytes,
                found_bytes: len,
            });
        }
        let mut bytes = Vec::new();
        let found = self.reader.by_ref().take(len).read_to_end(&mut bytes);
        let found = found.map_err(|error| self.damaged(error))? as u64;
        if found < len {
            return Err(self.cut_off());
        }
        self.unread_bytes = 0;
        Ok(bytes)
    }

    /// An entry from its name and kind.
    fn entry(&mut self, name: &[u8], kind: EntryType) -> Result<Entry, Error> {
        self.label = within(self.path, name);
        let path = || self.label.clone();
        let directory = match kind {
            EntryType::Directory => true,
            // Before POSIX a directory was a file whose name ends in a slash.
            EntryType::Regular | EntryType::Continuous => name.ends_with(b"/"),
            _ => return Err(Error::ArchiveEntry { path: path() }),
        };
        let mut parts = Vec::new();
        for part in name.split(|&byte| byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => return Err(Error::ArchiveName { path: path() }),
                _ => parts.push(part.to_vec()),
            }
        }
        match name.starts_with(b"/") {
            true => Err(Error::ArchiveName { path: path() }),
            false => Ok(Entry {
                parts,
                directory,
                path: path(),
            }),
        }
    }

    /// `Ok` if a header has the sum that it says.
    fn check(&self, header: &Header) -> Result<(), Error> {
        const SUM: std::ops::Range<usize> = 148..156;
        let bytes = header.as_bytes().iter().enumerate();
        let found: u32 = bytes
            .map(|(at, &byte)| u32::from(if SUM.contains(&at) { b' ' } else { byte }))
            .sum();
        match header.cksum() {
            Ok(expected) if expected == found => Ok(()),
            Ok(_) => Err(self.error("a header's checksum is wrong")),
            Err(error) => Err(self.damaged(error)),
        }
    }

    /// How many bytes an entry says that it has.
    fn len(&self, header: &Header) -> Result<u64, Error> {
        // Binary numbers are GNU's, of 11 bytes behind a mark; the parser looks at the last 8.
        match header.as_old().size {
            [mark, high @ .., _, _, _, _, _, _, _, _]
                if mark & 0x80 != 0 && (mark != 0x80 || high != [0; 3]) =>
            {
                Err(self.error("an entry's size is negative or has more than 64 bits"))
            }
            _ => header.entry_size().map_err(|error| self.damaged(error)),
        }
    }

    /// The name in an extended header: records of `LENGTH KEY=VALUE\n`.
    fn extended_name(&self, mut records: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let wrong = || self.error("an extended header is no list of keys");
        let mut name = None;
        while !records.is_empty() {
            let blank = records.iter().position(|&byte| byte == b' ');
            let blank = blank.ok_or_else(wrong)?;
            let len = std::str::from_utf8(&records[..blank]).ok();
            let len: usize = len.and_then(|len| len.parse().ok()).ok_or_else(wrong)?;
            let record = records.get(blank + 1..len).ok_or_else(wrong)?;
            let record = record.strip_suffix(b"\n").ok_or_else(wrong)?;
            let equals = record.iter().position(|&byte| byte == b'=');
            let (key, value) = record.split_at(equals.ok_or_else(wrong)?);
            match key {
                b"path" => name = Some(value[1..].to_vec()),
                b"size" => return Err(self.error("an entry of 8 GiB and more")),
                _ if key.starts_with(b"GNU.sparse") => {
                    return Err(self.error("a file with holes (tar --sparse)"));
                }
                _ => {}
            }
            records = &records[len..];
        }
        Ok(name)
    }

    /// Reads on to the end, so that the decoder compares its checksum.
    fn finish(&mut self) -> Result<(), Error> {
        let mut rest = self.reader.by_ref().take(LIMIT_TRAILING_BYTES + 1);
        let found = io::copy(&mut rest, &mut io::sink());
        match found.map_err(|error| self.damaged(error))? {
            found if found > LIMIT_TRAILING_BYTES => {
                Err(self.error("it goes on behind its end marker"))
            }
            _ => Ok(()),
        }
    }

    fn skip(&mut self, len: u64) -> Result<(), Error> {
        let found = io::copy(&mut self.reader.by_ref().take(len), &mut io::sink());
        match found.map_err(|error| self.damaged(error))? {
            found if found == len => Ok(()),
            _ => Err(self.cut_off()),
        }
    }

    fn fill(&mut self, block: &mut [u8]) -> Result<(), Error> {
        self.reader
            .read_exact(block)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => self.cut_off(),
                _ => self.damaged(error),
            })
    }

    fn cut_off(&self) -> Error {
        match self.reader.limit() {
            0 => Error::TooLarge {
                path: self.path.to_owned(),
                limit_bytes: LIMIT_UNPACKED_BYTES,
                found_bytes: LIMIT_UNPACKED_BYTES + 1,
            },
            _ => self.error("it ends early"),
        }
    }

    fn damaged(&self, error: io::Error) -> Error {
        match error.kind() {
            ErrorKind::UnexpectedEof
            | ErrorKind::InvalidData
            | ErrorKind::InvalidInput
            | ErrorKind::Other => self.error(error),
            _ => Error::io(self.path, error),
        }
    }

    fn error(&self, reason: impl ToString) -> Error {
        Error::Archive {
            path: self.path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// A name in an archive as it is shown.
fn within(archive: &Path, name: &[u8]) -> PathBuf {
    let mut shown = OsString::from(archive);
    shown.push("/");
    shown.push(String::from_utf8_lossy(name).trim_end_matches('/'));
    shown.into()
}

#[cfg(test)]
pub(crate) mod tests;
