//! NEON: 128-bit vectors with a popcount of bytes.

use core::arch::aarch64::*;

use crate::lookup::{Bytes, LookUpTile, look_up_tile};
use crate::panel::Panel;
use crate::product::{PixelTile, Product, Runs, TILE_SITES, Tile, word_tile};
use crate::table::{Table, entry_points};
use crate::vector::{Lanes, Sums, Vector, operations};

/// Two words whose bytes' bits are counted.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Words(uint64x2_t);

// SAFETY: NEON instructions only; `LANES` words of 64 bits are 128 bits.
unsafe impl Vector for Words {
    const LANES: usize = 2;
    const COUNTER_WORDS: usize = 31;

    operations! {
        zero() -> Self = Self(vdupq_n_u64(0));
        splat(word: u64) -> Self = Self(vdupq_n_u64(word));
        load(from: *const u64) -> Self = Self(vld1q_u64(from));
        store(a: Self, to: *mut u64) -> () = vst1q_u64(to, a.0);
        xor(a: Self, b: Self) -> Self = Self(veorq_u64(a.0, b.0));
        and(a: Self, b: Self) -> Self = Self(vandq_u64(a.0, b.0));
        add64(a: Self, b: Self) -> Self = Self(vaddq_u64(a.0, b.0));
        add32(a: Self, b: Self) -> Self = {
            let (a, b) = (vreinterpretq_u32_u64(a.0), vreinterpretq_u32_u64(b.0));
            Self(vreinterpretq_u64_u32(vaddq_u32(a, b)))
        };
        sub32(a: Self, b: Self) -> Self = {
            let (a, b) = (vreinterpretq_u32_u64(a.0), vreinterpretq_u32_u64(b.0));
            Self(vreinterpretq_u64_u32(vsubq_u32(a, b)))
        };
        count(counter: Self, bits: Self) -> Self = {
            let bits = vcntq_u8(vreinterpretq_u8_u64(bits.0));
            Self(vreinterpretq_u64_u8(vaddq_u8(vreinterpretq_u8_u64(counter.0), bits)))
        };
        widen(counter: Self) -> Self = {
            let bytes = vreinterpretq_u8_u64(counter.0);
            Self(vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(bytes))))
        };
        interleave(even: Self, odd: Self) -> Self =
            Self(vorrq_u64(even.0, vshlq_n_u64::<32>(odd.0)));
    }
}

/// The instruction set itself.
enum Neon {}

// SAFETY: NEON instructions only.
unsafe impl Lanes for Neon {
    #[inline(always)]
    unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64 {
        let mut bits = 0;
        for first in (0..outputs).step_by(4) {
            // SAFETY: `outputs` is at most 64, a multiple of 4; the caller's CPU has NEON.
            let mask = unsafe {
                let sums = vld1q_s32(sums.0.as_ptr().add(first));
                let at = vld1q_s32(at.0.as_ptr().add(first));
                let places = vld1q_u32([1, 2, 4, 8].as_ptr());
                vaddvq_u32(vandq_u32(vcgeq_s32(sums, at), places))
            };
            bits |= u64::from(mask) << first;
        }
        bits
    }

    #[inline(always)]
    unsafe fn signs(values: &[f32; 64]) -> (u64, bool) {
        let (mut bits, mut numbers) = (0, u32::MAX);
        for first in (0..64).step_by(4) {
            // SAFETY: four floats lie at `first`; the caller's CPU has NEON.
            unsafe {
                let values = vld1q_f32(values.as_ptr().add(first));
                let places = vld1q_u32([1, 2, 4, 8].as_ptr());
                let positive = vandq_u32(vcgezq_f32(values), places);
                bits |= u64::from(vaddvq_u32(positive)) << first;
                numbers &= vminvq_u32(vceqq_f32(values, values));
            }
        }
        (bits, numbers != u32::MAX)
    }
}

// SAFETY: NEON instructions only.
unsafe impl<P: Product> Tile<P> for Neon {
    word_tile!(Words, P, 4);
}

