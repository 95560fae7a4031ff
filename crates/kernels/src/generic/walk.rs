//! Walks over output pixels, in blocks that see the same taps.
//!
//! ```text
//! for each run of output rows with the same taps inside the image
//!   for each run of output columns with the same taps inside the image
//!     for each image, row, column of the runs: collect; hand over every BLOCK pixels
//! ```
//!
//! Taps outside the image are thus skipped for whole blocks at a time: a 3 x 3 kernel on 8 x 8
//! pixels saves 16 % of its work, and a block's loop bounds are constants.

use core::ops::Range;

use orthant_bits::{ConvShape, PoolShape};

use crate::job::Job;

/// Pixels of a block: four full tiles, so that a panel is read from the second-level cache once
/// for sixteen pixels.
pub(super) const BLOCK: usize = 16;

/// Output positions that a convolution's pixel goes to: one, or a rectangle when a pool's windows
/// overlap.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Targets {
    /// The first position, counted from the first row asked for.
    pub at: usize,
    /// Rows and columns of positions.
    pub span: [usize; 2],
}

/// One output pixel of the convolution.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Site {
    /// The input pixel under its first tap inside the image, counted over all images.
    pub input: usize,
    pub targets: Targets,
}

/// The taps inside the image, the same for every pixel of a block.
pub(super) type Window = [Range<usize>; 2];

/// What is done with a block.
pub(super) trait Visit {
    /// # Safety
    /// Every site's taps in `window` lie inside the input, and its targets inside the output.
    unsafe fn block(&mut self, window: &Window, sites: &[Site]);
}

/// The geometry of a walk.
pub(super) struct Walk {
    pub shape: ConvShape,
    pub pool: Option<PoolShape>,
    pub rows: Range<usize>,
    pub images: Range<usize>,
    pub extent: [usize; 2],
}

impl Walk {
    pub(super) fn of(job: &Job) -> Self {
        Self {
            shape: job.shape,
            pool: job.pool,
            rows: job.rows.clone(),
            images: job.images(),
            extent: job.extent,
        }
    }

    /// # Safety
    /// `visit` may rely on what [`Visit::block`] says of sites; the shape was checked.
    #[inline(always)]
    pub(super) unsafe fn visit(&self, visit: &mut impl Visit) {
        let [height, width] = self.shape.output();
        let mut rows = 0..0;
        while rows.end < height {
            rows = run(&self.shape, 0, rows.end, height);
            let mut columns = 0..0;
            while columns.end < width {
                columns = run(&self.shape, 1, columns.end, width);
                // SAFETY: the runs were just found.
                unsafe { self.region(visit, rows.clone(), columns.clone()) };
            }
        }
    }

    /// One run of rows by one run of columns, over all images.
    ///
    /// # Safety
    /// As for [`visit`](Self::visit); the runs lie inside the output and see the same taps.
    #[inline(always)]
    unsafe fn region(&self, visit: &mut impl Visit, rows: Range<usize>, columns: Range<usize>) {
        let shape = &self.shape;
        let [down, across] = [shape.taps(0, rows.start), shape.taps(1, columns.start)];
        let window = [down.taps, across.taps];
        // Without a tap inside there is nothing to read, and no step may lead past the image.
        let steps = [0, 1].map(|axis| {
            if window[axis].is_empty() {
                0
            } else {
                shape.stride[axis]
            }
        });
        let mut sites = [Site::default(); BLOCK];
        let mut count = 0;
        for image in self.images.clone() {
            let asked = self.asked(image);
            for y in rows.clone() {
                let Some(tall) = self.targets(0, y, asked.clone()) else {
                    continue;
                };
                let input_y = down.first + (y - rows.start) * steps[0];
                let input_row = (image * shape.height + input_y) * shape.width + across.first;
                let output_row = image * self.extent[0] + tall.start - self.rows.start;
                for x in columns.clone() {
                    let Some(wide) = self.targets(1, x, 0..self.extent[1]) else {
                        continue;
                    };
                    sites[count] = Site {
                        input: input_row + (x - columns.start) * steps[1],
                        targets: Targets {
                            at: output_row * self.extent[1] + wide.start,
                            span: [tall.len(), wide.len()],
                        },
                    };
                    count += 1;
                    if count == BLOCK {
                        // SAFETY: steps lead from one tap inside the image to the next, and the
                        // targets were asked for.
                        unsafe { visit.block(&window, &sites) };
                        count = 0;
                    }
                }
            }
        }
        if count > 0 {
            // SAFETY: passed on.
            unsafe { visit.block(&window, &sites[..count]) };
        }
    }

    /// Rows of an image's output that were asked for.
    #[inline(always)]
    fn asked(&self, image: usize) -> Range<usize> {
        let before = image * self.extent[0];
        let end = self.rows.end.saturating_sub(before).min(self.extent[0]);
        self.rows.start.saturating_sub(before).min(end)..end
    }

    /// Output rows or columns within `asked` that a row or column of the convolution goes to.
    #[inline(always)]
    fn targets(&self, axis: usize, position: usize, asked: Range<usize>) -> Option<Range<usize>> {
        let (first, last) = match self.pool {
            None => (position, position),
            Some(pool) => {
                let (window, stride) = (pool.window[axis], pool.stride[axis]);
                (
                    (position + 1).saturating_sub(window).div_ceil(stride),
                    position / stride,
                )
            }
        };
        let targets = first.max(asked.start)..(last + 1).min(asked.end);
        (!targets.is_empty()).then_some(targets)
    }
}

/// The positions from `start` on whose taps inside the image are the same.
#[inline(always)]
fn run(shape: &ConvShape, axis: usize, start: usize, extent: usize) -> Range<usize> {
    let taps = shape.taps(axis, start).taps;
    let same = |&position: &usize| shape.taps(axis, position).taps == taps;
    start..start + 1 + (start + 1..extent).take_while(same).count()
}
