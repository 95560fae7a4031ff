//! Gradients of a layer's weights, from its input's bits.
//!
//! ```text
//! for 512 positions at a time
//!   index[column] = bits of the input under each tap, four positions a quad
//!   for 64 outputs at a time
//!     tables[output] = of the gradients of four positions each
//!     for each block of 64 columns: sums[block][output] += look-ups of 128 quads
//! ```
//!
//! A block of the index is 8 KiB and stays in the nearest cache while all outputs pass by; the
//! tables of 64 outputs stay in the next one.
//!
//! Columns are taps times channels, each tap's in groups of 32. Behind them, of binary inputs, is a
//! column for each tap that is 1 where the tap lies inside the image, and one that is 0:
//!
//! ```text
//! Σ_{inside} g · a = 2 · P(column) − P(inside) − P(0)        P = Σ g · bit + Σ max(−g, 0)
//! ```

use core::ops::Range;

use orthant_bits::{Border, ConvShape, Input, words_for};

use super::{bits_from, check_range};
use crate::error::check_length;
use crate::lookup::{BitQuads, COLUMNS, GROUP, GradientTable, LookUp, Run};
use crate::{Error, Kernels};

/// Positions whose bits are spread at a time.
const POSITIONS: usize = 512;

/// Quads of these.
const QUADS: usize = POSITIONS / 4;

/// Outputs whose tables are held at a time.
const OUTPUTS: usize = 64;

/// Tables from one output to the next: a multiple of 4 KiB would crowd few lines of the cache.
const STRIDE: usize = QUADS + 2;

/// `∂L/∂w` of a convolution with packed inputs.
#[derive(Debug, Clone, Copy)]
pub struct WeightGradient<'a> {
    /// The convolution.
    pub shape: ConvShape,
    /// Its input, binary or ternary, of the whole batch.
    pub input: Input<'a>,
    /// Images.
    pub batch: usize,
    /// Rounded `∂L/∂y : [batch, height, width, outputs]`, none of them −128.
    pub gradients: &'a [i8],
}

/// How the columns of a layer's filters lie in sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradientColumns {
    shape: ConvShape,
    is_ternary: bool,
}

impl GradientColumns {
    /// Tables and index that a call needs.
    pub fn scratch_len(&self) -> [usize; 2] {
        [OUTPUTS * STRIDE, self.blocks() * QUADS]
    }

    /// Sums of so many outputs, in rows of 64.
    pub fn sums_len(&self, outputs: usize) -> usize {
        self.blocks() * outputs
    }

    fn taps(&self) -> usize {
        self.shape.kernel[0] * self.shape.kernel[1]
    }

    /// Groups of columns of a tap.
    fn pieces(&self) -> usize {
        self.shape.group_channels().div_ceil(GROUP)
    }

    /// Groups of all columns: of one plane and of what counts its borders, or of two planes.
    fn groups(&self) -> usize {
        let plane = self.taps() * self.pieces();
        match self.is_ternary {
            true => 2 * plane,
            false => plane + (self.taps() + 1).div_ceil(GROUP),
        }
    }

    fn blocks(&self) -> usize {
        self.groups().div_ceil(2)
    }

    /// Copies the gradient of a filter to `out : [taps, channels]`, times `step`.
    ///
    /// `sums` are those of `outputs` filters, of which this one is the `member`.
    ///
    /// # Panics
    /// If `sums` or `out` are shorter.
    pub fn filter(
        &self,
        sums: &[[i32; COLUMNS]],
        outputs: usize,
        member: usize,
        step: f32,
        out: &mut [f32],
    ) {
        let group = |at: usize| {
            let row = &sums[at / 2 * outputs + member];
            &row[at % 2 * GROUP..][..GROUP]
        };
        let plane = self.taps() * self.pieces();
        let extra = |column: usize| group(plane + column / GROUP)[column % GROUP];
        let filters = out.chunks_exact_mut(self.shape.group_channels());
        for (tap, out) in filters.enumerate().take(self.taps()) {
            for (piece, out) in out.chunks_mut(GROUP).enumerate() {
                let at = tap * self.pieces() + piece;
                if self.is_ternary {
                    let minus = group(plane + at);
                    for ((out, plus), minus) in out.iter_mut().zip(group(at)).zip(minus) {
                        *out = (plus - minus) as f32 * step;
                    }
                } else {
                    let constant = extra(tap) + extra(self.taps());
                    for (out, plus) in out.iter_mut().zip(group(at)) {
                        *out = (2 * plus - constant) as f32 * step;
                    }
                }
            }
        }
    }
}

