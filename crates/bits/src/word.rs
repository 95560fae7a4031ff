//! The word that bits are packed into.

/// Bits in a word.
pub const WORD_BITS: usize = u64::BITS as usize;

/// Words that hold a row of `bits` bits.
pub const fn words_for(bits: usize) -> usize {
    bits.div_ceil(WORD_BITS)
}

/// The bits of a row's last word that belong to the row; the others are padding bits.
///
/// All ones when the row fills its last word, as an empty row is taken to do.
pub const fn tail_mask(bits: usize) -> u64 {
    match bits % WORD_BITS {
        0 => u64::MAX,
        used => (1 << used) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_ends_in_its_last_word() {
        let expected = [
            (0, 0, u64::MAX),
            (1, 1, 1),
            (63, 1, u64::MAX >> 1),
            (64, 1, u64::MAX),
        ];
        for (bits, words, mask) in expected {
            assert_eq!(
                (words_for(bits), tail_mask(bits)),
                (words, mask),
                "{bits} bits"
            );
        }
        assert_eq!((words_for(65), tail_mask(65)), (2, 1));
    }
}
