//! Convolution of unsigned 8-bit pixels with ±1 or ternary weights, exact: the first layer.
//!
//! ```text
//! Σ w · (a · p − b_c) = a · (Σ_{w > 0} p + Σ_{w ≥ 0} p − Σ p) + Σ_{taps inside} (−Σ_c w · b_c)
//! for each block of pixels with the same taps (walk)
//!   gather the patches, taps outside as 0, and their sums
//!   for each panel, for each tile: Σ_{w > 0} p as a product of bytes, and Σ_{w ≥ 0} p as another,
//!     or the same where no weight is 0; store
//! ```

use core::marker::PhantomData;
use core::ops::Range;

use orthant_bits::ConvShape;

use super::store::{Store, finish, prepare};
use super::walk::{BLOCK, Site, Visit, Walk, Window};
use crate::job::Job;
use crate::panel::PIXEL_OUTPUTS;
use crate::product::{PixelTile, TILE_SITES};
use crate::vector::Sums;

/// Bytes of a patch: a filter in whole groups of four.
fn patch_bytes(shape: &ConvShape) -> usize {
    shape.filter_len().div_ceil(4) * 4
}

/// Words of scratch: the patches of a block, and what the taps of a window add to each output.
///
/// `None` past the address range.
pub(crate) fn patch_words(shape: &ConvShape) -> Option<usize> {
    let patches = patch_bytes(shape).checked_mul(BLOCK)?.div_ceil(8);
    patches
        .checked_add(shape.outputs)
        .filter(|words| *words < isize::MAX as usize / 8)
}

/// Runs a job whose input is pixels.
///
/// # Safety
/// The CPU has the instruction set of `E`, and the job was checked.
#[inline(always)]
pub(crate) unsafe fn convolve_pixels<E: PixelTile>(job: &mut Job) {
    prepare(&mut job.output, job.pool.is_some());
    let walk = Walk::of(job);
    for group in 0..job.shape.groups {
        let window = None;
        let sums = [Sums::ZERO; TILE_SITES];
        let mut visit = Pixels::<E> {
            job,
            group,
            window,
            sums,
            others: sums,
            kind: PhantomData,
        };
        // SAFETY: the sites of a checked job lie inside its input and output.
        unsafe { walk.visit(&mut visit) };
    }
    finish(&mut job.output, job.shape.outputs);
}

struct Pixels<'j, 'a, E> {
    job: &'j mut Job<'a>,
    group: usize,
    /// The window whose contributions lie in the scratch.
    window: Option<Window>,
    /// The sums of a tile; kept, since clearing them costs as much as storing them.
    sums: [Sums; TILE_SITES],
    /// Those of the second plane of ternary weights.
    others: [Sums; TILE_SITES],
    kind: PhantomData<E>,
}

impl<E: PixelTile> Visit for Pixels<'_, '_, E> {
    #[inline(always)]
    unsafe fn block(&mut self, window: &Window, sites: &[Site]) {
        let shape = self.job.shape;
        let bytes = patch_bytes(&shape);
        if self.window.as_ref() != Some(window) {
            self.fill_starts(window);
            self.window = Some(window.clone());
        }
        let a = self.job.a;
        let mut totals = [0; BLOCK];
        for (site, total) in totals.iter_mut().enumerate().take(sites.len()) {
            // SAFETY: the site's taps lie inside the input, its patch inside the block's.
            *total = unsafe { self.gather(window, sites[site].input, site * bytes) };
        }
        for panel in 0..self.job.plan.group_panels {
            let member = panel * PIXEL_OUTPUTS;
            let count = PIXEL_OUTPUTS.min(shape.group_outputs() - member);
            let first = self.group * shape.group_outputs() + member;
            let mut start = Sums::ZERO;
            let starts = &self.job.patches[self.job.patches.len() - shape.outputs + first..];
            start
                .0
                .iter_mut()
                .zip(&starts[..count])
                .for_each(|(to, &from)| *to = from as i32);
            let panel = self.group * self.job.plan.group_panels + panel;
            let words = self.job.plan.panel_words;
            let panel = &self.job.panels[panel * words..][..words];
            let planes = self.job.plan.operands.weight_planes();
            let planes = panel.chunks_exact(words / planes);
            let store = Store::new(self.job, first, count);
            for tile in (0..sites.len()).step_by(TILE_SITES) {
                let tile = tile..(tile + TILE_SITES).min(sites.len());
                for (plane, sums) in planes.clone().zip([&mut self.sums, &mut self.others]) {
                    // SAFETY: the patches of the block and the plane hold whole groups of four.
                    unsafe { multiply::<E>(self.job, tile.clone(), bytes, plane, sums) };
                }
                let is_ternary = planes.len() == 2;
                for (at, site) in tile.enumerate() {
                    let sums = &mut self.sums[at];
                    let others = is_ternary.then_some(&self.others[at]);
                    scale(sums, others, a, totals[site], &start);
                    let width = self.job.extent[1];
                    let targets = &sites[site].targets;
                    // SAFETY: the caller's.
                    unsafe {
                        store.put::<E>(&mut self.job.output, targets, width, sums, PIXEL_OUTPUTS);
                    }
                }
            }
        }
    }
}

