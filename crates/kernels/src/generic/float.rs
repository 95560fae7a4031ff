//! The float arithmetic of evaluation: one order of operations, the same bits everywhere.
//!
//! ```text
//! s[j] = Σ_{k ≡ j mod 16} x[k] · w[k]      in order of k; multiply, round, add, round
//! s[j] += s[j + 8]; s[j] += s[j + 4]; s[j] += s[j + 2]; sum = s[0] + s[1]
//! ```
//!
//! Sixteen partial sums fill the widest vector, and narrower ones hold them in parts, so that
//! every instruction set rounds the same numbers. There is no fused multiply-add: not every
//! machine has one.

use crate::float::{FloatConv, ROWS};

/// Partial sums of every reduction.
const PARTS: usize = 16;

/// Partial sums of one reduction.
///
/// They are passed by value: only so are they kept in registers.
#[derive(Clone, Copy)]
struct Parts([f32; PARTS]);

impl Parts {
    const ZERO: Self = Self([0.0; PARTS]);

    /// One more product for each.
    #[inline(always)]
    fn add(self, x: &[f32; PARTS], w: &[f32; PARTS]) -> Self {
        let Self(mut parts) = self;
        for j in 0..PARTS {
            parts[j] += x[j] * w[j];
        }
        Self(parts)
    }

    /// One more product for the first few.
    #[inline(always)]
    fn add_rest(self, x: &[f32], w: &[f32]) -> Self {
        let Self(mut parts) = self;
        for ((part, x), w) in parts.iter_mut().zip(x).zip(w) {
            *part += x * w;
        }
        Self(parts)
    }

    /// Their sum, in the fixed tree.
    #[inline(always)]
    fn reduce(self) -> f32 {
        let Self(mut parts) = self;
        let mut half = PARTS / 2;
        while half > 0 {
            for j in 0..half {
                parts[j] += parts[j + half];
            }
            half /= 2;
        }
        parts[0]
    }
}

/// Dot products of `M` rows with `N` filters, side by side so that their additions overlap and
/// what is loaded is used more than once.
#[inline(always)]
fn tile<const M: usize, const N: usize>(rows: [&[f32]; M], filters: [&[f32]; N]) -> [[f32; N]; M] {
    let whole = rows.map(|row| row.as_chunks::<PARTS>());
    let filters = filters.map(|filter| filter.as_chunks::<PARTS>());
    let mut parts = [[Parts::ZERO; N]; M];
    for at in 0..whole[0].0.len() {
        let before = parts;
        for m in 0..M {
            for n in 0..N {
                parts[m][n] = before[m][n].add(&whole[m].0[at], &filters[n].0[at]);
            }
        }
    }
    let mut sums = [[0.0; N]; M];
    for m in 0..M {
        for n in 0..N {
            let parts = parts[m][n].add_rest(whole[m].1, filters[n].1);
            sums[m][n] = parts.reduce();
        }
    }
    sums
}

/// `y = x · wᵀ` for some rows: `x : [rows, k]`, `w : [outputs, k]`; row `i` of `y` begins at
/// `i · stride`.
///
/// Two filters stay in the nearest cache while all rows pass by.
#[inline(always)]
fn product(x: &[f32], weights: &[f32], k: usize, y: &mut [f32], stride: usize) {
    let (rows, outputs) = (x.len() / k, weights.len() / k);
    let row = |index: usize| &x[index * k..][..k];
    let filter = |output: usize| &weights[output * k..][..k];
    // One row has nothing to share but itself.
    if rows == 1 {
        let mut output = 0;
        while output + 4 <= outputs {
            let [sums] = tile([x], [0, 1, 2, 3].map(|next| filter(output + next)));
            y[output..output + 4].copy_from_slice(&sums);
            output += 4;
        }
        for (y, output) in y[output..].iter_mut().zip(output..outputs) {
            [[*y]] = tile([x], [filter(output)]);
        }
        return;
    }
    for output in (0..outputs).step_by(2) {
        let is_pair = output + 1 < outputs;
        let filters = [filter(output), filter(output + usize::from(is_pair))];
        for first in (0..rows).step_by(2) {
            let second = (first + 1).min(rows - 1);
            // What has no partner is computed twice.
            let sums = tile([row(first), row(second)], filters);
            for (index, sums) in [first, second].into_iter().zip(sums) {
                let y = &mut y[index * stride + output..];
                y[0] = sums[0];
                if is_pair {
                    y[1] = sums[1];
                }
            }
        }
    }
}

