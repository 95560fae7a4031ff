//! AVX-512: 512-bit vectors of words, with VPOPCNTDQ or without.

use core::arch::x86_64::*;

use super::avx2_tables::tables_and_index;
use crate::lookup::{Bytes, LookUpTile, look_up_tile};
use crate::panel::Panel;
use crate::product::{Product, Runs, TILE_SITES, Tile, word_tile};
use crate::vector::{Lanes, Sums, Vector, operations};

/// Eight words, whose bits VPOPCNTDQ counts or nibbles look up.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Words<const VPOPCNTDQ: bool>(__m512i);

// SAFETY: AVX-512 F instructions, and VPOPCNTDQ or BW; `LANES` words of 64 bits are 512 bits.
unsafe impl<const VPOPCNTDQ: bool> Vector for Words<VPOPCNTDQ> {
    const LANES: usize = 8;
    const COUNTER_WORDS: usize = if VPOPCNTDQ { usize::MAX } else { 31 };

    operations! {
        zero() -> Self = Self(_mm512_setzero_si512());
        splat(word: u64) -> Self = Self(_mm512_set1_epi64(word as i64));
        load(from: *const u64) -> Self = Self(_mm512_loadu_si512(from.cast()));
        store(a: Self, to: *mut u64) -> () = _mm512_storeu_si512(to.cast(), a.0);
        xor(a: Self, b: Self) -> Self = Self(_mm512_xor_si512(a.0, b.0));
        and(a: Self, b: Self) -> Self = Self(_mm512_and_si512(a.0, b.0));
        add64(a: Self, b: Self) -> Self = Self(_mm512_add_epi64(a.0, b.0));
        add32(a: Self, b: Self) -> Self = Self(_mm512_add_epi32(a.0, b.0));
        sub32(a: Self, b: Self) -> Self = Self(_mm512_sub_epi32(a.0, b.0));
        count(counter: Self, bits: Self) -> Self = {
            if VPOPCNTDQ {
                return Self(_mm512_add_epi64(counter.0, _mm512_popcnt_epi64(bits.0)));
            }
            let nibble = _mm512_set1_epi8(0x0f);
            let counts = _mm512_broadcast_i32x4(_mm_setr_epi8(
                0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
            ));
            let low = _mm512_shuffle_epi8(counts, _mm512_and_si512(bits.0, nibble));
            let high = _mm512_and_si512(_mm512_srli_epi16::<4>(bits.0), nibble);
            let high = _mm512_shuffle_epi8(counts, high);
            Self(_mm512_add_epi8(counter.0, _mm512_add_epi8(low, high)))
        };
        widen(counter: Self) -> Self = {
            if VPOPCNTDQ {
                return counter;
            }
            Self(_mm512_sad_epu8(counter.0, _mm512_setzero_si512()))
        };
        interleave(even: Self, odd: Self) -> Self =
            Self(_mm512_or_si512(even.0, _mm512_slli_epi64::<32>(odd.0)));
    }
}

/// The instruction set itself.
pub(super) enum Avx512<const VPOPCNTDQ: bool> {}

// SAFETY: AVX-512 F instructions only.
unsafe impl<const VPOPCNTDQ: bool> Lanes for Avx512<VPOPCNTDQ> {
    #[inline(always)]
    unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64 {
        let mut bits = 0;
        for first in (0..outputs).step_by(16) {
            // SAFETY: the caller's.
            let mask = unsafe {
                let sums = _mm512_loadu_si512(sums.0.as_ptr().add(first).cast());
                let at = _mm512_loadu_si512(at.0.as_ptr().add(first).cast());
                _mm512_cmpge_epi32_mask(sums, at)
            };
            bits |= u64::from(mask) << first;
        }
        bits
    }

    #[inline(always)]
    unsafe fn signs(values: &[f32; 64]) -> (u64, bool) {
        let (mut bits, mut nan) = (0, 0);
        for first in (0..64).step_by(16) {
            // SAFETY: sixteen floats lie at `first`; the caller's CPU has AVX-512 F.
            unsafe {
                let values = _mm512_loadu_ps(values.as_ptr().add(first));
                let positive = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(values, _mm512_setzero_ps());
                bits |= u64::from(positive) << first;
                nan |= _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(values, values);
            }
        }
        (bits, nan != 0)
    }
}

// SAFETY: AVX-512 F instructions, and VPOPCNTDQ or BW.
unsafe impl<const VPOPCNTDQ: bool, P: Product> Tile<P> for Avx512<VPOPCNTDQ> {
    word_tile!(Words<VPOPCNTDQ>, P, 4);
}

/// Sixty-four bytes.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Wide(__m512i);

// SAFETY: AVX-512 F and BW instructions only; `BYTES` bytes are 512 bits.
unsafe impl Bytes for Wide {
    const BYTES: usize = 64;

    operations! {
        zero() -> Self = Self(_mm512_setzero_si512());
        load(from: *const u8) -> Self = Self(_mm512_loadu_si512(from.cast()));
        table(from: *const u8) -> Self =
            Self(_mm512_broadcast_i32x4(_mm_loadu_si128(from.cast())));
        shuffle(table: Self, index: Self) -> Self = Self(_mm512_shuffle_epi8(table.0, index.0));
        add8(a: Self, b: Self) -> Self = Self(_mm512_add_epi8(a.0, b.0));
        add16(a: Self, b: Self) -> Self = Self(_mm512_add_epi16(a.0, b.0));
        upper(a: Self) -> Self = Self(_mm512_srli_epi16::<8>(a.0));
        store(a: Self, to: *mut u16) -> () = _mm512_storeu_si512(to.cast(), a.0);
    }
}

// SAFETY: AVX-512 F and BW instructions only, which both kinds have.
unsafe impl<const VPOPCNTDQ: bool> LookUpTile for Avx512<VPOPCNTDQ> {
    // Eight rows are 16 counters of 32 registers.
    look_up_tile!(Wide, 8);

    tables_and_index!();
}
