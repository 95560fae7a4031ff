//! Convolution of packed activations with panels of packed weights.
//!
//! ```text
//! for each group of channels
//!   for each set of panels that stays in the second-level cache
//!     for each block of pixels with the same taps (walk)
//!       for each panel of the set
//!         start[o] = n + Σ_{taps outside} border · Σ_c w
//!         for each tile of the block: sums = start − 2 · mismatches (tile); store
//! ```
//!
//! No patch is copied: a kernel row's taps are contiguous in NHWC, so a tile reads its pixels' rows
//! where they lie. Only channels of groups that start inside a word are moved first (`groups`).

use core::marker::PhantomData;
use core::ops::Range;

use orthant_bits::words_for;

use super::store::{Store, finish, prepare};
use super::walk::{Site, Visit, Walk, Window};
use crate::job::Job;
use crate::product::{Product, Runs, TILE_SITES, Tile};
use crate::vector::Sums;

/// Bytes of panels that are read again and again for every block of a walk; less than half
/// of a second-level cache of 512 KiB.
const RESIDENT_BYTES: usize = 192 << 10;

/// Runs a job whose operands are packed.
///
/// # Safety
/// The CPU has the instruction set of `E`, and the job was checked.
#[inline(always)]
pub(crate) unsafe fn convolve<E: Tile<P>, P: Product>(job: &mut Job) {
    prepare(&mut job.output, job.pool.is_some());
    let walk = Walk::of(job);
    let resident = (RESIDENT_BYTES / 8 / job.plan.panel_words).max(1);
    for group in 0..job.shape.groups {
        for first in (0..job.plan.group_panels).step_by(resident) {
            let panels = first..(first + resident).min(job.plan.group_panels);
            let sums = [Sums::ZERO; TILE_SITES];
            let mut visit = Packed::<E, P> {
                job,
                group,
                panels,
                sums,
                kinds: PhantomData,
            };
            // SAFETY: the sites of a checked job lie inside its input and output.
            unsafe { walk.visit(&mut visit) };
        }
    }
    finish(&mut job.output, job.shape.outputs);
}

struct Packed<'j, 'a, E, P> {
    job: &'j mut Job<'a>,
    group: usize,
    panels: Range<usize>,
    /// The sums of a tile; kept, since clearing them costs as much as storing them.
    sums: [Sums; TILE_SITES],
    kinds: PhantomData<(E, P)>,
}

impl<E: Tile<P>, P: Product> Visit for Packed<'_, '_, E, P> {
    #[inline(always)]
    unsafe fn block(&mut self, window: &Window, sites: &[Site]) {
        let shape = self.job.shape;
        let runs = runs(self.job, window);
        let inside = window[0].len() * window[1].len();
        let n = if P::TERNARY {
            0
        } else {
            inside * shape.group_channels()
        };
        let outputs = E::PANEL.outputs();
        for panel in self.panels.clone() {
            let member = panel * outputs;
            let count = outputs.min(shape.group_outputs() - member);
            let first = self.group * shape.group_outputs() + member;
            let mut start = Sums([n as i32; 64]);
            if !self.job.outside.is_empty() {
                add_outside(self.job, window, first, &mut start.0[..count]);
            }
            let panel = self.group * self.job.plan.group_panels + panel;
            let panel = &self.job.panels[panel * self.job.plan.panel_words..];
            let store = Store::new(self.job, first, count);
            for tile in sites.chunks(E::SITES) {
                // SAFETY: the sites' taps lie inside the input, the runs inside the filter.
                unsafe { self.tile(&runs, tile, panel.as_ptr(), &start, &store) };
            }
        }
    }
}

impl<E: Tile<P>, P: Product> Packed<'_, '_, E, P> {
    /// The sums of a tile, and where they go.
    ///
    /// # Safety
    /// The CPU has the instruction set of `E`; the sites' taps lie inside the input, the runs
    /// inside the panel's filters, and the targets inside the output.
    #[inline(always)]
    unsafe fn tile(
        &mut self,
        runs: &Runs,
        sites: &[Site],
        panel: *const u64,
        start: &Sums,
        store: &Store,
    ) {
        let planes = self.job.planes.map(<[u64]>::as_ptr);
        let at = |site: usize| {
            sites[site].input * self.job.pixel_words + self.group * self.job.group_words
        };
        let sums = &mut self.sums;
        // SAFETY: the caller's; a tile has at most `SITES` sites.
        unsafe {
            match sites.len() {
                1 => E::tile(runs, planes, [at(0)], panel, start, sums),
                2 => E::tile(runs, planes, [at(0), at(1)], panel, start, sums),
                3 => E::tile(runs, planes, [at(0), at(1), at(2)], panel, start, sums),
                _ => E::tile(
                    runs,
                    planes,
                    [at(0), at(1), at(2), at(3)],
                    panel,
                    start,
                    sums,
                ),
            }
            for (site, sums) in sites.iter().zip(&self.sums) {
                let width = self.job.extent[1];
                store.put::<E>(
                    &mut self.job.output,
                    &site.targets,
                    width,
                    sums,
                    E::PANEL.outputs(),
                );
            }
        }
    }
}

/// The words that a block's taps inside the image stand for.
#[inline(always)]
fn runs(job: &Job, window: &Window) -> Runs {
    let shape = &job.shape;
    let tap_words = words_for(shape.group_channels());
    let row_words = shape.kernel[1] * tap_words;
    let input_row = shape.dilation[0] * shape.width * job.pixel_words;
    let filter_start = window[0].start * row_words + window[1].start * tap_words;
    let [rows, columns] = [window[0].len(), window[1].len()];
    let contiguous = shape.dilation[1] == 1 && job.pixel_words == tap_words;
    if contiguous {
        Runs {
            counts: [rows, 1],
            input_steps: [input_row, 0],
            filter_steps: [row_words, 0],
            filter_start,
            len: columns * tap_words,
        }
    } else {
        Runs {
            counts: [rows, columns],
            input_steps: [input_row, shape.dilation[1] * job.pixel_words],
            filter_steps: [row_words, tap_words],
            filter_start,
            len: tap_words,
        }
    }
}

/// Adds what the taps outside the image contribute to the outputs from `first` on.
#[inline(always)]
fn add_outside(job: &Job, window: &Window, first: usize, start: &mut [i32]) {
    for y in 0..job.shape.kernel[0] {
        for x in 0..job.shape.kernel[1] {
            if !(window[0].contains(&y) && window[1].contains(&x)) {
                let row = (y * job.shape.kernel[1] + x) * job.shape.outputs + first;
                for (sum, &entry) in start.iter_mut().zip(&job.outside[row..]) {
                    // A caller may hand us any numbers for a table; they are wrong then, no more.
                    *sum = sum.wrapping_add(entry as i32);
                }
            }
        }
    }
}
