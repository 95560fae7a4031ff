//! AVX2's own way to the operands of look-ups: tables of gradients, and bits as bytes.
//!
//! A compiler builds a table number by number, in some 70 operations; `vpmaddubsw` of the four
//! gradients and constant bits makes its 16 sums in two, the whole table in some ten. AVX-512 does
//! the same, since a table is 256 bits of numbers.

use core::arch::x86_64::*;

use crate::generic;
use crate::lookup::{GROUP, GradientTable, RADIX};

/// The last functions of a [`LookUpTile`](crate::lookup::LookUpTile), for CPUs with AVX2.
macro_rules! tables_and_index {
    () => {
        #[inline(always)]
        unsafe fn spread(words: [u32; 4]) -> [u8; crate::lookup::GROUP] {
            // SAFETY: the caller's CPU has AVX2, alone or as a part of AVX-512.
            unsafe { crate::x86_64::avx2_tables::spread(words) }
        }

        #[inline(always)]
        unsafe fn fill_tables(
            quads: &[[i8; 4]],
            tables: &mut [crate::lookup::GradientTable],
            stride: usize,
        ) {
            // SAFETY: the caller's CPU has AVX2, alone or as a part of AVX-512.
            unsafe { crate::x86_64::avx2_tables::fill_tables(quads, tables, stride) }
        }
    };
}

pub(super) use tables_and_index;

/// Bit `c` of each of four words, as the four bits of column `c`.
///
/// # Safety
/// The CPU has AVX2.
#[inline(always)]
pub(super) unsafe fn spread(words: [u32; 4]) -> [u8; GROUP] {
    // SAFETY: the caller's; an array of bytes has no padding.
    unsafe {
        // Byte 2i is bit i of the lower half of a word, byte 2i + 1 bit i of the upper one.
        let places = _mm256_setr_epi8(
            0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, 0, 2, //
            1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3,
        );
        let bits = _mm256_setr_epi8(
            1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 64, -128, -128, //
            1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32, 64, 64, -128, -128,
        );
        let mut all = _mm256_setzero_si256();
        for (at, word) in words.into_iter().enumerate() {
            let word = _mm256_shuffle_epi8(_mm256_set1_epi32(word as i32), places);
            let set = _mm256_cmpeq_epi8(_mm256_and_si256(word, bits), bits);
            all = _mm256_or_si256(all, _mm256_and_si256(set, _mm256_set1_epi8(1 << at)));
        }
        core::mem::transmute(all)
    }
}

/// The tables of four gradients each, with no gradient −128.
///
/// # Safety
/// The CPU has AVX2.
#[inline(always)]
pub(super) unsafe fn fill_tables(quads: &[[i8; 4]], tables: &mut [GradientTable], stride: usize) {
    // Bits 0 and 1 of every index, and bits 2 and 3.
    const LOWER: [[u8; 2]; 16] = bits(0);
    const UPPER: [[u8; 2]; 16] = bits(2);
    const fn bits(first: usize) -> [[u8; 2]; 16] {
        let mut bits = [[0; 2]; 16];
        let mut x = 0;
        while x < 16 {
            bits[x] = [(x >> first & 1) as u8, (x >> (first + 1) & 1) as u8];
            x += 1;
        }
        bits
    }
    let (eights, rest) = quads.as_chunks::<8>();
    // SAFETY: the caller's; arrays hold the bytes that are loaded and stored.
    unsafe {
        let lower = _mm256_loadu_si256(LOWER.as_ptr().cast());
        let upper = _mm256_loadu_si256(UPPER.as_ptr().cast());
        let reciprocal = _mm256_set1_epi16(2850);
        let radix = _mm256_set1_epi16(RADIX as i16);
        let mut at = 0;
        for eight in eights {
            let negative = _mm256_loadu_si256(eight.as_ptr().cast());
            let negative = _mm256_min_epi8(negative, _mm256_setzero_si256());
            let negative = _mm256_maddubs_epi16(_mm256_set1_epi8(1), negative);
            let negative = _mm256_madd_epi16(negative, _mm256_set1_epi16(-1));
            let mut starts = [0i32; 8];
            _mm256_storeu_si256(starts.as_mut_ptr().cast(), negative);
            for (quad, start) in eight.iter().zip(starts) {
                let [a, b, c, d] = *quad;
                let first = _mm256_set1_epi16(i16::from_le_bytes([a as u8, b as u8]));
                let second = _mm256_set1_epi16(i16::from_le_bytes([c as u8, d as u8]));
                let values = _mm256_add_epi16(
                    _mm256_add_epi16(
                        _mm256_maddubs_epi16(lower, first),
                        _mm256_maddubs_epi16(upper, second),
                    ),
                    _mm256_set1_epi16(start as i16),
                );
                // Quotients up to 508 are exact, as the generic form says.
                let high = _mm256_mulhi_epu16(values, reciprocal);
                let low = _mm256_sub_epi16(values, _mm256_mullo_epi16(high, radix));
                let both =
                    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi16(low, high));
                if let Some(table) = tables.get_mut(at) {
                    _mm256_storeu_si256(table.0.as_mut_ptr().cast(), both);
                }
                at += stride;
            }
        }
        if let Some(tables) = tables.get_mut(at..) {
            generic::fill_tables(rest, tables, stride);
        }
    }
}
