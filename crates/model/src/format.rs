//! The model file, `.orth`; `docs/format.md` has it in words.
//!
//! ```text
//! head       magic [8], version u32, checksum u32, length u64, sections u32, 0 u32
//! table      one entry per section: kind u32, 0 u32, offset u64, length u64
//! sections   network, classes, weights, readouts; each starts at a multiple of 8
//! ```
//!
//! All numbers are little-endian. What follows from the network is not stored: a length that is
//! in the file once cannot contradict itself.

mod checksum;
mod codes;
mod cursor;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use write::Part;

/// What a file starts with; the byte above 127, the line ends and the end-of-text catch a transfer
/// that took it for text.
const MAGIC: [u8; 8] = *b"\x89ORTH\r\n\x1a";

/// The version that is written and read.
const VERSION: u32 = 1;

/// Bytes of the head.
const HEAD: usize = 32;

/// Bytes of an entry of the table.
const ENTRY: usize = 24;

/// Where the bytes start that the checksum covers.
const CHECKED: usize = 16;

/// Sections start at a multiple of this.
const ALIGN: usize = 8;

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Network = 1,
    Classes = 2,
    Weights = 3,
    Readouts = 4,
}

impl Section {
    /// Every one, in the file's order.
    const ALL: [Self; 4] = [Self::Network, Self::Classes, Self::Weights, Self::Readouts];

    /// The name, for messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Classes => "classes",
            Self::Weights => "weights",
            Self::Readouts => "readouts",
        }
    }
}

/// Bytes of a threshold: two where every sum and the one above it fit, else four.
pub(crate) fn threshold_bytes(largest_sum: u64) -> usize {
    if largest_sum < i16::MAX as u64 { 2 } else { 4 }
}
