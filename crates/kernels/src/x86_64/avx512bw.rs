//! AVX-512 without a popcount: nibbles are looked up as on AVX2, 64 at a time.

use core::arch::x86_64::*;

use super::avx2::PAIR_QUADS;
use super::avx512_words::{Avx512, Words};
use crate::panel::Panel;
use crate::product::{PixelTile, TILE_SITES, Tile};
use crate::table::{Table, entry_points};
use crate::vector::Sums;

// SAFETY: AVX-512 F and BW instructions only.
unsafe impl PixelTile for Avx512<false> {
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

entry_points!(Avx512<false>, Words<false>, "avx512f,avx512bw,popcnt");
