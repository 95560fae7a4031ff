//! Gradients times bits by look-up: what is looked up, where it lies, and what an instruction set
//! brings for it.
//!
//! ```text
//! T[x]   = Σ_j (bit j of x ? g_j : 0) − Σ_j min(g_j, 0)      four gradients, 4 bits; 0 to 508
//! T[x]   = low[x] + 23 · high[x]                             two bytes of at most 22
//! sum[c] = Σ_quads T_quad[index_quad[c]]                     11 quads fit the bytes' counters
//! ```
//!
//! Four products are a look-up of two bytes and two additions: 32 products an operation of 256
//! bits less the widening, where `vpmaddubsw` and an addition make 16.

use crate::generic;

/// Columns of a block.
pub(crate) const COLUMNS: usize = 64;

/// Columns that are spread together.
pub(crate) const GROUP: usize = 32;

/// What the second byte of a table counts.
pub(crate) const RADIX: u16 = 23;

/// Quads whose bytes an 8-bit counter holds: 11 · 22 is below 256.
pub(crate) const COUNTER_QUADS: usize = 11;

/// Flushed counters that signed 16 bits hold: 128 · 242 is below 2^15.
pub(crate) const FLUSHES: usize = 128;

/// The table of four gradients: 16 low bytes, then 16 high ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(32))]
pub struct GradientTable(pub(crate) [u8; 32]);

impl GradientTable {
    /// That of four zeros.
    pub const ZERO: Self = Self([0; 32]);
}

/// Four bits of each of 64 columns, a byte each.
///
/// Byte `j` of each half is column `j / 2 + 16 · (j % 2)` of it, so that 16-bit lanes split into
/// runs of 16 columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct BitQuads(pub(crate) [[u8; GROUP]; 2]);

impl BitQuads {
    /// That of four zeros a column.
    pub const ZERO: Self = Self([[0; GROUP]; 2]);
}

/// The column of a byte of [`BitQuads`].
pub(crate) const fn column(byte: usize) -> usize {
    let (half, at) = (byte / GROUP, byte % GROUP);
    half * GROUP + at / 2 + GROUP / 2 * (at % 2)
}

/// Quads that tables and index share, from offsets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Run {
    /// From a row's first table.
    pub table: isize,
    /// In the index.
    pub index: usize,
    /// Quads of the run.
    pub quads: usize,
}

/// A block of columns times rows of gradients; made by [`LookUp::new`] alone.
pub(crate) struct LookUp<'a> {
    tables: &'a [GradientTable],
    rows: &'a [usize],
    runs: &'a [Run],
    index: &'a [BitQuads],
    /// Columns that are asked for, at most [`COLUMNS`].
    pub columns: usize,
}

impl<'a> LookUp<'a> {
    /// # Panics
    /// If a row's run leaves the tables or the index.
    pub(crate) fn new(
        tables: &'a [GradientTable],
        rows: &'a [usize],
        runs: &'a [Run],
        index: &'a [BitQuads],
        columns: usize,
    ) -> Self {
        let (first, last) = (rows.iter().min(), rows.iter().max());
        if let (Some(&first), Some(&last)) = (first, last) {
            for run in runs {
                let inside = first.checked_add_signed(run.table).is_some()
                    && last
                        .checked_add_signed(run.table)
                        .and_then(|last| last.checked_add(run.quads))
                        .is_some_and(|end| end <= tables.len());
                let end = run.index.checked_add(run.quads);
                let indexed = end.is_some_and(|end| end <= index.len());
                assert!(inside && indexed, "a run lies inside tables and index");
            }
        }
        Self {
            tables,
            rows,
            runs,
            index,
            columns,
        }
    }

    /// Rows of gradients.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Where some rows' tables begin.
    #[inline(always)]
    pub(crate) fn tables<const ROWS: usize>(&self, first: usize) -> [*const GradientTable; ROWS] {
        let rows: &[usize; ROWS] = self.rows[first..]
            .first_chunk()
            .expect("as many rows as asked for");
        rows.map(|row| self.tables.as_ptr().wrapping_add(row))
    }

