//! The portable instruction set: a vector is one 64-bit word.

use crate::lookup::{BitQuads, COLUMNS, GradientTable, LookUpTile, RADIX, Run, column};
use crate::panel::Panel;
use crate::product::{PixelTile, Product, Runs, TILE_SITES, Tile, word_tile};
use crate::table::{Table, entry_points};
use crate::vector::{Lanes, Sums, Vector, operations};

// SAFETY: plain integer operations, which every CPU has; `LANES` is 1.
unsafe impl Vector for u64 {
    const LANES: usize = 1;
    const COUNTER_WORDS: usize = usize::MAX;

    operations! {
        zero() -> Self = 0;
        splat(word: u64) -> Self = word;
        load(from: *const u64) -> Self = from.read_unaligned();
        store(a: Self, to: *mut u64) -> () = to.write_unaligned(a);
        xor(a: Self, b: Self) -> Self = a ^ b;
        and(a: Self, b: Self) -> Self = a & b;
        add64(a: Self, b: Self) -> Self = a.wrapping_add(b);
        add32(a: Self, b: Self) -> Self = halves(a, b, u32::wrapping_add);
        sub32(a: Self, b: Self) -> Self = halves(a, b, u32::wrapping_sub);
        count(counter: Self, bits: Self) -> Self = counter + u64::from(bits.count_ones());
        widen(counter: Self) -> Self = counter;
        interleave(even: Self, odd: Self) -> Self = even | odd << 32;
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
    word_tile!(u64, P, 4);
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
                for quad in 0..quads {
                    let pixels = patch.add(4 * quad).cast::<u32>().read_unaligned();
                    let weights = panel.add(quad * 256).cast::<u32>();
                    for (output, sum) in sums.0.iter_mut().enumerate() {
                        // 1 becomes a mask of ones, so that four products are an AND.
                        let weights = weights.add(output).read_unaligned();
                        let products = pixels & (weights << 8).wrapping_sub(weights);
                        let pairs = (products & 0x00ff_00ff) + (products >> 8 & 0x00ff_00ff);
                        *sum = sum.wrapping_add(((pairs & 0xffff) + (pairs >> 16)) as i32);
                    }
                }
            }
        }
    }
}

// SAFETY: plain operations, which every CPU has.
unsafe impl LookUpTile for Scalar {
    const ROWS: usize = 1;

    #[inline(always)]
    unsafe fn look_up<const ROWS: usize>(
        tables: [*const GradientTable; ROWS],
        runs: &[Run],
        index: *const BitQuads,
        columns: usize,
        sums: &mut [[i32; COLUMNS]; ROWS],
    ) {
        for (table, sums) in tables.into_iter().zip(sums) {
            for run in runs {
                for quad in 0..run.quads {
                    // SAFETY: the caller's, for both pointers.
                    let (table, index) = unsafe {
                        let table = &(*table.offset(run.table + quad as isize)).0;
                        (table, &*index.add(run.index + quad))
                    };
                    let mut values = [0; 16];
                    for (x, value) in values.iter_mut().enumerate() {
                        *value = i32::from(table[x]) + i32::from(RADIX) * i32::from(table[16 + x]);
                    }
                    let bytes = index.0.as_flattened().iter().enumerate();
                    for (byte, &x) in bytes.filter(|(byte, _)| column(*byte) < columns) {
                        sums[column(byte)] += values[usize::from(x)];
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
