//! Packed numbers as floats, for arithmetic that is not on bits.

use core::ops::Range;

use crate::WORD_BITS;

/// `±1` for each bit of a byte; 8 KiB that stay in the first cache.
const SIGNS: [[f32; 8]; 256] = table(1.0, -1.0);

/// 1 for each 1 bit of a byte.
const ONES: [[f32; 8]; 256] = table(1.0, 0.0);

const fn table(one: f32, zero: f32) -> [[f32; 8]; 256] {
    let mut table = [[zero; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][bit] = one;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
}

/// Elements `range` of a packed row as ±1; `out` holds at least as many.
pub fn expand_signs(words: &[u64], range: Range<usize>, out: &mut [f32]) {
    bytes(range, out, |word, to| {
        for (to, byte) in to.chunks_mut(8).zip(words[word].to_le_bytes()) {
            to.copy_from_slice(&SIGNS[usize::from(byte)][..to.len()]);
        }
    });
}

/// Elements `range` of a ternary row, `[sign, nonzero]`, as −1, 0 and +1; `out` holds at least as
/// many.
pub fn expand_ternary([sign, nonzero]: [&[u64]; 2], range: Range<usize>, out: &mut [f32]) {
    bytes(range, out, |word, to| {
        let (plus, minus) = (sign[word], nonzero[word] & !sign[word]);
        let planes = plus.to_le_bytes().into_iter().zip(minus.to_le_bytes());
        for (to, (plus, minus)) in to.chunks_mut(8).zip(planes) {
            let (plus, minus) = (&ONES[usize::from(plus)], &ONES[usize::from(minus)]);
            for ((to, plus), minus) in to.iter_mut().zip(plus).zip(minus) {
                *to = plus - minus;
            }
        }
    });
}

/// Calls `expand` with every word of a range of bits, and where its bits go from its first on.
///
/// A range that starts inside a word is expanded word by word into a buffer.
fn bytes(range: Range<usize>, out: &mut [f32], expand: impl Fn(usize, &mut [f32])) {
    let mut at = range.start;
    let mut out = &mut out[..range.len()];
    while !out.is_empty() {
        let (word, bit) = (at / WORD_BITS, at % WORD_BITS);
        let len = out.len().min(WORD_BITS - bit);
        let (to, rest) = out.split_at_mut(len);
        if bit == 0 {
            expand(word, to);
        } else {
            let mut whole = [0.0; WORD_BITS];
            expand(word, &mut whole);
            to.copy_from_slice(&whole[bit..][..len]);
        }
        (at, out) = (at + len, rest);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::{BitMatrix, TernaryMatrix};

    proptest! {
        #[test]
        fn any_range_is_what_the_matrix_says(
            values in prop::collection::vec(-1i8..=1, 1..300),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let (a, b) = (cut.0.index(values.len() + 1), cut.1.index(values.len() + 1));
            let range = a.min(b)..a.max(b);
            let expected: Vec<f32> = values[range.clone()].iter().map(|&v| f32::from(v)).collect();
            let matrix = TernaryMatrix::from_i8(1, values.len(), &values).unwrap();
            let mut found = vec![9.0; range.len()];
            let planes = [matrix.sign().words(), matrix.nonzero().words()];
            expand_ternary(planes, range.clone(), &mut found);
            prop_assert_eq!(&found, &expected);

            let bits: Vec<i8> = values.iter().map(|&v| if v > 0 { 1 } else { -1 }).collect();
            let expected: Vec<f32> = bits[range.clone()].iter().map(|&v| f32::from(v)).collect();
            let matrix = BitMatrix::from_i8(1, bits.len(), &bits).unwrap();
            expand_signs(matrix.words(), range, &mut found);
            prop_assert_eq!(&found, &expected);
        }
    }
}