// SAFETY: NEON instructions only.
unsafe impl PixelTile for Neon {
    #[inline(always)]
    unsafe fn tile<const SITES: usize>(
        patches: [*const u8; SITES],
        quads: usize,
        panel: *const u8,
        sums: &mut [Sums; TILE_SITES],
    ) {
        // SAFETY: the caller's, for every pointer; its CPU has NEON.
        unsafe {
            // 16 outputs of the panel at a time, so that the totals of four pixels fit registers.
            for part in 0..4 {
                let mut totals = [[vdupq_n_u32(0); 4]; SITES];
                for quad in 0..quads {
                    let weights = panel.add(quad * 256 + part * 64);
                    // 1 becomes a mask of ones, so that a product is an AND.
                    let one = vdupq_n_u8(1);
                    let masks = [0, 16, 32, 48].map(|at| vceqq_u8(vld1q_u8(weights.add(at)), one));
                    for (totals, patch) in totals.iter_mut().zip(patches) {
                        let pixels = patch.add(4 * quad).cast::<u32>().read_unaligned();
                        let pixels = vreinterpretq_u8_u32(vdupq_n_u32(pixels));
                        for (total, mask) in totals.iter_mut().zip(masks) {
                            *total = vpadalq_u16(*total, vpaddlq_u8(vandq_u8(pixels, mask)));
                        }
                    }
                }
                for (sums, totals) in sums.iter_mut().zip(totals) {
                    let to = sums.0.as_mut_ptr().add(16 * part);
                    for (at, total) in totals.into_iter().enumerate() {
                        vst1q_s32(to.add(4 * at), vreinterpretq_s32_u32(total));
                    }
                }
            }
        }
    }
}

// SAFETY: NEON instructions only; `BYTES` bytes are 128 bits.
unsafe impl Bytes for uint8x16_t {
    const BYTES: usize = 16;

    operations! {
        zero() -> Self = vdupq_n_u8(0);
        load(from: *const u8) -> Self = vld1q_u8(from);
        table(from: *const u8) -> Self = vld1q_u8(from);
        shuffle(table: Self, index: Self) -> Self = vqtbl1q_u8(table, index);
        add8(a: Self, b: Self) -> Self = vaddq_u8(a, b);
        add16(a: Self, b: Self) -> Self = {
            let (a, b) = (vreinterpretq_u16_u8(a), vreinterpretq_u16_u8(b));
            vreinterpretq_u8_u16(vaddq_u16(a, b))
        };
        upper(a: Self) -> Self =
            vreinterpretq_u8_u16(vshrq_n_u16::<8>(vreinterpretq_u16_u8(a)));
        store(a: Self, to: *mut u16) -> () = vst1q_u16(to, vreinterpretq_u16_u8(a));
    }
}

// SAFETY: NEON instructions only.
unsafe impl LookUpTile for Neon {
    // Two vectors of columns for each of four rows are 16 counters of 32 registers.
    look_up_tile!(uint8x16_t, 4);
}

mod limit {
    //! XOR, popcount of bytes and addition of eight independent vectors.
    //!
    //! In assembly, since a compiler moves parts of such a loop out of it.

    use core::arch::asm;

    #[target_feature(enable = "neon")]
    pub(super) fn run(rounds: u64) -> u64 {
        // SAFETY: registers only, all of them declared; this function enables what it executes.
        unsafe {
            asm!(
                "2:",
                "eor v18.16b, v16.16b, v17.16b",
                "eor v19.16b, v16.16b, v17.16b",
                "eor v20.16b, v16.16b, v17.16b",
                "eor v21.16b, v16.16b, v17.16b",
                "eor v22.16b, v16.16b, v17.16b",
                "eor v23.16b, v16.16b, v17.16b",
                "eor v24.16b, v16.16b, v17.16b",
                "eor v25.16b, v16.16b, v17.16b",
                "cnt v18.16b, v18.16b",
                "cnt v19.16b, v19.16b",
                "cnt v20.16b, v20.16b",
                "cnt v21.16b, v21.16b",
                "cnt v22.16b, v22.16b",
                "cnt v23.16b, v23.16b",
                "cnt v24.16b, v24.16b",
                "cnt v25.16b, v25.16b",
                "add v0.16b, v0.16b, v18.16b",
                "add v1.16b, v1.16b, v19.16b",
                "add v2.16b, v2.16b, v20.16b",
                "add v3.16b, v3.16b, v21.16b",
                "add v4.16b, v4.16b, v22.16b",
                "add v5.16b, v5.16b, v23.16b",
                "add v6.16b, v6.16b, v24.16b",
                "add v7.16b, v7.16b, v25.16b",
                "subs {rounds}, {rounds}, #1",
                "b.ne 2b",
                rounds = inout(reg) rounds.max(1) => _,
                out("v0") _,
                out("v1") _,
                out("v2") _,
                out("v3") _,
                out("v4") _,
                out("v5") _,
                out("v6") _,
                out("v7") _,
                out("v16") _,
                out("v17") _,
                out("v18") _,
                out("v19") _,
                out("v20") _,
                out("v21") _,
                out("v22") _,
                out("v23") _,
                out("v24") _,
                out("v25") _,
                options(nomem, nostack),
            );
        }
        rounds.max(1) * 8 * 128
    }
}

entry_points!(Neon, Words, "neon");
