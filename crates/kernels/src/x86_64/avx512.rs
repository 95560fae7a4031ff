//! AVX-512 with VPOPCNTDQ and VNNI: one instruction counts the bits of eight words.
//!
//! The limit is XOR, popcount and addition for 512 products; a core that starts two 512-bit
//! operations a cycle does 341 products in it.

use core::arch::x86_64::*;

use super::avx512_words::{Avx512, Words};
use crate::panel::Panel;
use crate::product::{PixelTile, TILE_SITES, Tile};
use crate::table::{Table, entry_points};
use crate::vector::Sums;

// SAFETY: AVX-512 F and VNNI instructions only.
unsafe impl PixelTile for Avx512<true> {
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
    Avx512<true>,
    Words<true>,
    "avx512f,avx512bw,avx512vpopcntdq,avx512vnni,popcnt"
);
