//! Reading a section number by number; nothing is read past its end.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Error;

/// What of a section is not read yet.
pub struct Cursor<'a> {
    section: &'static str,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(section: &'static str, bytes: &'a [u8]) -> Self {
        Self {
            section,
            rest: bytes,
        }
    }

    /// The next `len` bytes.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        match self.rest.split_at_checked(len) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(Error::SectionEnd {
                section: self.section,
                needed: len,
                left: self.rest.len(),
            }),
        }
    }

    /// The next numbers of `N` bytes each.
    pub fn numbers<const N: usize>(&mut self, count: usize) -> Result<&'a [[u8; N]], Error> {
        // A count past the address range is past the section's end as well.
        let bytes = self.bytes(count.saturating_mul(N))?;
        Ok(bytes.as_chunks().0)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        Ok(self.numbers(1)?[0])
    }

    pub fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.number::<1>()?[0])
    }

    pub fn u32(&mut self) -> Result<u32, Error> {
        self.number().map(u32::from_le_bytes)
    }

    pub fn i32(&mut self) -> Result<i32, Error> {
        self.number().map(i32::from_le_bytes)
    }

    pub fn f32(&mut self) -> Result<f32, Error> {
        self.number().map(f32::from_le_bytes)
    }

    /// A size.
    pub fn size(&mut self) -> Result<usize, Error> {
        let size = self.u32()?;
        usize::try_from(size).map_err(|_| Error::Size {
            what: "a size in the file",
            found: size.into(),
        })
    }

    pub fn sizes<const N: usize>(&mut self) -> Result<[usize; N], Error> {
        let mut sizes = [0; N];
        for size in &mut sizes {
            *size = self.size()?;
        }
        Ok(sizes)
    }

    /// A text behind the length of its UTF-8 in one byte.
    pub fn text(&mut self) -> Result<String, Error> {
        let len = self.u8()?;
        let bytes = self.bytes(len.into())?;
        let text = core::str::from_utf8(bytes);
        let text = text.map_err(|_| Error::Text {
            section: self.section,
        })?;
        Ok(text.into())
    }

    /// Things that follow their count; each takes at least a byte, so that a false count ends with
    /// the section.
    pub fn list<T>(
        &mut self,
        count: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(read(self)?);
        }
        Ok(list)
    }

    /// A code that stands for nothing.
    pub fn unknown<T>(&self, what: &'static str, found: u8) -> Result<T, Error> {
        Err(Error::Code { what, found })
    }

    /// Skips bytes of 0 up to a multiple of `align` of the section.
    pub fn pad(&mut self, read: usize, align: usize) -> Result<(), Error> {
        let bytes = self.bytes(read.next_multiple_of(align) - read)?;
        zeros(bytes, self.section)
    }

    /// `Ok` when nothing is left.
    pub fn end(self) -> Result<(), Error> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(Error::SectionRest {
                section: self.section,
                left,
            }),
        }
    }
}

/// `Ok` when all bytes are 0.
pub fn zeros(bytes: &[u8], section: &'static str) -> Result<(), Error> {
    match bytes.iter().all(|byte| *byte == 0) {
        true => Ok(()),
        false => Err(Error::Gap { section }),
    }
}
