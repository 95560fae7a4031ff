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

use crate::float::FloatConv;

/// Partial sums of every reduction.
const PARTS: usize = 16;

/// Adds up the partial sums in their fixed tree.
#[inline(always)]
fn reduce(mut parts: [f32; PARTS]) -> f32 {
    let mut half = PARTS / 2;
    while half > 0 {
        for j in 0..half {
            parts[j] += parts[j + half];
        }
        half /= 2;
    }
    parts[0]
}

/// Dot products of `x` with `N` filters, side by side so that their additions overlap.
#[inline(always)]
fn dots<const N: usize>(x: &[f32], filters: [&[f32]; N]) -> [f32; N] {
    let mut parts = [[0.0; PARTS]; N];
    let whole = x.len() / PARTS * PARTS;
    let mut at = 0;
    while at < whole {
        let x: &[f32; PARTS] = x[at..at + PARTS].try_into().expect("PARTS elements");
        for (parts, filter) in parts.iter_mut().zip(filters) {
            let w: &[f32; PARTS] = filter[at..at + PARTS].try_into().expect("PARTS elements");
            for j in 0..PARTS {
                parts[j] += x[j] * w[j];
            }
        }
        at += PARTS;
    }
    for (parts, filter) in parts.iter_mut().zip(filters) {
        for ((part, x), w) in parts.iter_mut().zip(&x[whole..]).zip(&filter[whole..]) {
            *part += x * w;
        }
    }
    parts.map(reduce)
}

/// `y = x · wᵀ` for one row: `x : [k]`, `w : [outputs, k]`, `y : [outputs]`.
#[inline(always)]
fn dense_row(x: &[f32], weights: &[f32], y: &mut [f32]) {
    let k = x.len();
    let filter = |output: usize| &weights[output * k..][..k];
    let mut output = 0;
    while output + 4 <= y.len() {
        let filters = [0, 1, 2, 3].map(|next| filter(output + next));
        y[output..output + 4].copy_from_slice(&dots(x, filters));
        output += 4;
    }
    for (output, y) in y.iter_mut().enumerate().skip(output) {
        [*y] = dots(x, [filter(output)]);
    }
}

/// `y = x · wᵀ`: `x : [rows, k]`, `w : [outputs, k]`, `y : [rows, outputs]`.
#[inline(always)]
pub(crate) fn dense_f32(x: &[f32], weights: &[f32], k: usize, y: &mut [f32]) {
    let outputs = weights.len() / k;
    for (x, y) in x.chunks_exact(k).zip(y.chunks_exact_mut(outputs)) {
        dense_row(x, weights, y);
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
            *y = reduce(parts.map(|part| part[channel])) / pixels as f32;
        }
    }
}

/// A float convolution; taps outside hold the border's number and take part like any other.
#[inline(always)]
pub(crate) fn conv_f32(conv: &FloatConv, patch: &mut [f32], y: &mut [f32]) {
    let shape = &conv.shape;
    let [height, width] = shape.output();
    let (channels, outputs) = (shape.group_channels(), shape.group_outputs());
    let filter = shape.filter_len();
    for (pixel, y) in y.chunks_exact_mut(shape.outputs).enumerate() {
        let (image, row, column) = (
            pixel / width / height,
            pixel / width % height,
            pixel % width,
        );
        let (down, across) = (shape.taps(0, row), shape.taps(1, column));
        for (group, y) in y.chunks_exact_mut(outputs).enumerate() {
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
            let weights = &conv.weights[group * outputs * filter..][..outputs * filter];
            dense_row(patch, weights, y);
        }
    }
}
