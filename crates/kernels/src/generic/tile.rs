//! The hot loop: a few pixels times one panel, vector lanes along the outputs.
//!
//! ```text
//! for each word k of the filter inside the image
//!   w[0], w[1] = panel[k]                     even and odd outputs, one per lane
//!   for each pixel i
//!     a = splat(input_i[k])
//!     mismatches[i][h] += popcount(a xor w[h])
//! sums[i] = start − 2 · interleave(mismatches[i][0], mismatches[i][1])
//! ```
//!
//! A tile of 4 pixels by 2 vectors needs 8 counters and loads 6 vectors for 8 products.

use crate::product::{Product, Runs, TILE_SITES};
use crate::vector::{Sums, Vector};

/// The popcounts of a tile: counters, and what has been widened.
struct Counts<V, const SITES: usize> {
    counters: [[V; 2]; SITES],
    totals: [[V; 2]; SITES],
}

impl<V: Vector, const SITES: usize> Counts<V, SITES> {
    /// # Safety
    /// The CPU has the instruction set of `V`, as for every method.
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller's CPU has the instruction set.
        let zero = unsafe { V::zero() };
        Self {
            counters: [[zero; 2]; SITES],
            totals: [[zero; 2]; SITES],
        }
    }

    /// Moves the counters to the totals.
    ///
    /// # Safety
    /// The CPU has the instruction set of `V`.
    #[inline(always)]
    unsafe fn widen(&mut self) {
        for (totals, counters) in self.totals.iter_mut().zip(&mut self.counters) {
            for (total, counter) in totals.iter_mut().zip(counters) {
                // SAFETY: the caller's CPU has the instruction set.
                unsafe {
                    *total = V::add64(*total, V::widen(*counter));
                    *counter = V::zero();
                }
            }
        }
    }

    /// The counts of a pixel, in the order of the outputs.
    ///
    /// # Safety
    /// The CPU has the instruction set of `V`.
    #[inline(always)]
    unsafe fn of(&self, site: usize) -> V {
        let [even, odd] = self.totals[site];
        // SAFETY: the caller's CPU has the instruction set.
        unsafe { V::interleave(even, odd) }
    }
}

/// [`Tile::tile`](crate::product::Tile::tile) on panels of words.
///
/// # Safety
/// That of the trait's method.
#[inline(always)]
pub(crate) unsafe fn tile<V: Vector, P: Product, const SITES: usize>(
    runs: &Runs,
    planes: [*const u64; 2],
    sites: [usize; SITES],
    panel: *const u64,
    start: &Sums,
    sums: &mut [Sums; TILE_SITES],
) {
    // SAFETY: the caller's, for every pointer; the CPU has the vector's instruction set.
    unsafe {
        let step = P::WEIGHT_PLANES * 2 * V::LANES;
        let mut mismatches = Counts::<V, SITES>::zero();
        let mut nonzeros = Counts::<V, SITES>::zero();
        let mut room = V::COUNTER_WORDS;
        for row in 0..runs.counts[0] {
            for column in 0..runs.counts[1] {
                let input = row * runs.input_steps[0] + column * runs.input_steps[1];
                let filter =
                    runs.filter_start + row * runs.filter_steps[0] + column * runs.filter_steps[1];
                let mut signs = sites.map(|site| planes[0].add(site + input));
                let mut present = sites.map(|site| planes[1].wrapping_add(site + input));
                let mut weights = panel.add(filter * step);
                let mut left = runs.len;
                while left > 0 {
                    let now = left.min(room);
                    for k in 0..now {
                        products::<V, P, SITES>(
                            weights.add(k * step),
                            signs.map(|sign| sign.add(k)),
                            present.map(|nonzero| nonzero.wrapping_add(k)),
                            &mut mismatches.counters,
                            &mut nonzeros.counters,
                        );
                    }
                    signs = signs.map(|sign| sign.add(now));
                    present = present.map(|nonzero| nonzero.wrapping_add(now));
                    weights = weights.add(now * step);
                    left -= now;
                    if V::COUNTER_WORDS != usize::MAX {
                        room -= now;
                        if room == 0 {
                            mismatches.widen();
                            if P::TERNARY {
                                nonzeros.widen();
                            }
                            room = V::COUNTER_WORDS;
                        }
                    }
                }
            }
        }
        mismatches.widen();
        if P::TERNARY {
            nonzeros.widen();
        }
        let start = V::load(start.0.as_ptr().cast());
        for (site, sums) in sums[..SITES].iter_mut().enumerate() {
            let count = mismatches.of(site);
            let mut sum = V::sub32(start, V::add32(count, count));
            if P::TERNARY {
                sum = V::add32(sum, nonzeros.of(site));
            }
            V::store(sum, sums.0.as_mut_ptr().cast());
        }
    }
}

/// One word of every pixel times one word of every output.
///
/// # Safety
/// The CPU has the instruction set of `V`; `weights` points to a word of every output of a panel,
/// `signs` and, for ternary inputs, `present` to a word of the input's planes.
#[inline(always)]
unsafe fn products<V: Vector, P: Product, const SITES: usize>(
    weights: *const u64,
    signs: [*const u64; SITES],
    present: [*const u64; SITES],
    mismatches: &mut [[V; 2]; SITES],
    nonzeros: &mut [[V; 2]; SITES],
) {
    // SAFETY: the caller's; `present` is read for ternary inputs only, which have that plane.
    unsafe {
        let vector = |index: usize| V::load(weights.add(index * V::LANES));
        let sign = [vector(0), vector(1)];
        let nonzero = if P::TERNARY_WEIGHTS {
            [vector(2), vector(3)]
        } else {
            sign
        };
        for site in 0..SITES {
            let a = V::splat(*signs[site]);
            for half in 0..2 {
                let differ = V::xor(a, sign[half]);
                let counters = &mut mismatches[site][half];
                if !P::TERNARY {
                    *counters = V::count(*counters, differ);
                    continue;
                }
                let both = match (P::TERNARY_INPUTS, P::TERNARY_WEIGHTS) {
                    (true, true) => V::and(V::splat(*present[site]), nonzero[half]),
                    (true, false) => V::splat(*present[site]),
                    (false, _) => nonzero[half],
                };
                *counters = V::count(*counters, V::and(differ, both));
                let counters = &mut nonzeros[site][half];
                *counters = V::count(*counters, both);
            }
        }
    }
}