impl WeightGradient<'_> {
    /// Positions that a caller best splits its work at.
    pub const CHUNK: usize = POSITIONS;

    /// How the filters' columns lie in the sums.
    pub fn columns(&self) -> GradientColumns {
        GradientColumns {
            shape: self.shape,
            is_ternary: matches!(self.input, Input::Ternary { .. }),
        }
    }

    /// Output positions of the batch.
    pub fn positions(&self) -> usize {
        self.shape.output().iter().product::<usize>() * self.batch
    }

    fn check(&self, outputs: &Range<usize>, positions: &Range<usize>) -> Result<(), Error> {
        let shape = &self.shape;
        shape.check()?;
        let pixels = (shape.height * shape.width).checked_mul(self.batch);
        let words = pixels.and_then(|n| n.checked_mul(words_for(shape.channels)));
        match self.input {
            Input::Binary(input) => check_length("binary input, in words,", words, input.len())?,
            Input::Ternary { sign, nonzero } => {
                check_length("sign plane of the input, in words,", words, sign.len())?;
                check_length(
                    "nonzero plane of the input, in words,",
                    words,
                    nonzero.len(),
                )?;
            }
            Input::Pixels(_) => {
                return Err(Error::Operands {
                    expected: "binary",
                    found: self.input.name(),
                });
            }
        }
        let [height, width] = shape.output();
        let all = (height * width).checked_mul(self.batch);
        check_range(all)?;
        if pixels.is_none_or(|n| n >= OUTSIDE as usize) {
            return Err(Error::Shape(orthant_bits::Error::TooLarge {
                what: "input",
            }));
        }
        let gradients = all.and_then(|n| n.checked_mul(shape.outputs));
        check_length("gradients", gradients, self.gradients.len())?;
        let per_group = shape.group_outputs();
        let group = outputs.start / per_group * per_group;
        for (range, all) in [
            (outputs, group..(group + per_group).min(shape.outputs)),
            (positions, 0..self.positions()),
        ] {
            if range.start > range.end || range.start < all.start || range.end > all.end {
                return Err(Error::Rows {
                    start: range.start,
                    end: range.end,
                    rows: all.end,
                });
            }
        }
        Ok(())
    }
}

impl Kernels {
    /// Adds the products of some outputs, of one group, at some positions to
    /// `sums : [blocks][outputs][64]`, which [`GradientColumns::filter`] reads.
    ///
    /// `tables` and `index` are as long as [`GradientColumns::scratch_len`] says, or longer. Sums
    /// are integers, so that they may be added up in any order.
    ///
    /// # Errors
    /// An impossible shape, pixels for an input, outputs of two groups, ranges or slices of wrong
    /// lengths, or sums that 32 bits may not hold.
    pub fn weight_gradient(
        &self,
        job: &WeightGradient,
        outputs: Range<usize>,
        positions: Range<usize>,
        tables: &mut [GradientTable],
        index: &mut [BitQuads],
        sums: &mut [[i32; COLUMNS]],
    ) -> Result<(), Error> {
        job.check(&outputs, &positions)?;
        let columns = job.columns();
        check_length("sums", Some(columns.sums_len(outputs.len())), sums.len())?;
        for (found, expected) in [tables.len(), index.len()]
            .into_iter()
            .zip(columns.scratch_len())
        {
            if found < expected {
                return Err(Error::Scratch { expected, found });
            }
        }
        if outputs.is_empty() {
            return Ok(());
        }
        for start in positions.clone().step_by(POSITIONS) {
            let positions = start..(start + POSITIONS).min(positions.end);
            let quads = positions.len().div_ceil(4);
            self.spread_input(job, outputs.start, &positions, index);
            for first in outputs.clone().step_by(OUTPUTS) {
                let some = first..(first + OUTPUTS).min(outputs.end);
                self.fill_outputs(job, &some, &positions, tables);
                let mut rows = [0; OUTPUTS];
                for (at, row) in rows.iter_mut().enumerate() {
                    *row = at * STRIDE;
                }
                let run = Run {
                    table: 0,
                    index: 0,
                    quads,
                };
                for block in 0..columns.blocks() {
                    let asked = COLUMNS.min((columns.groups() - 2 * block) * GROUP);
                    let index = &index[block * QUADS..][..quads];
                    let rows = &rows[..some.len()];
                    let sums = &mut sums[block * outputs.len()..][..outputs.len()];
                    let sums = &mut sums[first - outputs.start..][..some.len()];
                    let look_up =
                        LookUp::new(tables, rows, core::slice::from_ref(&run), index, asked);
                    // SAFETY: the CPU has `self.isa`.
                    unsafe { (self.table.look_up)(&look_up, sums) };
                }
            }
        }
        Ok(())
    }

    /// The tables of some outputs: quads of positions, those past the end 0.
    fn fill_outputs(
        &self,
        job: &WeightGradient,
        outputs: &Range<usize>,
        positions: &Range<usize>,
        tables: &mut [GradientTable],
    ) {
        let mut quads = [[0; 4]; OUTPUTS];
        for (quad, first) in positions.clone().step_by(4).enumerate() {
            if positions.end - first < 4 {
                quads = [[0; 4]; OUTPUTS];
            }
            for at in first..(first + 4).min(positions.end) {
                let from = &job.gradients[at * job.shape.outputs..][outputs.clone()];
                for (quad, gradient) in quads.iter_mut().zip(from) {
                    quad[at - first] = *gradient;
                }
            }
            let quads = &quads[..outputs.len()];
            // SAFETY: the CPU has `self.isa`.
            unsafe { (self.table.fill_tables)(quads, &mut tables[quad..], STRIDE) };
        }
    }

