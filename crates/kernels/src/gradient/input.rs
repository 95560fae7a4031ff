//! Gradients of a layer's input, from its weights' bits.
//!
//! ```text
//! for each class of pixels that the same taps see
//!   for each block of 64 channels
//!     for some pixels at a time: sums over all taps and outputs, then 2 · P − Σ |g|, to floats
//! ```
//!
//! A pixel's sum over all taps stays in the counters; no gradient of a patch exists.

use orthant_bits::{ConvShape, words_for};

use super::{bits_from, check_range};
use crate::error::check_length;
use crate::lookup::{BitQuads, COLUMNS, GROUP, GradientTable, LookUp, Run};
use crate::{Error, Kernels, Weights};

/// Pixels whose sums are held at a time.
const ROWS: usize = 48;

/// Taps of a look-up.
const RUNS: usize = 32;

/// `∂L/∂a` of a convolution with packed weights.
#[derive(Debug, Clone, Copy)]
pub struct InputGradient<'a> {
    /// The convolution.
    pub shape: ConvShape,
    /// What [`Kernels::prepare_input_gradient`] wrote.
    pub weights: &'a [BitQuads],
    /// Rounded `∂L/∂y : [images, height, width, outputs]`, none of them −128.
    pub gradients: &'a [i8],
    /// What a rounded gradient of 1 stands for, one number an image.
    pub steps: &'a [f32],
}

/// Sizes of a layer's look-ups.
#[derive(Clone, Copy)]
struct Plan {
    taps: usize,
    groups: usize,
    /// Of a group's outputs.
    quads: usize,
    /// Of a group's channels.
    blocks: usize,
}

impl Plan {
    fn new(shape: &ConvShape) -> Self {
        Self {
            taps: shape.kernel[0] * shape.kernel[1],
            groups: shape.groups,
            quads: shape.group_outputs().div_ceil(4),
            blocks: shape.group_channels().div_ceil(COLUMNS),
        }
    }

    /// Entries of one plane of prepared weights.
    fn plane(&self) -> Option<usize> {
        let block = self.taps.checked_mul(self.quads)?;
        block.checked_mul(self.groups)?.checked_mul(self.blocks)
    }
}

impl InputGradient<'_> {
    /// Entries of prepared weights.
    ///
    /// # Errors
    /// An impossible shape.
    pub fn weights_len(shape: &ConvShape, ternary: bool) -> Result<usize, Error> {
        shape.check()?;
        let planes = 1 + usize::from(ternary);
        let len = Plan::new(shape).plane().and_then(|n| n.checked_mul(planes));
        len.ok_or(Error::Shape(orthant_bits::Error::TooLarge {
            what: "prepared weights",
        }))
    }

    /// Tables and magnitudes that a call on so many images needs.
    ///
    /// # Errors
    /// An impossible shape.
    pub fn scratch_len(shape: &ConvShape, images: usize) -> Result<[usize; 2], Error> {
        shape.check()?;
        let [height, width] = shape.output();
        let magnitudes = images
            .checked_mul(height * width)
            .and_then(|n| n.checked_mul(shape.groups));
        let tables = magnitudes.and_then(|n| n.checked_mul(Plan::new(shape).quads));
        match (tables, magnitudes) {
            (Some(tables), Some(magnitudes)) => Ok([tables, magnitudes]),
            _ => Err(Error::Shape(orthant_bits::Error::TooLarge {
                what: "scratch",
            })),
        }
    }
}

