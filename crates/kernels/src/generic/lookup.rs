//! Gradients times bits by look-up.
//!
//! ```text
//! for each tile of rows
//!   for each run, for each 11 quads of it
//!     for each quad: low[r][c] += T_r.low[index[c]]; high[r][c] += T_r.high[index[c]]     bytes
//!     wide += bytes, as 16-bit lanes and as their upper halves
//!   sums[r][c] += low + 23 · high
//! ```
//!
//! A 16-bit lane that adds up pairs of bytes holds `even + 256 · odd` modulo 2^16; with the sum of
//! the odd bytes beside it both come back, for three operations where unpacking takes four.

use crate::lookup::{
    BitQuads, Bytes, COLUMNS, COUNTER_QUADS, GROUP, GradientTable, LookUp, LookUpTile, RADIX, Run,
    column,
};

/// `sums[row][column] += Σ T[index]` of every row of `job`.
///
/// # Safety
/// The CPU has the instruction set of `E`.
#[inline(always)]
pub(crate) unsafe fn look_up<E: LookUpTile>(job: &LookUp, sums: &mut [[i32; COLUMNS]]) {
    let mut first = 0;
    while first < job.rows().min(sums.len()) {
        // SAFETY: the caller's.
        first += unsafe {
            match E::ROWS.min(job.rows() - first) {
                8.. => rows::<E, 8>(job, first, sums),
                4.. => rows::<E, 4>(job, first, sums),
                3 => rows::<E, 3>(job, first, sums),
                2 => rows::<E, 2>(job, first, sums),
                _ => rows::<E, 1>(job, first, sums),
            }
        };
    }
}

/// A tile of rows; returns how many.
#[inline(always)]
unsafe fn rows<E: LookUpTile, const ROWS: usize>(
    job: &LookUp,
    first: usize,
    sums: &mut [[i32; COLUMNS]],
) -> usize {
    // No tile is larger than the instruction set's.
    if ROWS <= E::ROWS
        && let Some(sums) = sums[first..].first_chunk_mut::<ROWS>()
    {
        let tables = job.tables::<ROWS>(first);
        let mut done = [0; 2];
        loop {
            let mut cut = Run::default();
            let runs = job.piece(&mut done, &mut cut);
            if runs.is_empty() {
                break;
            }
            // SAFETY: the caller's; a `LookUp` holds every row's runs.
            unsafe { E::look_up::<ROWS>(tables, runs, job.index(), job.columns, sums) };
        }
    }
    ROWS
}

/// The tile on vectors of bytes; columns past a vector with one that is asked for stay as they
/// are.
///
/// # Safety
/// As for [`LookUpTile::look_up`]; the CPU has the instruction set of `V`.
#[inline(always)]
pub(crate) unsafe fn look_up_tile<V: Bytes, const ROWS: usize>(
    tables: [*const GradientTable; ROWS],
    runs: &[Run],
    index: *const BitQuads,
    columns: usize,
    sums: &mut [[i32; COLUMNS]; ROWS],
) {
    // SAFETY: the caller's.
    unsafe {
        for start in (0..columns).step_by(2 * V::BYTES) {
            if columns - start > V::BYTES {
                vectors::<V, ROWS, 2>(tables, runs, index, start, sums);
            } else {
                vectors::<V, ROWS, 1>(tables, runs, index, start, sums);
            }
        }
    }
}

/// Some vectors of columns, from byte `start` on.
#[inline(always)]
unsafe fn vectors<V: Bytes, const ROWS: usize, const VECTORS: usize>(
    tables: [*const GradientTable; ROWS],
    runs: &[Run],
    index: *const BitQuads,
    start: usize,
    sums: &mut [[i32; COLUMNS]; ROWS],
) {
    // SAFETY: the caller's; a block of 64 bytes holds the vectors.
    unsafe {
        let mut wide = [[[[V::zero(); 2]; 2]; VECTORS]; ROWS];
        for run in runs {
            let tables = tables.map(|table| table.offset(run.table));
            let index = index.add(run.index);
            for first in (0..run.quads).step_by(COUNTER_QUADS) {
                let mut counters = [[[V::zero(); 2]; VECTORS]; ROWS];
                for quad in first..run.quads.min(first + COUNTER_QUADS) {
                    let index: *const u8 = index.add(quad).cast();
                    let mut at = [V::zero(); VECTORS];
                    for (vector, at) in at.iter_mut().enumerate() {
                        *at = V::load(index.add(start + vector * V::BYTES));
                    }
                    for (counters, table) in counters.iter_mut().zip(tables) {
                        let table: *const u8 = table.add(quad).cast();
                        for digit in 0..2 {
                            let table = V::table(table.add(16 * digit));
                            for (counters, at) in counters.iter_mut().zip(at) {
                                let found = V::shuffle(table, at);
                                counters[digit] = V::add8(counters[digit], found);
                            }
                        }
                    }
                }
                for (wide, counters) in wide.iter_mut().zip(counters) {
                    for (wide, counters) in wide.iter_mut().zip(counters) {
                        for (wide, counter) in wide.iter_mut().zip(counters) {
                            wide[0] = V::add16(wide[0], counter);
                            wide[1] = V::add16(wide[1], V::upper(counter));
                        }
                    }
                }
            }
        }
        for (sums, wide) in sums.iter_mut().zip(wide) {
            for (vector, wide) in wide.into_iter().enumerate() {
                drain::<V>(wide, start + vector * V::BYTES, sums);
            }
        }
    }
}

