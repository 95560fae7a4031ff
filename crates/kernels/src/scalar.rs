//! The portable instruction set: a vector is one 64-bit word.

use crate::prepared::Panel;
use crate::table::{
    Lanes, PixelTile, Product, Runs, Sums, TILE_SITES, Table, Tile, Vector, entry_points,
};

// SAFETY: plain integer operations, which every CPU has; `LANES` is 1.
unsafe impl Vector for u64 {
    const LANES: usize = 1;
    const COUNTER_WORDS: usize = usize::MAX;

    #[inline(always)]
    unsafe fn zero() -> Self {
        0
    }

    #[inline(always)]
    unsafe fn splat(word: u64) -> Self {
        word
    }

    #[inline(always)]
    unsafe fn load(from: *const u64) -> Self {
        // SAFETY: the caller's.
        unsafe { from.read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u64) {
        // SAFETY: the caller's.
        unsafe { to.write_unaligned(self) }
    }

    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        self ^ other
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        self & other
    }

    #[inline(always)]
    unsafe fn add64(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    unsafe fn add32(self, other: Self) -> Self {
        halves(self, other, u32::wrapping_add)
    }

    #[inline(always)]
    unsafe fn sub32(self, other: Self) -> Self {
        halves(self, other, u32::wrapping_sub)
    }

    #[inline(always)]
    unsafe fn count(counter: Self, bits: Self) -> Self {
        counter + u64::from(bits.count_ones())
    }

    #[inline(always)]
    unsafe fn widen(counter: Self) -> Self {
        counter
    }

    #[inline(always)]
    unsafe fn interleave(even: Self, odd: Self) -> Self {
        even | odd << 32
    }
}

/// Applies `op` to the 32-bit lanes of a word.
#[inline(always)]
fn halves(a: u64, b: u64, op: fn(u32, u32) -> u32) -> u64 {
    u64::from(op(a as u32, b as u32)) | u64::from(op((a >> 32) as u32, (b >> 32) as u32)) << 32
}

/// The instruction set itself.
enum Scalar {}

// SAFETY: plain operations, which every CPU has.
unsafe impl Lanes for Scalar {
    #[inline(always)]
    unsafe fn at_least(sums: &Sums, at: &Sums, outputs: usize) -> u64 {
        let pairs = sums.0.iter().zip(&at.0).take(outputs).rev();
        pairs.fold(0, |bits, (sum, at)| bits << 1 | u64::from(sum >= at))
    }

    #[inline(always)]
    unsafe fn signs(values: &[f32; 64]) -> (u64, bool) {
        let bits = values
            .iter()
            .rev()
            .fold(0, |bits, &v| bits << 1 | u64::from(v >= 0.0));
        (bits, values.iter().any(|value| value.is_nan()))
    }
}

// SAFETY: plain operations, which every CPU has.
unsafe impl<P: Product> Tile<P> for Scalar {
    const PANEL: Panel = Panel::Words { lanes: u64::LANES };
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
        unsafe { crate::generic::tile::<u64, P, SITES>(runs, planes, sites, panel, start, sums) }
    }
}

// SAFETY: plain operations, which every CPU has.
unsafe impl PixelTile for Scalar {
    #[inline(always)]
    unsafe fn tile<const SITES: usize>(
        patches: [*const u8; SITES],
        quads: usize,
        panel: *const u8,
        sums: &mut [Sums; TILE_SITES],
    ) {
        // SAFETY: the caller's, for every pointer.
        unsafe {
            for (patch, sums) in patches.into_iter().zip(sums) {
                sums.0.fill(0);
                for k in 0..4 * quads {
                    let pixel = i32::from(*patch.add(k));
                    let weights = panel.add(k / 4 * 256 + k % 4);
                    for (output, sum) in sums.0.iter_mut().enumerate() {
                        *sum += pixel * i32::from(*weights.add(4 * output));
                    }
                }
            }
        }
    }
}

mod limit {
    //! XOR, popcount and addition of words; portable, so the compiler spells them.

    use core::hint::black_box;

    pub(super) fn run(rounds: u64) -> u64 {
        let (a, mut b) = (black_box(0x0123_4567_89ab_cdef), black_box(u64::MAX));
        let mut totals = [0; 4];
        for _ in 0..rounds {
            for total in &mut totals {
                // What the compiler cannot see through, it cannot move out of the loop.
                b = black_box(b);
                *total += u64::from(u64::count_ones(a ^ b));
            }
        }
        black_box(totals);
        rounds * 4 * 64
    }
}

entry_points!(Scalar, u64,);