impl Kernels {
    /// Rearranges canonical weights of packed inputs for [`input_gradient`](Self::input_gradient).
    ///
    /// # Errors
    /// An impossible shape, or slices of wrong lengths.
    pub fn prepare_input_gradient(
        &self,
        shape: &ConvShape,
        weights: &Weights,
        out: &mut [BitQuads],
    ) -> Result<(), Error> {
        let ternary = matches!(weights, Weights::Ternary { .. });
        let len = InputGradient::weights_len(shape, ternary)?;
        check_length("prepared weights", Some(len), out.len())?;
        let plan = Plan::new(shape);
        let words = words_for(shape.group_channels());
        let rows = shape.outputs * plan.taps * words;
        let (sign, nonzero) = match *weights {
            Weights::Binary(sign) => (sign, sign),
            Weights::Ternary { sign, nonzero } => (sign, nonzero),
        };
        check_length("weights, in words,", Some(rows), sign.len())?;
        check_length(
            "weights' nonzero plane, in words,",
            Some(rows),
            nonzero.len(),
        )?;
        let blocks = out.chunks_exact_mut(plan.taps * plan.quads);
        for (at, block) in blocks.enumerate() {
            let [minus, group, block_of] = [
                at / (plan.groups * plan.blocks),
                at / plan.blocks % plan.groups,
                at % plan.blocks,
            ];
            let first = group * shape.group_outputs();
            for half in 0..2 {
                let channel = block_of * COLUMNS + half * GROUP;
                let len = shape.group_channels().saturating_sub(channel).min(GROUP);
                let bits = |output: usize, tap: usize| -> u32 {
                    if len == 0 || output >= shape.group_outputs() {
                        return 0;
                    }
                    let row = ((first + output) * plan.taps + tap) * words;
                    let plus = bits_from(&sign[row..row + words], channel, len);
                    match minus {
                        0 => plus,
                        _ => bits_from(&nonzero[row..row + words], channel, len) & !plus,
                    }
                };
                for (tap, quads) in block.chunks_exact_mut(plan.quads).enumerate() {
                    for (quad, out) in quads.iter_mut().enumerate() {
                        let words = [0, 1, 2, 3].map(|at| bits(4 * quad + at, tap));
                        // SAFETY: the CPU has `self.isa`.
                        unsafe {
                            (self.table.spread)(&[words], half, core::slice::from_mut(out));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// `dx : [images, height, width, channels]` of some images.
    ///
    /// `tables` and `magnitudes` are as long as [`InputGradient::scratch_len`] says, or longer.
    ///
    /// # Errors
    /// An impossible shape, slices of wrong lengths, or sums that 32 bits may not hold.
    pub fn input_gradient(
        &self,
        job: &InputGradient,
        tables: &mut [GradientTable],
        magnitudes: &mut [i32],
        dx: &mut [f32],
    ) -> Result<(), Error> {
        let shape = &job.shape;
        let images = job.steps.len();
        let lengths = InputGradient::scratch_len(shape, images)?;
        let [binary, ternary] = [false, true].map(|t| InputGradient::weights_len(shape, t));
        let (binary, ternary) = (binary?, ternary?);
        if job.weights.len() != ternary {
            check_length("prepared weights", Some(binary), job.weights.len())?;
        }
        let [height, width] = shape.output();
        let gradients = (height * width * shape.outputs).checked_mul(images);
        check_length("gradients", gradients, job.gradients.len())?;
        let inputs = (shape.height * shape.width * shape.channels).checked_mul(images);
        check_length("input's gradient", inputs, dx.len())?;
        for (found, expected) in [tables.len(), magnitudes.len()].into_iter().zip(lengths) {
            if found < expected {
                return Err(Error::Scratch { expected, found });
            }
        }
        let plan = Plan::new(shape);
        check_range(plan.taps.checked_mul(shape.group_outputs()))?;
        self.fill(job, &plan, tables, magnitudes);
        let classes = Classes {
            shape,
            output: [height, width],
            pads: [0, 1].map(|axis| shape.pads(axis)[0]),
        };
        for row in classes.representatives(0) {
            for column in classes.representatives(1) {
                for group in 0..shape.groups {
                    let class = Class {
                        job,
                        plan,
                        classes,
                        at: [row, column],
                        group,
                    };
                    self.class(&class, tables, magnitudes, dx);
                }
            }
        }
        Ok(())
    }

    /// Tables and magnitudes of every position and group.
    fn fill(
        &self,
        job: &InputGradient,
        plan: &Plan,
        tables: &mut [GradientTable],
        magnitudes: &mut [i32],
    ) {
        let groups = job.gradients.chunks_exact(job.shape.group_outputs());
        let tables = tables.chunks_exact_mut(plan.quads);
        for ((gradients, tables), magnitude) in groups.zip(tables).zip(magnitudes) {
            let (quads, rest) = gradients.as_chunks();
            // SAFETY: the CPU has `self.isa`.
            unsafe { (self.table.fill_tables)(quads, tables, 1) };
            if !rest.is_empty() {
                let mut quad = [0; 4];
                quad[..rest.len()].copy_from_slice(rest);
                // SAFETY: the CPU has `self.isa`.
                unsafe { (self.table.fill_tables)(&[quad], &mut tables[quads.len()..], 1) };
            }
            *magnitude = gradients.iter().map(|g| i32::from(g.unsigned_abs())).sum();
        }
    }

    /// The pixels of one class, some at a time.
    fn class(&self, class: &Class, tables: &[GradientTable], magnitudes: &[i32], dx: &mut [f32]) {
        let (mut pixels, mut len) = ([Pixel::default(); ROWS], 0);
        let mut all_blocks = |pixels: &[Pixel]| {
            for block in 0..class.plan.blocks {
                self.pixels(class, block, pixels, tables, magnitudes, dx);
            }
        };
        class.pixels(|pixel| {
            (pixels[len], len) = (pixel, len + 1);
            if len == ROWS {
                all_blocks(&pixels);
                len = 0;
            }
        });
        if len > 0 {
            all_blocks(&pixels[..len]);
        }
    }

    /// Some pixels of a class, a block of channels.
    fn pixels(
        &self,
        class: &Class,
        block: usize,
        pixels: &[Pixel],
        tables: &[GradientTable],
        magnitudes: &[i32],
        dx: &mut [f32],
    ) {
        let (shape, plan) = (&class.job.shape, &class.plan);
        let first = block * COLUMNS;
        let columns = (shape.group_channels() - first).min(COLUMNS);
        let mut rows = [0; ROWS];
        for (row, pixel) in rows.iter_mut().zip(pixels) {
            *row = (pixel.position * plan.groups + class.group) * plan.quads;
        }
        let rows = &rows[..pixels.len()];
        let plane = plan.groups * plan.blocks;
        let ternary = class.job.weights.len() > plane * plan.taps * plan.quads;
        let mut sums = [[[0; COLUMNS]; ROWS]; 2];
        let mut constants = [0; ROWS];
        class.runs(|runs| {
            for (minus, sums) in sums.iter_mut().enumerate().take(1 + usize::from(ternary)) {
                let at = (minus * plane + class.group * plan.blocks + block) * plan.taps;
                let index = &class.job.weights[at * plan.quads..][..plan.taps * plan.quads];
                let job = LookUp::new(tables, rows, runs, index, columns);
                // SAFETY: the CPU has `self.isa`.
                unsafe { (self.table.look_up)(&job, &mut sums[..rows.len()]) };
            }
            if !ternary {
                for (constant, row) in constants.iter_mut().zip(rows) {
                    let places = runs.iter().map(|run| row.wrapping_add_signed(run.table));
                    *constant += places.map(|at| magnitudes[at / plan.quads]).sum::<i32>();
                }
            }
        });
        let [plus, minus] = &sums;
        for (at, pixel) in pixels.iter().enumerate() {
            let start = pixel.index * shape.channels + class.group * shape.group_channels() + first;
            let to = &mut dx[start..start + columns];
            let step = class.job.steps[pixel.image];
            if ternary {
                for ((to, plus), minus) in to.iter_mut().zip(&plus[at]).zip(&minus[at]) {
                    *to = (plus - minus) as f32 * step;
                }
            } else {
                for (to, plus) in to.iter_mut().zip(&plus[at]) {
                    *to = (2 * plus - constants[at]) as f32 * step;
                }
            }
        }
    }
}

/// A pixel of the input.
#[derive(Clone, Copy, Default)]
struct Pixel {
    image: usize,
    /// Of the whole batch.
    index: usize,
    /// The output position that its first tap belongs to.
    position: usize,
}

/// Rows and columns of the input that the same taps see.
#[derive(Clone, Copy)]
struct Classes<'a> {
    shape: &'a ConvShape,
    /// Height and width of the output.
    output: [usize; 2],
    /// Rows above the image and columns before it.
    pads: [usize; 2],
}

impl Classes<'_> {
    /// The output row or column at which a tap sees `at`.
    fn position(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        let shape = self.shape;
        let from = (at + self.pads[axis]).checked_sub(tap * shape.dilation[axis])?;
        let position = from / shape.stride[axis];
        let seen = from.is_multiple_of(shape.stride[axis]) && position < self.output[axis];
        seen.then_some(position)
    }

    /// The taps that see `at`, each with its output row or column.
    fn taps(&self, axis: usize, at: usize) -> impl Iterator<Item = (usize, usize)> {
        let taps = 0..self.shape.kernel[axis];
        taps.filter_map(move |tap| Some((tap, self.position(axis, at, tap)?)))
    }

    fn size(&self, axis: usize) -> usize {
        [self.shape.height, self.shape.width][axis]
    }

    fn is_alike(&self, axis: usize, a: usize, b: usize) -> bool {
        let seen = |at: usize, tap: usize| self.position(axis, at, tap).is_some();
        (0..self.shape.kernel[axis]).all(|tap| seen(a, tap) == seen(b, tap))
    }

    /// The first of each class.
    fn representatives(&self, axis: usize) -> impl Iterator<Item = usize> {
        let alone = move |at: &usize| !(0..*at).any(|other| self.is_alike(axis, other, *at));
        (0..self.size(axis)).filter(alone)
    }

    fn members(&self, axis: usize, at: usize) -> impl Iterator<Item = usize> {
        (at..self.size(axis)).filter(move |other| self.is_alike(axis, at, *other))
    }
}

/// One class of pixels, one group of channels.
struct Class<'a> {
    job: &'a InputGradient<'a>,
    plan: Plan,
    classes: Classes<'a>,
    /// Its first pixel.
    at: [usize; 2],
    group: usize,
}

impl Class<'_> {
    /// Calls `each` with every pixel, image by image.
    fn pixels(&self, mut each: impl FnMut(Pixel)) {
        let shape = &self.job.shape;
        let [height, width] = self.classes.output;
        let first = |axis: usize, at: usize| {
            let mut taps = self.classes.taps(axis, at);
            taps.next().map_or(0, |(_, position)| position)
        };
        for image in 0..self.job.steps.len() {
            for y in self.classes.members(0, self.at[0]) {
                for x in self.classes.members(1, self.at[1]) {
                    each(Pixel {
                        image,
                        index: (image * shape.height + y) * shape.width + x,
                        position: (image * height + first(0, y)) * width + first(1, x),
                    });
                }
            }
        }
    }

    /// Calls `each` with the taps that see the class, some at a time.
    fn runs(&self, mut each: impl FnMut(&[Run])) {
        let [_, width] = self.classes.output;
        let step = self.plan.groups * self.plan.quads;
        let mut runs = [Run {
            table: 0,
            index: 0,
            quads: self.plan.quads,
        }; RUNS];
        let (mut len, mut start) = (0, None);
        for (u, i) in self.classes.taps(0, self.at[0]) {
            for (v, j) in self.classes.taps(1, self.at[1]) {
                let position = i * width + j;
                let first = *start.get_or_insert(position);
                runs[len].table = (position as isize - first as isize) * step as isize;
                runs[len].index = (u * self.job.shape.kernel[1] + v) * self.plan.quads;
                len += 1;
                if len == RUNS {
                    each(&runs);
                    len = 0;
                }
            }
        }
        if len > 0 {
            each(&runs[..len]);
        }
    }
}
