//! AVX2: 256-bit vectors, no popcount.
//!
//! The popcount of a byte is looked up by its two nibbles; bytes are added up for 31 words, which
//! is as far as 8 bits reach.

use core::arch::x86_64::*;

use super::avx2_tables::tables_and_index;
use crate::lookup::{Bytes, LookUpTile, look_up_tile};
use crate::panel::Panel;
use crate::product::{
    Binary, PixelTile, Runs, TILE_SITES, Ternary, TernaryInputs, TernaryWeights, Tile, word_tile,
};
use crate::table::{Table, entry_points};
use crate::vector::{Lanes, Sums, Vector, operations};

// SAFETY: AVX2 instructions only; `LANES` words of 64 bits are 256 bits.
unsafe impl Vector for __m256i {
    const LANES: usize = 4;
    const COUNTER_WORDS: usize = 31;

    operations! {
        zero() -> Self = _mm256_setzero_si256();
        splat(word: u64) -> Self = _mm256_set1_epi64x(word as i64);
        load(from: *const u64) -> Self = _mm256_loadu_si256(from.cast());
        store(a: Self, to: *mut u64) -> () = _mm256_storeu_si256(to.cast(), a);
        xor(a: Self, b: Self) -> Self = _mm256_xor_si256(a, b);
        and(a: Self, b: Self) -> Self = _mm256_and_si256(a, b);
        add64(a: Self, b: Self) -> Self = _mm256_add_epi64(a, b);
        add32(a: Self, b: Self) -> Self = _mm256_add_epi32(a, b);
        sub32(a: Self, b: Self) -> Self = _mm256_sub_epi32(a, b);
        count(counter: Self, bits: Self) -> Self = {
            let nibble = _mm256_set1_epi8(0x0f);
            let counts = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
            ));
            let low = _mm256_shuffle_epi8(counts, _mm256_and_si256(bits, nibble));
            let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bits), nibble);
            let high = _mm256_shuffle_epi8(counts, high);
            _mm256_add_epi8(counter, _mm256_add_epi8(low, high))
        };
        widen(counter: Self) -> Self = _mm256_sad_epu8(counter, _mm256_setzero_si256());
        interleave(even: Self, odd: Self) -> Self =
            _mm256_or_si256(even, _mm256_slli_epi64::<32>(odd));
    }
}

/// The instruction set itself.
pub(super) enum Avx2 {}

// SAFETY: AVX2 instructions only.
unsafe impl Lanes for Avx2 {
    #[inline(always)]
    unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64 {
        let mut bits = 0;
        for first in (0..outputs).step_by(8) {
            // SAFETY: `outputs` is at most 64, a multiple of 8; the caller's CPU has AVX2.
            let below = unsafe {
                let sums = _mm256_loadu_si256(sums.0.as_ptr().add(first).cast());
                let at = _mm256_loadu_si256(at.0.as_ptr().add(first).cast());
                _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(at, sums)))
            };
            bits |= u64::from(!below as u8) << first;
        }
        bits
    }

    #[inline(always)]
    unsafe fn signs(values: &[f32; 64]) -> (u64, bool) {
        let (mut bits, mut nan) = (0, 0);
        for first in (0..64).step_by(8) {
            // SAFETY: eight floats lie at `first`; the caller's CPU has AVX2.
            unsafe {
                let values = _mm256_loadu_ps(values.as_ptr().add(first));
                let zero = _mm256_setzero_ps();
                let positive = _mm256_cmp_ps::<_CMP_GE_OQ>(values, zero);
                bits |= u64::from(_mm256_movemask_ps(positive) as u8) << first;
                nan |= _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_UNORD_Q>(values, values));
            }
        }
        (bits, nan != 0)
    }
}

// SAFETY: AVX2 instructions only.
unsafe impl Tile<Binary> for Avx2 {
    const PANEL: Panel = Panel::Bytes;
    const SITES: usize = 4;

    #[inline(always)]
    unsafe fn tile<const SITES: usize>(
        runs: &Runs,
        planes: [*const u64; 2],
        sites: [usize; SITES],
        panel: *const u64,
        start: &Sums,
        sums: &mut [Sums; TILE_SITES],
    ) {
        // SAFETY: passed on.
        unsafe { super::avx2_lookup::tile(runs, planes[0], sites, panel, start, sums) }
    }
}

// Sixteen registers hold the four counters of one pixel beside the constants.

// SAFETY: AVX2 instructions only.
unsafe impl Tile<TernaryInputs> for Avx2 {
    word_tile!(__m256i, TernaryInputs, 1);
}

// SAFETY: AVX2 instructions only.
unsafe impl Tile<TernaryWeights> for Avx2 {
    word_tile!(__m256i, TernaryWeights, 1);
}

// SAFETY: AVX2 instructions only.
unsafe impl Tile<Ternary> for Avx2 {
    word_tile!(__m256i, Ternary, 1);
}