    /// The index of all columns at some positions.
    fn spread_input(
        &self,
        job: &WeightGradient,
        output: usize,
        positions: &Range<usize>,
        index: &mut [BitQuads],
    ) {
        let shape = &job.shape;
        let row_words = words_for(shape.channels);
        let first = output / shape.group_outputs() * shape.group_channels();
        let columns = job.columns();
        let plane = columns.taps() * columns.pieces();
        let ones = if shape.border == Border::PlusOne {
            u32::MAX
        } else {
            0
        };
        let inside_always = shape.border != Border::Zero;
        let mut inside = [[0u32; 4]; QUADS];
        for tap in 0..columns.taps() {
            let pixels = under(shape, tap, positions);
            for piece in 0..columns.pieces() {
                let start = piece * GROUP;
                let len = (shape.group_channels() - start).min(GROUP);
                let border = ones & (u32::MAX >> (32 - len));
                let row = |plane: &[u64], pixel: usize| {
                    let row = &plane[pixel * row_words..][..row_words];
                    bits_from(row, first + start, len)
                };
                let group = tap * columns.pieces() + piece;
                match job.input {
                    Input::Binary(sign) => {
                        self.spread_group(&pixels, positions, group, index, |pixel| {
                            pixel.map_or(border, |pixel| row(sign, pixel))
                        });
                    }
                    Input::Ternary { sign, nonzero } => {
                        self.spread_group(&pixels, positions, group, index, |pixel| {
                            pixel.map_or(border, |pixel| row(sign, pixel))
                        });
                        let minus = match shape.border {
                            Border::MinusOne => u32::MAX >> (32 - len),
                            _ => 0,
                        };
                        self.spread_group(&pixels, positions, plane + group, index, |pixel| {
                            pixel.map_or(minus, |pixel| row(nonzero, pixel) & !row(sign, pixel))
                        });
                    }
                    Input::Pixels(_) => {}
                }
            }
            if columns.is_ternary {
                continue;
            }
            for (at, pixel) in pixels.iter().take(positions.len()).enumerate() {
                let is_inside = inside_always || *pixel != OUTSIDE;
                inside[at / 4][at % 4] |= u32::from(is_inside) << (tap % GROUP);
            }
            // The last of them stays 0.
            if tap % GROUP == GROUP - 1 || tap + 1 == columns.taps() {
                self.spread_words(&inside, positions, plane + tap / GROUP, index);
                inside = [[0; 4]; QUADS];
            }
        }
        if !columns.is_ternary && columns.taps().is_multiple_of(GROUP) {
            let zero = plane + columns.taps() / GROUP;
            self.spread_words(&inside, positions, zero, index);
        }
    }

    /// One group of columns, from what `bits` says of each position's pixel.
    #[inline]
    fn spread_group(
        &self,
        pixels: &[u32; POSITIONS],
        positions: &Range<usize>,
        group: usize,
        index: &mut [BitQuads],
        bits: impl Fn(Option<usize>) -> u32,
    ) {
        let mut words = [[0; 4]; QUADS];
        for (word, pixel) in words.as_flattened_mut()[..positions.len()]
            .iter_mut()
            .zip(pixels)
        {
            *word = bits((*pixel != OUTSIDE).then_some(*pixel as usize));
        }
        self.spread_words(&words, positions, group, index);
    }

    fn spread_words(
        &self,
        words: &[[u32; 4]; QUADS],
        positions: &Range<usize>,
        group: usize,
        index: &mut [BitQuads],
    ) {
        let words = &words[..positions.len().div_ceil(4)];
        let index = &mut index[group / 2 * QUADS..];
        // SAFETY: the CPU has `self.isa`.
        unsafe { (self.table.spread)(words, group % 2, index) };
    }
}

/// What a tap outside the image is over.
const OUTSIDE: u32 = u32::MAX;

/// The pixels under a tap at some positions.
fn under(shape: &ConvShape, tap: usize, positions: &Range<usize>) -> [u32; POSITIONS] {
    let [height, width] = shape.output();
    let pads = [0, 1].map(|axis| shape.pads(axis)[0]);
    let tap = [tap / shape.kernel[1], tap % shape.kernel[1]];
    let mut pixels = [OUTSIDE; POSITIONS];
    let first = positions.start;
    let (mut image, mut at) = (
        first / (height * width),
        [first / width % height, first % width],
    );
    for pixel in &mut pixels[..positions.len()] {
        let inside = |axis: usize, size: usize| {
            let at = at[axis] * shape.stride[axis] + tap[axis] * shape.dilation[axis];
            at.checked_sub(pads[axis]).filter(|at| *at < size)
        };
        if let (Some(row), Some(column)) = (inside(0, shape.height), inside(1, shape.width)) {
            *pixel = ((image * shape.height + row) * shape.width + column) as u32;
        }
        at[1] += 1;
        if at[1] == width {
            at = [at[0] + 1, 0];
        }
        if at[0] == height {
            (image, at[0]) = (image + 1, 0);
        }
    }
    pixels
}