/// `y = x · wᵀ`: `x : [rows, k]`, `w : [outputs, k]`, `y : [rows, outputs]`.
#[inline(always)]
pub(crate) fn dense_f32(x: &[f32], weights: &[f32], k: usize, y: &mut [f32]) {
    let outputs = weights.len() / k;
    let blocks = x.chunks(ROWS * k).zip(y.chunks_mut(ROWS * outputs));
    for (x, y) in blocks {
        product(x, weights, k, y, outputs);
    }
}

/// `y = x · scale + shift` per channel, in place: `x : [pixels, channels]`.
#[inline(always)]
pub(crate) fn affine(scale: &[f32], shift: &[f32], x: &mut [f32]) {
    for pixel in x.chunks_exact_mut(scale.len()) {
        for ((x, scale), shift) in pixel.iter_mut().zip(scale).zip(shift) {
            *x = *x * scale + shift;
        }
    }
}

/// `x = x + residual`.
#[inline(always)]
pub(crate) fn add(residual: &[f32], x: &mut [f32]) {
    x.iter_mut()
        .zip(residual)
        .for_each(|(x, residual)| *x += residual);
}

/// Mean over pixels: `x : [pixels, channels]`, `y : [channels]`; pixel `i` joins part `i % 16`.
#[inline(always)]
pub(crate) fn mean_pool(x: &[f32], channels: usize, y: &mut [f32]) {
    let pixels = x.len() / channels;
    for first in (0..channels).step_by(PARTS) {
        let wide = PARTS.min(channels - first);
        // Part by channel, so that a vector holds channels.
        let mut parts = [[0.0; PARTS]; PARTS];
        for pixel in 0..pixels {
            let x = &x[pixel * channels + first..][..wide];
            parts[pixel % PARTS]
                .iter_mut()
                .zip(x)
                .for_each(|(part, x)| *part += x);
        }
        for (channel, y) in y[first..first + wide].iter_mut().enumerate() {
            *y = Parts(parts.map(|part| part[channel])).reduce() / pixels as f32;
        }
    }
}

/// A float convolution; taps outside hold the border's number and take part like any other.
///
/// `patches` holds [`ROWS`] of them.
#[inline(always)]
pub(crate) fn conv_f32(conv: &FloatConv, patches: &mut [f32], y: &mut [f32]) {
    let shape = &conv.shape;
    let (outputs, filter) = (shape.group_outputs(), shape.filter_len());
    for (block, y) in y.chunks_mut(ROWS * shape.outputs).enumerate() {
        let patches = &mut patches[..y.len() / shape.outputs * filter];
        for group in 0..shape.groups {
            for (row, patch) in patches.chunks_exact_mut(filter).enumerate() {
                gather(conv, block * ROWS + row, group, patch);
            }
            let weights = &conv.weights[group * outputs * filter..][..outputs * filter];
            let y = &mut y[group * outputs..];
            product(patches, weights, filter, y, shape.outputs);
        }
    }
}

/// What an output pixel, counted over all images, sees of a group's channels.
#[inline(always)]
fn gather(conv: &FloatConv, pixel: usize, group: usize, patch: &mut [f32]) {
    let shape = &conv.shape;
    let [height, width] = shape.output();
    let channels = shape.group_channels();
    let (image, row, column) = (
        pixel / width / height,
        pixel / width % height,
        pixel % width,
    );
    let (down, across) = (shape.taps(0, row), shape.taps(1, column));
    patch.fill(shape.border.value() as f32);
    for (v, tap_y) in down.taps.clone().enumerate() {
        let input_y = image * shape.height + down.first + v * shape.dilation[0];
        for (u, tap_x) in across.taps.clone().enumerate() {
            let input_x = across.first + u * shape.dilation[1];
            let from = (input_y * shape.width + input_x) * shape.channels;
            let to = (tap_y * shape.kernel[1] + tap_x) * channels;
            patch[to..to + channels]
                .copy_from_slice(&conv.input[from + group * channels..][..channels]);
        }
    }
}
