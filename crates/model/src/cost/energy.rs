//! Energy by Horowitz's table: what an operation and a word from memory cost in 45 nm at 0.9 V.
//!
//! ```text
//! float32 multiply-accumulate     FLOAT_MULTIPLY + FLOAT_ADD                            4.6 pJ
//! 64 binary multiply-accumulates  xor, count, accumulate             2 WORD + INT_ADD   0.5 pJ
//! 64 ternary ones                 and of the nonzeros, xor, and, 2 counts, 2 accumulates
//!                                                                    5 WORD + 2 INT_ADD 1.2 pJ
//! pixel × ±1 or ternary           an addition to a 32-bit sum                  INT_ADD  0.1 pJ
//! comparison                      a subtraction, of integers or of floats  INT_ADD or FLOAT_ADD
//! WORD                            two 32-bit additions                                  0.2 pJ
//! ```
//!
//! The table has no 64-bit logic. An exclusive or, an and, and a popcount stand in it as a 64-bit
//! addition each, which is two 32-bit ones: an adder of 64 bits is 64 full adders, a popcount of
//! 64 bits is at most 63, and a gate a bit is less than either. So packed arithmetic is costed from
//! above and its gain from below. Fetching and scheduling instructions, which costs a processor
//! more than any of these, is left out on both sides: a number here is what a circuit made for the
//! network would need, and it is good for ratios.
//!
//! Memory costs by the word of 64 bits and by the smallest memory of the table that holds what
//! comes round: all weights of the network for a weight, since an image needs each of them once;
//! the tensors that are alive in a layer for its activations. A write costs what a read does. Of
//! the range for DRAM, 1300 to 2600 pJ, the low end is taken, which favours the larger network.
//!
//! # Reference
//! Horowitz 2014, *Computing's Energy Problem (and what we can do about it)*, ISSCC, figure 1.1.9.

use core::ops::Add;

use super::{Elementwise, Macs};

/// Addition of 32-bit integers, pJ.
pub const INT_ADD: f64 = 0.1;
/// Addition of 32-bit floats, pJ.
pub const FLOAT_ADD: f64 = 0.9;
/// Multiplication of 32-bit floats, pJ.
pub const FLOAT_MULTIPLY: f64 = 3.7;
/// Logic, or a count of bits, over a word of 64 bits, pJ; by the table's 32-bit additions.
pub const WORD: f64 = 2.0 * INT_ADD;

/// A word of binary products, added to its sum, pJ.
pub const BINARY_WORD: f64 = 2.0 * WORD + INT_ADD;
/// A word of products of which an operand is ternary, added to its sum, pJ.
pub const TERNARY_WORD: f64 = 5.0 * WORD + 2.0 * INT_ADD;
/// A multiply-accumulate of 32-bit floats, pJ.
pub const FLOAT_MAC: f64 = FLOAT_MULTIPLY + FLOAT_ADD;

/// A memory of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Memory {
    /// A cache of 8 KiB.
    Cache8K,
    /// A cache of 32 KiB.
    Cache32K,
    /// A cache of 1 MiB.
    Cache1M,
    /// DRAM.
    Dram,
}

impl Memory {
    /// The smallest memory that holds so many bytes.
    pub const fn holding(bytes: u64) -> Self {
        const KIB: u64 = 1 << 10;
        match bytes.div_ceil(KIB) {
            0..=8 => Self::Cache8K,
            9..=32 => Self::Cache32K,
            33..=1024 => Self::Cache1M,
            _ => Self::Dram,
        }
    }

    /// Energy of a word of 64 bits, pJ.
    pub const fn word(self) -> f64 {
        match self {
            Self::Cache8K => 10.0,
            Self::Cache32K => 20.0,
            Self::Cache1M => 100.0,
            Self::Dram => 1300.0,
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cache8K => "an 8 KiB cache",
            Self::Cache32K => "a 32 KiB cache",
            Self::Cache1M => "a 1 MiB cache",
            Self::Dram => "DRAM",
        }
    }

    /// Energy of so many bytes in whole words, one after another.
    pub(super) fn energy(self, bytes: u64) -> f64 {
        bytes as f64 / 8.0 * self.word()
    }
}

/// Energy of one image, in picojoules.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Energy {
    /// Of arithmetic.
    pub arithmetic_pj: f64,
    /// Of memory accesses.
    pub memory_pj: f64,
}

impl Energy {
    /// Both together.
    pub fn total_pj(&self) -> f64 {
        self.arithmetic_pj + self.memory_pj
    }
}

impl Add for Energy {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            arithmetic_pj: self.arithmetic_pj + other.arithmetic_pj,
            memory_pj: self.memory_pj + other.memory_pj,
        }
    }
}

/// Energy of a packed layer's arithmetic; `words` are those in which its products meet.
pub(super) fn packed(macs: &Macs, words: u64, other: &Elementwise) -> f64 {
    let word = match macs.ternary {
        0 => BINARY_WORD,
        _ => TERNARY_WORD,
    };
    words as f64 * word
        + macs.pixels as f64 * INT_ADD
        + macs.float as f64 * FLOAT_MAC
        + elementwise(other)
}

/// Energy of the same layer's arithmetic where every number is a float.
pub(super) fn float32(macs: &Macs, other: &Elementwise) -> f64 {
    macs.total() as f64 * FLOAT_MAC + elementwise(other)
}

fn elementwise(other: &Elementwise) -> f64 {
    other.multiplications as f64 * FLOAT_MULTIPLY
        + (other.additions as f64 + other.float_comparisons as f64) * FLOAT_ADD
        + other.integer_comparisons as f64 * INT_ADD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_holds_its_size_and_not_a_byte_more() {
        let at = [0, 8 << 10, 32 << 10, 1 << 20].map(Memory::holding);
        let memories = [
            Memory::Cache8K,
            Memory::Cache8K,
            Memory::Cache32K,
            Memory::Cache1M,
        ];
        assert_eq!(at, memories);
        let above = [(8 << 10) + 1, (32 << 10) + 1, (1 << 20) + 1, u64::MAX].map(Memory::holding);
        let memories = [
            Memory::Cache32K,
            Memory::Cache1M,
            Memory::Dram,
            Memory::Dram,
        ];
        assert_eq!(above, memories);
    }
}
