//! AVX-512 with VPOPCNTDQ and VNNI: one instruction counts the bits of eight words.
//!
//! The limit is XOR, popcount and addition for 512 products; a core that starts two 512-bit
//! operations a cycle does 341 products in it.

use core::arch::x86_64::*;

use super::avx512bw::{at_least, signs};
use crate::prepared::Panel;
use crate::table::{
    Lanes, PixelTile, Product, Runs, Sums, TILE_SITES, Table, Tile, Vector, entry_points,
};

/// Eight words whose bits VPOPCNTDQ counts.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Words(__m512i);

// SAFETY: AVX-512 F and VPOPCNTDQ instructions only; `LANES` words of 64 bits are 512 bits.
unsafe impl Vector for Words {
    const LANES: usize = 8;
    const COUNTER_WORDS: usize = usize::MAX;

    super::avx512bw::word_operations!();

    #[inline(always)]
    unsafe fn count(counter: Self, bits: Self) -> Self {
        // SAFETY: the caller's CPU has AVX-512 VPOPCNTDQ.
        unsafe { Self(_mm512_add_epi64(counter.0, _mm512_popcnt_epi64(bits.0))) }
    }

    #[inline(always)]
    unsafe fn widen(counter: Self) -> Self {
        counter
    }
}

/// The instruction set itself.
enum Avx512 {}

// SAFETY: AVX-512 F instructions only.
unsafe impl Lanes for Avx512 {
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

// SAFETY: AVX-512 F and VPOPCNTDQ instructions only.
unsafe impl<P: Product> Tile<P> for Avx512 {
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

// SAFETY: AVX-512 F and VNNI instructions only.
unsafe impl PixelTile for Avx512 {
    #[inline(always)]
    unsafe fn tile<const SITES: usize>(
        patches: [*const u8; SITES],
        quads: usize,
        panel: *const u8,
        sums: &mut [Sums; TILE_SITES],
    ) {
        // SAFETY: the caller's, for every pointer; its CPU has AVX-512 VNNI.
        unsafe {
            let mut totals = [[_mm512_setzero_si512(); 4]; SITES];
            for quad in 0..quads {
                let weights: *const __m512i = panel.add(quad * 256).cast();
                let weights = [0, 1, 2, 3].map(|at| _mm512_loadu_si512(weights.add(at)));
                for (totals, patch) in totals.iter_mut().zip(patches) {
                    let pixels = patch.add(4 * quad).cast::<i32>().read_unaligned();
                    let pixels = _mm512_set1_epi32(pixels);
                    for (total, weights) in totals.iter_mut().zip(weights) {
                        *total = _mm512_dpbusd_epi32(*total, pixels, weights);
                    }
                }
            }
            for (sums, totals) in sums.iter_mut().zip(totals) {
                let to: *mut __m512i = sums.0.as_mut_ptr().cast();
                for (at, total) in totals.into_iter().enumerate() {
                    _mm512_storeu_si512(to.add(at), total);
                }
            }
        }
    }
}

mod limit {
    //! XOR, popcount and addition of eight independent vectors.
    //!
    //! In assembly, since a compiler moves parts of such a loop out of it.

    use core::arch::asm;

    #[target_feature(enable = "avx512f,avx512vpopcntdq")]
    pub(super) fn run(rounds: u64) -> u64 {
        // SAFETY: registers only, all of them declared; this function enables what it executes.
        unsafe {
            asm!(
                "2:",
                "vpxorq zmm8, zmm16, zmm17",
                "vpxorq zmm9, zmm16, zmm17",
                "vpxorq zmm10, zmm16, zmm17",
                "vpxorq zmm11, zmm16, zmm17",
                "vpxorq zmm12, zmm16, zmm17",
                "vpxorq zmm13, zmm16, zmm17",
                "vpxorq zmm14, zmm16, zmm17",
                "vpxorq zmm15, zmm16, zmm17",
                "vpopcntq zmm8, zmm8",
                "vpopcntq zmm9, zmm9",
                "vpopcntq zmm10, zmm10",
                "vpopcntq zmm11, zmm11",
                "vpopcntq zmm12, zmm12",
                "vpopcntq zmm13, zmm13",
                "vpopcntq zmm14, zmm14",
                "vpopcntq zmm15, zmm15",
                "vpaddq zmm0, zmm0, zmm8",
                "vpaddq zmm1, zmm1, zmm9",
                "vpaddq zmm2, zmm2, zmm10",
                "vpaddq zmm3, zmm3, zmm11",
                "vpaddq zmm4, zmm4, zmm12",
                "vpaddq zmm5, zmm5, zmm13",
                "vpaddq zmm6, zmm6, zmm14",
                "vpaddq zmm7, zmm7, zmm15",
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
                options(nomem, nostack),
            );
        }
        rounds.max(1) * 8 * 512
    }
}

entry_points!(
    Avx512,
    Words,
    "avx512f,avx512bw,avx512vpopcntdq,avx512vnni,popcnt"
);
