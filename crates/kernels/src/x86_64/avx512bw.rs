//! AVX-512 without a popcount: nibbles are looked up as on AVX2, 64 at a time.

use core::arch::x86_64::*;

use super::avx2::PAIR_QUADS;
use crate::prepared::Panel;
use crate::table::{
    Lanes, PixelTile, Product, Runs, Sums, TILE_SITES, Table, Tile, Vector, entry_points,
};

/// Eight words whose bits are looked up.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Words(__m512i);

/// The operations that do not depend on how bits are counted.
macro_rules! word_operations {
    () => {
        #[inline(always)]
        unsafe fn zero() -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_setzero_si512()) }
        }

        #[inline(always)]
        unsafe fn splat(word: u64) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_set1_epi64(word as i64)) }
        }

        #[inline(always)]
        unsafe fn load(from: *const u64) -> Self {
            // SAFETY: the caller's, and its CPU has AVX-512 F.
            unsafe { Self(_mm512_loadu_si512(from.cast())) }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut u64) {
            // SAFETY: the caller's, and its CPU has AVX-512 F.
            unsafe { _mm512_storeu_si512(to.cast(), self.0) }
        }

        #[inline(always)]
        unsafe fn xor(self, other: Self) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_xor_si512(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn and(self, other: Self) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_and_si512(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn add64(self, other: Self) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_add_epi64(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn add32(self, other: Self) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_add_epi32(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn sub32(self, other: Self) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_sub_epi32(self.0, other.0)) }
        }

        #[inline(always)]
        unsafe fn interleave(even: Self, odd: Self) -> Self {
            // SAFETY: the caller's CPU has AVX-512 F.
            unsafe { Self(_mm512_or_si512(even.0, _mm512_slli_epi64::<32>(odd.0))) }
        }
    };
}

pub(super) use word_operations;

// SAFETY: AVX-512 F and BW instructions only; `LANES` words of 64 bits are 512 bits.
unsafe impl Vector for Words {
    const LANES: usize = 8;
    const COUNTER_WORDS: usize = 31;

    word_operations!();

    #[inline(always)]
    unsafe fn count(counter: Self, bits: Self) -> Self {
        // SAFETY: the caller's CPU has AVX-512 BW.
        unsafe {
            let nibble = _mm512_set1_epi8(0x0f);
            let counts = _mm512_broadcast_i32x4(_mm_setr_epi8(
                0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
            ));
            let low = _mm512_shuffle_epi8(counts, _mm512_and_si512(bits.0, nibble));
            let high = _mm512_and_si512(_mm512_srli_epi16::<4>(bits.0), nibble);
            let high = _mm512_shuffle_epi8(counts, high);
            Self(_mm512_add_epi8(counter.0, _mm512_add_epi8(low, high)))
        }
    }

    #[inline(always)]
    unsafe fn widen(counter: Self) -> Self {
        // SAFETY: the caller's CPU has AVX-512 BW.
        unsafe { Self(_mm512_sad_epu8(counter.0, _mm512_setzero_si512())) }
    }
}