impl<E: PixelTile> Pixels<'_, '_, E> {
    /// Adds up what the taps inside and outside a window contribute to each output.
    fn fill_starts(&mut self, window: &Window) {
        let job = &mut *self.job;
        let outputs = job.shape.outputs;
        let starts = job.patches.len() - outputs;
        let starts = &mut job.patches[starts..];
        starts.fill(0);
        for y in 0..job.shape.kernel[0] {
            for x in 0..job.shape.kernel[1] {
                let inside = window[0].contains(&y) && window[1].contains(&x);
                let table = if inside { job.inside } else { job.outside };
                let tap = y * job.shape.kernel[1] + x;
                // A zero border has no table of taps outside.
                for (start, &entry) in starts.iter_mut().zip(table.iter().skip(tap * outputs)) {
                    *start = start.wrapping_add(entry);
                }
            }
        }
    }

    /// Copies one patch to `at` of the block and returns the sum of its pixels.
    ///
    /// # Safety
    /// `at` is the byte of a patch that the block has room for.
    #[inline(always)]
    unsafe fn gather(&mut self, window: &Window, input: usize, at: usize) -> i32 {
        let job = &mut *self.job;
        let shape = &job.shape;
        let channels = shape.group_channels();
        let patches: *mut u8 = job.patches.as_mut_ptr().cast();
        let bytes = patch_bytes(shape);
        // SAFETY: `scratch_len` reserved a block of patches; bytes may alias words.
        let patch = unsafe { core::slice::from_raw_parts_mut(patches.add(at), bytes) };
        patch.fill(0);
        for (down, y) in window[0].clone().enumerate() {
            let row = input + down * shape.dilation[0] * shape.width;
            let first = (y * shape.kernel[1] + window[1].start) * channels;
            if shape.dilation[1] == 1 && shape.groups == 1 {
                let len = window[1].len() * channels;
                copy(
                    &mut patch[first..first + len],
                    &job.pixels[row * channels..][..len],
                );
                continue;
            }
            for across in 0..window[1].len() {
                let pixel = (row + across * shape.dilation[1]) * shape.channels;
                let from = &job.pixels[pixel + self.group * channels..][..channels];
                patch[first + across * channels..][..channels].copy_from_slice(from);
            }
        }
        patch
            .iter()
            .fold(0, |sum: i32, &pixel| sum.wrapping_add(i32::from(pixel)))
    }
}

/// The sums of some patches of the block, whose length is `bytes`, over one plane of weights.
///
/// # Safety
/// The CPU has the instruction set of `E`; the block holds the patches of `tile`, and `plane`
/// as many groups of four weights as they have pixels.
#[inline(always)]
unsafe fn multiply<E: PixelTile>(
    job: &Job,
    tile: Range<usize>,
    bytes: usize,
    plane: &[u64],
    sums: &mut [Sums; TILE_SITES],
) {
    let patches: *const u8 = job.patches.as_ptr().cast();
    let plane = plane.as_ptr().cast();
    // SAFETY: the block's patches lie one behind the other.
    unsafe {
        let at = |site: usize| patches.add((tile.start + site) * bytes);
        let quads = bytes / 4;
        match tile.len() {
            1 => E::tile([at(0)], quads, plane, sums),
            2 => E::tile([at(0), at(1)], quads, plane, sums),
            3 => E::tile([at(0), at(1), at(2)], quads, plane, sums),
            _ => E::tile([at(0), at(1), at(2), at(3)], quads, plane, sums),
        }
    }
}

/// Turns `Σ_{w > 0} p` and `Σ_{w ≥ 0} p`, the same where no weight is 0, into the contract's sums.
///
/// `prepare` has seen that they fit; a caller who changed its buffer gets wrong sums, no panic.
#[inline(always)]
fn scale(sums: &mut Sums, others: Option<&Sums>, a: i32, total: i32, start: &Sums) {
    match others {
        None => sums.0.iter_mut().for_each(|sum| *sum = sum.wrapping_mul(2)),
        Some(others) => {
            let pairs = sums.0.iter_mut().zip(&others.0);
            pairs.for_each(|(sum, other)| *sum = sum.wrapping_add(*other));
        }
    }
    for (sum, start) in sums.0.iter_mut().zip(&start.0) {
        *sum = a.wrapping_mul(sum.wrapping_sub(total)).wrapping_add(*start);
    }
}

/// Copies a short row of bytes; a call to `memcpy` costs more than nine bytes do.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.chunks_mut(8).zip(from.chunks(8)) {
        if let (Ok(to), Ok(from)) = (
            <&mut [u8; 8]>::try_from(&mut *to),
            <&[u8; 8]>::try_from(from),
        ) {
            *to = *from;
        } else {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        }
    }
}
