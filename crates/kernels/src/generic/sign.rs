//! Packing the signs of floats, 64 at a time.

use orthant_bits::words_for;

use crate::vector::Lanes;

/// Packs rows of `cols` floats; returns the index of the first NaN, whose row is unfinished then.
///
/// # Safety
/// The CPU has the instruction set of `E`; `out` holds one packed row per row of `values`.
#[inline(always)]
pub(crate) unsafe fn pack_signs<E: Lanes>(
    values: &[f32],
    cols: usize,
    out: &mut [u64],
) -> Option<usize> {
    let rows = values
        .chunks_exact(cols)
        .zip(out.chunks_exact_mut(words_for(cols)));
    for (row, (values, words)) in rows.enumerate() {
        for (at, (values, word)) in values.chunks(64).zip(words).enumerate() {
            // SAFETY: the caller's.
            let (bits, nan) = unsafe {
                match values.try_into() {
                    Ok(whole) => E::signs(whole),
                    Err(_) => {
                        let mut whole = [-1.0; 64];
                        whole[..values.len()].copy_from_slice(values);
                        E::signs(&whole)
                    }
                }
            };
            if nan {
                let inside = values.iter().position(|value| value.is_nan())?;
                return Some(row * cols + at * 64 + inside);
            }
            *word = bits;
        }
    }
    None
}
