//! IDX, the format of MNIST: a magic number, the dimensions, the bytes.
//!
//! ```text
//! u32  0x00000800 + number of dimensions      8 says unsigned bytes
//! u32  for each dimension                     all big-endian
//! u8   elements, the last dimension fastest
//! ```

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::{Error, file};

/// The most elements, and so bytes behind the header, that a file may hold: 2³⁰.
///
/// A header can claim anything, and a kilobyte of gzip unpacks to a megabyte.
pub(crate) const LIMIT_BYTES: u64 = 1 << 30;

/// What a file holds: its dimensions and as many bytes as their product.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Array<const DIMENSIONS: usize> {
    pub(crate) dimensions: [usize; DIMENSIONS],
    pub(crate) bytes: Vec<u8>,
}

/// Reads the file at `path`, gzipped if its name ends in `.gz`.
///
/// # Errors
/// A file that is none, cannot be read, or breaks a rule of the format.
pub(crate) fn open<const D: usize>(path: &Path) -> Result<Array<D>, Error> {
    let header_bytes = 4 * (1 + D as u64);
    let file = file::open(path, header_bytes + LIMIT_BYTES)?;
    match path.extension().is_some_and(|end| end == "gz") {
        true => unpack(path, file),
        false => parse(Input {
            path,
            packed: false,
            reader: file,
            read_bytes: 0,
        }),
    }
}

/// Reads bytes, gzipped if they begin as such do; `path` stands in errors.
///
/// # Errors
/// Bytes that break a rule of gzip or of the format.
pub(crate) fn parse_bytes<const D: usize>(path: &Path, bytes: &[u8]) -> Result<Array<D>, Error> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return unpack(path, bytes);
    }
    parse(Input {
        path,
        packed: false,
        reader: bytes,
        read_bytes: 0,
    })
}

/// Reads gzipped bytes; `path` stands in errors.
///
/// # Errors
/// Bytes that break a rule of gzip or of the format.
pub(crate) fn unpack<const D: usize>(path: &Path, packed: impl Read) -> Result<Array<D>, Error> {
    parse(Input {
        path,
        packed: true,
        reader: MultiGzDecoder::new(packed),
        read_bytes: 0,
    })
}

/// A file being read, with what its errors need.
struct Input<'a, R> {
    path: &'a Path,
    packed: bool,
    reader: R,
    read_bytes: u64,
}

impl<R: Read> Input<'_, R> {
    fn path(&self) -> PathBuf {
        self.path.to_owned()
    }

    /// Reads up to `len` bytes, fewer only at the end; memory grows with what there is.
    fn up_to(&mut self, len: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(len).read_to_end(&mut bytes) {
            Ok(found) => self.read_bytes += found as u64,
            Err(source) => {
                let damaged = matches!(
                    source.kind(),
                    ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput
                );
                return Err(match self.packed && damaged {
                    true => Error::Gzip {
                        path: self.path(),
                        source,
                    },
                    false => Error::io(self.path, source),
                });
            }
        }
        Ok(bytes)
    }

    /// Reads `len` bytes.
    fn exactly(&mut self, len: u64) -> Result<Vec<u8>, Error> {
        let expected_bytes = self.read_bytes + len;
        let bytes = self.up_to(len)?;
        if self.read_bytes < expected_bytes {
            return Err(Error::Truncated {
                path: self.path(),
                expected_bytes,
                found_bytes: self.read_bytes,
            });
        }
        Ok(bytes)
    }

    /// Reads a number of the header.
    fn number(&mut self) -> Result<u32, Error> {
        let bytes = self.exactly(4)?;
        Ok(bytes
            .iter()
            .fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }
}

fn parse<R: Read, const D: usize>(mut input: Input<'_, R>) -> Result<Array<D>, Error> {
    let expected = 0x0800 + D as u32;
    let found = input.number()?;
    if found != expected {
        return Err(Error::Magic {
            path: input.path(),
            expected,
            found,
        });
    }
    let mut dimensions = [0; D];
    for extent in &mut dimensions {
        *extent = input.number()?;
    }
    if dimensions.contains(&0) {
        return Err(Error::ZeroDimension { path: input.path() });
    }
    let claimed_bytes = dimensions.iter().fold(1, |product: u64, &extent| {
        product.saturating_mul(extent.into())
    });
    if claimed_bytes > LIMIT_BYTES {
        return Err(Error::TooLarge {
            path: input.path(),
            limit_bytes: LIMIT_BYTES,
            found_bytes: claimed_bytes,
        });
    }
    let bytes = input.exactly(claimed_bytes)?;
    let expected_bytes = input.read_bytes;
    // Looking for one byte more also has a decoder compare its checksum.
    if !input.up_to(1)?.is_empty() {
        return Err(Error::TrailingBytes {
            path: input.path(),
            expected_bytes,
        });
    }
    Ok(Array {
        dimensions: dimensions.map(|extent| extent as usize),
        bytes,
    })
}

#[cfg(test)]
mod tests;