/// Adds `low + 23 · high` to the columns of a vector at byte `start`.
#[inline(always)]
unsafe fn drain<V: Bytes>(wide: [[V; 2]; 2], start: usize, sums: &mut [i32; COLUMNS]) {
    let mut lanes = [[[0u16; COLUMNS / 2]; 2]; 2];
    for (lanes, wide) in lanes.iter_mut().zip(wide) {
        for (lanes, wide) in lanes.iter_mut().zip(wide) {
            // SAFETY: 64 bytes hold the widest vector.
            unsafe { V::store(wide, lanes.as_mut_ptr()) };
        }
    }
    let [[low, low_odd], [high, high_odd]] = &lanes;
    // Eight lanes of a vector are as many neighbouring columns.
    let lanes = low
        .as_chunks::<8>()
        .0
        .iter()
        .zip(low_odd.as_chunks::<8>().0)
        .zip(high.as_chunks::<8>().0)
        .zip(high_odd.as_chunks::<8>().0)
        .take(V::BYTES / 16);
    for (at, (((low, low_odd), high), high_odd)) in lanes.enumerate() {
        let both = |low: u16, high: u16| i32::from(low) + i32::from(RADIX) * i32::from(high);
        let [mut even, mut odd] = [[0; 8]; 2];
        for lane in 0..8 {
            even[lane] = both(
                low[lane].wrapping_sub(low_odd[lane] << 8),
                high[lane].wrapping_sub(high_odd[lane] << 8),
            );
            odd[lane] = both(low_odd[lane], high_odd[lane]);
        }
        let first = column(start + 16 * at);
        for (place, more) in [(first, even), (first + GROUP / 2, odd)] {
            let to = sums[place..].first_chunk_mut::<8>();
            let pairs = to.into_iter().flatten().zip(more);
            pairs.for_each(|(sum, more)| *sum += more);
        }
    }
}

/// The tables of four gradients each, with no gradient −128.
#[inline(always)]
pub(crate) fn fill_tables(quads: &[[i8; 4]], tables: &mut [GradientTable], stride: usize) {
    const MASKS: [[i16; 16]; 4] = {
        let mut masks = [[0; 16]; 4];
        let mut x = 0;
        while x < 16 {
            let mut bit = 0;
            while bit < 4 {
                masks[bit][x] = -((x >> bit & 1) as i16);
                bit += 1;
            }
            x += 1;
        }
        masks
    };
    for (quad, table) in quads.iter().zip(tables.iter_mut().step_by(stride)) {
        let gradients = quad.map(i16::from);
        let start: i16 = gradients.iter().map(|g| -(*g).min(0)).sum();
        let mut values = [start; 16];
        for (mask, gradient) in MASKS.iter().zip(gradients) {
            for (value, mask) in values.iter_mut().zip(mask) {
                *value += mask & gradient;
            }
        }
        for (x, value) in values.into_iter().enumerate() {
            // 2850 / 2^16 is so little above 1 / 23 that quotients to 508 are exact.
            let high = ((u32::from(value as u16) * 2850) >> 16) as u16;
            table.0[x] = (value as u16 - RADIX * high) as u8;
            table.0[16 + x] = high as u8;
        }
    }
}

/// Bit `c` of each of four words, as the four bits of column `c`.
#[inline(always)]
pub(crate) fn spread(words: [u32; 4]) -> [u8; GROUP] {
    let mut out = [0; GROUP];
    for (byte, out) in out.iter_mut().enumerate() {
        let at = column(byte);
        let bits = words.map(|word| (word >> at) as u8 & 1);
        *out = bits[0] | bits[1] << 1 | bits[2] << 2 | bits[3] << 3;
    }
    out
}

/// Spreads groups of 32 columns of four rows each, one quad after the other.
///
/// # Safety
/// The CPU has the instruction set of `E`.
#[inline(always)]
pub(crate) unsafe fn spread_all<E: LookUpTile>(
    words: &[[u32; 4]],
    half: usize,
    out: &mut [BitQuads],
) {
    for (words, out) in words.iter().zip(out) {
        // SAFETY: the caller's.
        out.0[half] = unsafe { E::spread(*words) };
    }
}