/// [`Lanes::at_least`] on AVX-512 F.
///
/// # Safety
/// The CPU has AVX-512 F; `outputs` is at most 64, a multiple of 16.
#[inline(always)]
pub(super) unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64 {
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

/// [`Lanes::signs`] on AVX-512 F.
///
/// # Safety
/// The CPU has AVX-512 F.
#[inline(always)]
pub(super) unsafe fn signs(values: &[f32; 64]) -> (u64, bool) {
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

/// The instruction set itself.
enum Avx512Bw {}

// SAFETY: AVX-512 F instructions only.
unsafe impl Lanes for Avx512Bw {
    #[inline(always)]
    unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64 {
        // SAFETY: passed on.
        unsafe { at_least(sums, at, outputs) }
    }

    #[inline(always)]
    unsafe fn signs(values: &[f32; 64]) -> (u64, bool) {
        // SAFETY: passed on.
        unsafe { signs(values) }
    }
}

// SAFETY: AVX-512 F and BW instructions only.
unsafe impl<P: Product> Tile<P> for Avx512Bw {
    const PANEL: Panel = Panel::Words {
        lanes: Words::LANES,
    };
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
        unsafe { crate::generic::tile::<Words, P, SITES>(runs, planes, sites, panel, start, sums) }
    }
}

// SAFETY: AVX-512 F and BW instructions only.
unsafe impl PixelTile for Avx512Bw {
    #[inline(always)]
    unsafe fn tile<const SITES: usize>(
        patches: [*const u8; SITES],
        quads: usize,
        panel: *const u8,
        sums: &mut [Sums; TILE_SITES],
    ) {
        // SAFETY: the caller's, for every pointer; its CPU has AVX-512 BW.
        unsafe {
            let ones = _mm512_set1_epi16(1);
            for (patch, sums) in patches.into_iter().zip(sums) {
                sums.0.fill(0);
                let to: *mut __m512i = sums.0.as_mut_ptr().cast();
                for first in (0..quads).step_by(PAIR_QUADS) {
                    let mut pairs = [_mm512_setzero_si512(); 4];
                    for quad in first..quads.min(first + PAIR_QUADS) {
                        let pixels = patch.add(4 * quad).cast::<i32>().read_unaligned();
                        let pixels = _mm512_set1_epi32(pixels);
                        let weights: *const __m512i = panel.add(quad * 256).cast();
                        for (at, pair) in pairs.iter_mut().enumerate() {
                            let weights = _mm512_loadu_si512(weights.add(at));
                            let products = _mm512_maddubs_epi16(pixels, weights);
                            *pair = _mm512_add_epi16(*pair, products);
                        }
                    }
                    for (at, pair) in pairs.into_iter().enumerate() {
                        let sum = _mm512_loadu_si512(to.add(at));
                        let sum = _mm512_add_epi32(sum, _mm512_madd_epi16(pair, ones));
                        _mm512_storeu_si512(to.add(at), sum);
                    }
                }
            }
        }
    }
}

mod limit {
    //! XOR and a popcount by nibbles of six independent vectors.
    //!
    //! In assembly, since a compiler moves parts of such a loop out of it.

    use core::arch::asm;

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn run(rounds: u64) -> u64 {
        // SAFETY: registers only, all of them declared; this function enables what it executes.
        unsafe {
            asm!(
                "2:",
                "vpxorq zmm6, zmm20, zmm21",
                "vpxorq zmm7, zmm20, zmm21",
                "vpxorq zmm8, zmm20, zmm21",
                "vpxorq zmm9, zmm20, zmm21",
                "vpxorq zmm10, zmm20, zmm21",
                "vpxorq zmm11, zmm20, zmm21",
                "vpandq zmm12, zmm6, zmm22",
                "vpandq zmm13, zmm7, zmm22",
                "vpandq zmm14, zmm8, zmm22",
                "vpandq zmm15, zmm9, zmm22",
                "vpandq zmm16, zmm10, zmm22",
                "vpandq zmm17, zmm11, zmm22",
                "vpsrlw zmm6, zmm6, 4",
                "vpsrlw zmm7, zmm7, 4",
                "vpsrlw zmm8, zmm8, 4",
                "vpsrlw zmm9, zmm9, 4",
                "vpsrlw zmm10, zmm10, 4",
                "vpsrlw zmm11, zmm11, 4",
                "vpandq zmm6, zmm6, zmm22",
                "vpandq zmm7, zmm7, zmm22",
                "vpandq zmm8, zmm8, zmm22",
                "vpandq zmm9, zmm9, zmm22",
                "vpandq zmm10, zmm10, zmm22",
                "vpandq zmm11, zmm11, zmm22",
                "vpshufb zmm12, zmm23, zmm12",
                "vpshufb zmm13, zmm23, zmm13",
                "vpshufb zmm14, zmm23, zmm14",
                "vpshufb zmm15, zmm23, zmm15",
                "vpshufb zmm16, zmm23, zmm16",
                "vpshufb zmm17, zmm23, zmm17",
                "vpshufb zmm6, zmm23, zmm6",
                "vpshufb zmm7, zmm23, zmm7",
                "vpshufb zmm8, zmm23, zmm8",
                "vpshufb zmm9, zmm23, zmm9",
                "vpshufb zmm10, zmm23, zmm10",
                "vpshufb zmm11, zmm23, zmm11",
                "vpaddb zmm0, zmm0, zmm12",
                "vpaddb zmm1, zmm1, zmm13",
                "vpaddb zmm2, zmm2, zmm14",
                "vpaddb zmm3, zmm3, zmm15",
                "vpaddb zmm4, zmm4, zmm16",
                "vpaddb zmm5, zmm5, zmm17",
                "vpaddb zmm0, zmm0, zmm6",
                "vpaddb zmm1, zmm1, zmm7",
                "vpaddb zmm2, zmm2, zmm8",
                "vpaddb zmm3, zmm3, zmm9",
                "vpaddb zmm4, zmm4, zmm10",
                "vpaddb zmm5, zmm5, zmm11",
                "sub {rounds}, 1",
                "jnz 2b",
                rounds = inout(reg) rounds.max(1) => _,
                out("zmm0") _,
                out("zmm1") _,
                out("zmm2") _,
                out("zmm3") _,
                out("zmm4") _,
                out("zmm5") _,
                out("zmm6") _,
                out("zmm7") _,
                out("zmm8") _,
                out("zmm9") _,
                out("zmm10") _,
                out("zmm11") _,
                out("zmm12") _,
                out("zmm13") _,
                out("zmm14") _,
                out("zmm15") _,
                out("zmm16") _,
                out("zmm17") _,
                out("zmm18") _,
                out("zmm19") _,
                out("zmm20") _,
                out("zmm21") _,
                out("zmm22") _,
                out("zmm23") _,
                options(nomem, nostack),
            );
        }
        rounds.max(1) * 6 * 512
    }
}

entry_points!(Avx512Bw, Words, "avx512f,avx512bw,popcnt");