    /// The next runs whose counters, flushed, fit 16 bits; `done` are the runs and quads before.
    ///
    /// A longer run is cut, and its part put into `cut`.
    #[inline(always)]
    pub(crate) fn piece<'p>(&'p self, done: &mut [usize; 2], cut: &'p mut Run) -> &'p [Run] {
        let [first, quad] = *done;
        let rest = &self.runs[first..];
        let mut flushes = 0;
        let whole = rest.iter().take_while(|run| {
            flushes += run.quads.div_ceil(COUNTER_QUADS);
            flushes <= FLUSHES
        });
        match (whole.count(), rest.first()) {
            (0, Some(run)) => {
                let quads = (FLUSHES * COUNTER_QUADS).min(run.quads - quad);
                *cut = Run {
                    table: run.table + quad as isize,
                    index: run.index + quad,
                    quads,
                };
                *done = match quad + quads < run.quads {
                    true => [first, quad + quads],
                    false => [first + 1, 0],
                };
                core::slice::from_ref(cut)
            }
            (count, _) => {
                *done = [first + count, 0];
                &rest[..count]
            }
        }
    }

    /// The index' first quad.
    #[inline(always)]
    pub(crate) fn index(&self) -> *const BitQuads {
        self.index.as_ptr()
    }
}

/// Bytes side by side, of which 16 index a table.
///
/// # Safety
/// As for [`Vector`](crate::vector::Vector): the CPU has the implementor's instruction set, and a
/// pointer its bytes.
pub(crate) unsafe trait Bytes: Copy {
    /// Bytes of a vector: 16, 32 or 64.
    const BYTES: usize;

    unsafe fn zero() -> Self;
    /// `BYTES` bytes.
    unsafe fn load(from: *const u8) -> Self;
    /// 16 bytes, again and again.
    unsafe fn table(from: *const u8) -> Self;
    /// `table[index]`, of indices below 16.
    unsafe fn shuffle(table: Self, index: Self) -> Self;
    unsafe fn add8(a: Self, b: Self) -> Self;
    unsafe fn add16(a: Self, b: Self) -> Self;
    /// The upper bytes of 16-bit lanes.
    unsafe fn upper(a: Self) -> Self;
    unsafe fn store(a: Self, to: *mut u16);
}

/// What an instruction set brings for look-ups.
///
/// # Safety
/// As for [`Vector`](crate::vector::Vector).
pub(crate) unsafe trait LookUpTile {
    /// Rows of a full tile, at most 8.
    const ROWS: usize;

    /// Adds `Σ T[index]` of some rows to their sums.
    ///
    /// # Safety
    /// `tables` and `index` hold what the runs, a [piece](LookUp::piece), read.
    unsafe fn look_up<const ROWS: usize>(
        tables: [*const GradientTable; ROWS],
        runs: &[Run],
        index: *const BitQuads,
        columns: usize,
        sums: &mut [[i32; COLUMNS]; ROWS],
    );

    /// Bit `c` of each of four words, as the four bits of column `c`.
    unsafe fn spread(words: [u32; 4]) -> [u8; GROUP] {
        generic::spread(words)
    }

    /// The tables of four gradients each, every so many.
    unsafe fn fill_tables(quads: &[[i8; 4]], tables: &mut [GradientTable], stride: usize) {
        generic::fill_tables(quads, tables, stride);
    }
}

/// The body of a [`LookUpTile`]: the generic loop on `$vector`.
macro_rules! look_up_tile {
    ($vector:ty, $rows:literal) => {
        const ROWS: usize = $rows;

        #[inline(always)]
        unsafe fn look_up<const ROWS: usize>(
            tables: [*const crate::lookup::GradientTable; ROWS],
            runs: &[crate::lookup::Run],
            index: *const crate::lookup::BitQuads,
            columns: usize,
            sums: &mut [[i32; crate::lookup::COLUMNS]; ROWS],
        ) {
            // SAFETY: the caller's.
            unsafe {
                crate::generic::look_up_tile::<$vector, ROWS>(tables, runs, index, columns, sums)
            }
        }
    };
}

pub(crate) use look_up_tile;
