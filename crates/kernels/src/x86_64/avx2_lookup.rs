//! AVX2's own binary tile: mismatches are looked up, neither XORed nor counted.
//!
//! ```text
//! T[b][h][x] = popcount(nibble h of b xor x)         one byte each; b : byte of activations
//! for each byte k of the filter inside the image, for each of two vectors of 32 outputs
//!   low, high = nibbles of panel[k]                   one byte of weights per output
//!   for each pixel i
//!     counter[i] += shuffle(T[input_i[k]][0], low) + shuffle(T[input_i[k]][1], high)
//! ```
//!
//! A popcount by nibbles costs 8 operations for 256 products, XOR included: split in two, look up
//! twice, add twice. With the XOR in the table the weights are split once for all pixels of the
//! tile, which leaves 2 look-ups, 2 additions and 3/4 of a split: 4.75 operations. The table takes
//! 8 KiB, a quarter of the first-level cache.

use core::arch::x86_64::*;

use crate::product::{Runs, TILE_SITES};
use crate::vector::Sums;

/// For every byte of activations its two tables, one per nibble.
#[repr(C, align(64))]
struct Mismatches([[[u8; 16]; 2]; 256]);

static MISMATCHES: Mismatches = {
    let mut table = [[[0; 16]; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut x = 0;
        while x < 16 {
            table[byte][0][x] = (byte & 15 ^ x).count_ones() as u8;
            table[byte][1][x] = (byte >> 4 ^ x).count_ones() as u8;
            x += 1;
        }
        byte += 1;
    }
    Mismatches(table)
};

/// Words that the 8-bit counters hold: 3 · 8 bytes of at most 8 mismatches are below 256.
const COUNTER_WORDS: usize = 3;

/// Words that the 16-bit totals hold: 64 · 1000 is below 2^16.
const TOTAL_WORDS: usize = 1000;

/// The counts of a tile, for two vectors of 32 outputs.
struct Counts<const SITES: usize> {
    /// 8-bit counts.
    counters: [[__m256i; 2]; SITES],
    /// 16-bit counts: even bytes (outputs 0..16 of the half), odd bytes (16..32).
    totals: [[[__m256i; 2]; 2]; SITES],
}

impl<const SITES: usize> Counts<SITES> {
    /// Moves the 8-bit counts to the 16-bit ones.
    ///
    /// # Safety
    /// The CPU has AVX2.
    #[inline(always)]
    unsafe fn widen(&mut self) {
        for (totals, counters) in self.totals.iter_mut().zip(&mut self.counters) {
            for ([even, odd], counter) in totals.iter_mut().zip(counters) {
                // SAFETY: the caller's CPU has AVX2.
                unsafe {
                    let low = _mm256_and_si256(*counter, _mm256_set1_epi16(0xff));
                    *even = _mm256_add_epi16(*even, low);
                    *odd = _mm256_add_epi16(*odd, _mm256_srli_epi16::<8>(*counter));
                    *counter = _mm256_setzero_si256();
                }
            }
        }
    }

    /// Subtracts twice the 16-bit counts from `start`, or from what the sums are by now.
    ///
    /// # Safety
    /// The CPU has AVX2.
    #[inline(always)]
    unsafe fn drain(&mut self, start: Option<&Sums>, sums: &mut [Sums; TILE_SITES]) {
        for (totals, sums) in self.totals.iter_mut().zip(sums) {
            for (at, total) in totals.iter_mut().flatten().enumerate() {
                // SAFETY: 4 totals of 16 outputs fill the 64 sums; the caller's CPU has AVX2.
                unsafe {
                    let to: *mut __m256i = sums.0.as_mut_ptr().add(16 * at).cast();
                    let from = match start {
                        Some(start) => start.0.as_ptr().add(16 * at).cast(),
                        None => to.cast_const(),
                    };
                    let halves = [
                        _mm256_castsi256_si128(*total),
                        _mm256_extracti128_si256::<1>(*total),
                    ];
                    for (half, counts) in halves.into_iter().enumerate() {
                        let twice = _mm256_slli_epi32::<1>(_mm256_cvtepu16_epi32(counts));
                        let sum = _mm256_sub_epi32(_mm256_loadu_si256(from.add(half)), twice);
                        _mm256_storeu_si256(to.add(half), sum);
                    }
                    *total = _mm256_setzero_si256();
                }
            }
        }
    }
}

/// [`Tile::tile`](crate::product::Tile::tile) on panels of bytes.
///
/// # Safety
/// That of the trait's method.
#[inline(always)]
pub(super) unsafe fn tile<const SITES: usize>(
    runs: &Runs,
    input: *const u64,
    sites: [usize; SITES],
    panel: *const u64,
    start: &Sums,
    sums: &mut [Sums; TILE_SITES],
) {
    // SAFETY: the caller's, for every pointer; its CPU has AVX2.
    unsafe {
        let mut start = Some(start);
        let zero = _mm256_setzero_si256();
        let mut counts = Counts {
            counters: [[zero; 2]; SITES],
            totals: [[[zero; 2]; 2]; SITES],
        };
        let (mut room, mut total_room) = (COUNTER_WORDS, TOTAL_WORDS);
        for row in 0..runs.counts[0] {
            for column in 0..runs.counts[1] {
                let from = row * runs.input_steps[0] + column * runs.input_steps[1];
                let filter =
                    runs.filter_start + row * runs.filter_steps[0] + column * runs.filter_steps[1];
                let inputs = sites.map(|site| input.add(site + from).cast::<u8>());
                let mut weights: *const __m256i = panel.add(filter * 64).cast();
                let mut done = 0;
                while done < runs.len {
                    let now = room.min(runs.len - done);
                    // A copy, which the compiler keeps in registers as it does no field.
                    let mut counters = counts.counters;
                    for byte in 8 * done..8 * (done + now) {
                        look_up(weights, inputs.map(|i| *i.add(byte)), &mut counters);
                        weights = weights.add(2);
                    }
                    counts.counters = counters;
                    done += now;
                    room -= now;
                    if room == 0 {
                        counts.widen();
                        room = COUNTER_WORDS;
                        total_room -= COUNTER_WORDS;
                        if total_room < COUNTER_WORDS {
                            counts.drain(start.take(), sums);
                            total_room = TOTAL_WORDS;
                        }
                    }
                }
            }
        }
        counts.widen();
        counts.drain(start.take(), sums);
    }
}

/// One byte of every pixel times one byte of every output.
///
/// # Safety
/// The CPU has AVX2; `weights` points to 64 bytes of a panel.
#[inline(always)]
unsafe fn look_up<const SITES: usize>(
    weights: *const __m256i,
    inputs: [u8; SITES],
    counters: &mut [[__m256i; 2]; SITES],
) {
    // SAFETY: the caller's; a byte indexes a table of 256.
    unsafe {
        let nibble = _mm256_set1_epi8(0x0f);
        let weights = [
            _mm256_loadu_si256(weights),
            _mm256_loadu_si256(weights.add(1)),
        ];
        let low = weights.map(|weights| _mm256_and_si256(weights, nibble));
        let high = weights.map(|weights| _mm256_and_si256(_mm256_srli_epi16::<4>(weights), nibble));
        for (counters, input) in counters.iter_mut().zip(inputs) {
            let [first, second] = &MISMATCHES.0[usize::from(input)];
            let first = _mm256_broadcastsi128_si256(_mm_load_si128(first.as_ptr().cast()));
            let second = _mm256_broadcastsi128_si256(_mm_load_si128(second.as_ptr().cast()));
            for half in 0..2 {
                let counter =
                    _mm256_add_epi8(counters[half], _mm256_shuffle_epi8(first, low[half]));
                counters[half] = _mm256_add_epi8(counter, _mm256_shuffle_epi8(second, high[half]));
            }
        }
    }
}
