//! Two rows of bits: the dot product by itself, vector lanes along the row.
//!
//! ```text
//! for each vector k:  total += popcount(a[k] xor b[k])         whole vectors, then single words
//! ```

use crate::vector::Vector;

/// Bits that differ between two rows.
///
/// # Safety
/// The CPU has the instruction set of `V`; the rows have the same number of words.
#[inline(always)]
pub(crate) unsafe fn mismatches<V: Vector>(a: &[u64], b: &[u64]) -> u64 {
    // SAFETY: the caller's.
    unsafe {
        popcount::<V>(
            a.len(),
            |k| V::xor(V::load(a.as_ptr().add(k)), V::load(b.as_ptr().add(k))),
            |k| a[k] ^ b[k],
        )
    }
}

/// `Σ a · b` of two ternary rows `[sign, nonzero]`.
///
/// # Safety
/// The CPU has the instruction set of `V`; the four planes have the same number of words.
#[inline(always)]
pub(crate) unsafe fn ternary_dot<V: Vector>(a: [&[u64]; 2], b: [&[u64]; 2]) -> i64 {
    let len = a[0].len();
    // SAFETY: the caller's.
    unsafe {
        let load = |row: &[u64], k: usize| V::load(row.as_ptr().add(k));
        let both = |k| V::and(load(a[1], k), load(b[1], k));
        let differ = |k| V::and(V::xor(load(a[0], k), load(b[0], k)), both(k));
        let present = popcount::<V>(len, both, |k| a[1][k] & b[1][k]);
        let opposed = popcount::<V>(len, differ, |k| (a[0][k] ^ b[0][k]) & a[1][k] & b[1][k]);
        present as i64 - 2 * opposed as i64
    }
}

/// Popcount of `len` words, given as vectors and as single words.
///
/// # Safety
/// The CPU has the instruction set of `V`; `vector(k)` may read `LANES` words from `k` on wherever
/// these lie below `len`.
#[inline(always)]
unsafe fn popcount<V: Vector>(
    len: usize,
    vector: impl Fn(usize) -> V,
    word: impl Fn(usize) -> u64,
) -> u64 {
    let whole = len / V::LANES * V::LANES;
    // SAFETY: whole vectors lie inside the rows; the lanes fit the widest vector.
    let mut total = unsafe {
        let mut total = V::zero();
        let mut k = 0;
        while k < whole {
            let mut counter = V::zero();
            let mut room = V::COUNTER_WORDS;
            while k < whole && room > 0 {
                counter = V::count(counter, vector(k));
                k += V::LANES;
                room -= 1;
            }
            total = V::add64(total, V::widen(counter));
        }
        let mut lanes = [0; 8];
        V::store(total, lanes.as_mut_ptr());
        lanes.iter().sum()
    };
    for k in whole..len {
        total += u64::from(word(k).count_ones());
    }
    total
}