// SAFETY: AVX2 instructions only.
unsafe impl PixelTile for Avx2 {
    #[inline(always)]
    unsafe fn tile<const SITES: usize>(
        patches: [*const u8; SITES],
        quads: usize,
        panel: *const u8,
        sums: &mut [Sums; TILE_SITES],
    ) {
        // SAFETY: the caller's, for every pointer; its CPU has AVX2.
        unsafe {
            let ones = _mm256_set1_epi16(1);
            for (patch, sums) in patches.into_iter().zip(sums) {
                sums.0.fill(0);
                let to: *mut __m256i = sums.0.as_mut_ptr().cast();
                for first in (0..quads).step_by(PAIR_QUADS) {
                    let mut pairs = [_mm256_setzero_si256(); 8];
                    for quad in first..quads.min(first + PAIR_QUADS) {
                        let pixels = patch.add(4 * quad).cast::<i32>().read_unaligned();
                        let pixels = _mm256_set1_epi32(pixels);
                        let weights: *const __m256i = panel.add(quad * 256).cast();
                        for (at, pair) in pairs.iter_mut().enumerate() {
                            let weights = _mm256_loadu_si256(weights.add(at));
                            let products = _mm256_maddubs_epi16(pixels, weights);
                            *pair = _mm256_add_epi16(*pair, products);
                        }
                    }
                    for (at, pair) in pairs.into_iter().enumerate() {
                        let sum = _mm256_loadu_si256(to.add(at));
                        let sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pair, ones));
                        _mm256_storeu_si256(to.add(at), sum);
                    }
                }
            }
        }
    }
}

// SAFETY: AVX2 instructions only; `BYTES` bytes are 256 bits.
unsafe impl Bytes for __m256i {
    const BYTES: usize = 32;

    operations! {
        zero() -> Self = _mm256_setzero_si256();
        load(from: *const u8) -> Self = _mm256_loadu_si256(from.cast());
        table(from: *const u8) -> Self =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(from.cast()));
        shuffle(table: Self, index: Self) -> Self = _mm256_shuffle_epi8(table, index);
        add8(a: Self, b: Self) -> Self = _mm256_add_epi8(a, b);
        add16(a: Self, b: Self) -> Self = _mm256_add_epi16(a, b);
        upper(a: Self) -> Self = _mm256_srli_epi16::<8>(a);
        store(a: Self, to: *mut u16) -> () = _mm256_storeu_si256(to.cast(), a);
    }
}

// SAFETY: AVX2 instructions only.
unsafe impl LookUpTile for Avx2 {
    // Two vectors of columns for each of three rows are 12 counters of 16 registers.
    look_up_tile!(__m256i, 3);

    tables_and_index!();
}

/// Groups of four pixels whose 16-bit sums of two cannot overflow: 64 · 2 · 255 is below 2^15.
pub(super) const PAIR_QUADS: usize = 64;

mod limit {
    //! Two vectors of weights split into nibbles, looked up for four pixels and added.
    //!
    //! In assembly, since a compiler moves parts of such a loop out of it.

    use core::arch::asm;

    #[target_feature(enable = "avx2")]
    pub(super) fn run(rounds: u64) -> u64 {
        // SAFETY: registers only, all of them declared; this function enables what it executes.
        unsafe {
            asm!(
                "2:",
                "vpsrlw ymm10, ymm12, 4",
                "vpsrlw ymm11, ymm13, 4",
                "vpand ymm8, ymm12, ymm15",
                "vpand ymm9, ymm13, ymm15",
                "vpand ymm10, ymm10, ymm15",
                "vpand ymm11, ymm11, ymm15",
                "vpshufb ymm14, ymm12, ymm8",
                "vpaddb ymm0, ymm0, ymm14",
                "vpshufb ymm14, ymm12, ymm9",
                "vpaddb ymm1, ymm1, ymm14",
                "vpshufb ymm14, ymm12, ymm8",
                "vpaddb ymm2, ymm2, ymm14",
                "vpshufb ymm14, ymm12, ymm9",
                "vpaddb ymm3, ymm3, ymm14",
                "vpshufb ymm14, ymm12, ymm8",
                "vpaddb ymm4, ymm4, ymm14",
                "vpshufb ymm14, ymm12, ymm9",
                "vpaddb ymm5, ymm5, ymm14",
                "vpshufb ymm14, ymm12, ymm8",
                "vpaddb ymm6, ymm6, ymm14",
                "vpshufb ymm14, ymm12, ymm9",
                "vpaddb ymm7, ymm7, ymm14",
                "vpshufb ymm14, ymm12, ymm10",
                "vpaddb ymm0, ymm0, ymm14",
                "vpshufb ymm14, ymm12, ymm11",
                "vpaddb ymm1, ymm1, ymm14",
                "vpshufb ymm14, ymm12, ymm10",
                "vpaddb ymm2, ymm2, ymm14",
                "vpshufb ymm14, ymm12, ymm11",
                "vpaddb ymm3, ymm3, ymm14",
                "vpshufb ymm14, ymm12, ymm10",
                "vpaddb ymm4, ymm4, ymm14",
                "vpshufb ymm14, ymm12, ymm11",
                "vpaddb ymm5, ymm5, ymm14",
                "vpshufb ymm14, ymm12, ymm10",
                "vpaddb ymm6, ymm6, ymm14",
                "vpshufb ymm14, ymm12, ymm11",
                "vpaddb ymm7, ymm7, ymm14",
                "sub {rounds}, 1",
                "jnz 2b",
                rounds = inout(reg) rounds.max(1) => _,
                out("ymm0") _,
                out("ymm1") _,
                out("ymm2") _,
                out("ymm3") _,
                out("ymm4") _,
                out("ymm5") _,
                out("ymm6") _,
                out("ymm7") _,
                out("ymm8") _,
                out("ymm9") _,
                out("ymm10") _,
                out("ymm11") _,
                out("ymm12") _,
                out("ymm13") _,
                out("ymm14") _,
                out("ymm15") _,
                options(nomem, nostack),
            );
        }
        rounds.max(1) * 8 * 256
    }
}

entry_points!(Avx2, __m256i, "avx2,popcnt");
