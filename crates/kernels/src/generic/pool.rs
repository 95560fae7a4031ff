//! Max-pools of what is in memory already.

use orthant_bits::words_for;

use crate::pool::Pool;

/// Maximum of bits: OR, and AND where the channel's comparison is inverted.
///
/// `invert` holds one bit per channel, or nothing when no channel is inverted.
#[inline(always)]
pub(crate) fn max_pool_bits(pool: &Pool, input: &[u64], invert: &[u64], output: &mut [u64]) {
    let words = words_for(pool.channels);
    windows(pool, |to, from| {
        let out = &mut output[to * words..][..words];
        out.fill(0);
        for pixel in from {
            for (at, out) in out.iter_mut().enumerate() {
                *out |= input[pixel * words + at] ^ invert.get(at).copied().unwrap_or(0);
            }
        }
        out.iter_mut()
            .zip(invert)
            .for_each(|(out, invert)| *out ^= invert);
    });
}

/// Maximum of sums and, where asked for, its position in the window.
///
/// Positions count the window's pixels in row-major order; of equal sums the first one counts.
#[inline(always)]
pub(crate) fn max_pool_sums(
    pool: &Pool,
    input: &[i32],
    output: &mut [i32],
    mut positions: Option<&mut [u32]>,
) {
    let channels = pool.channels;
    windows(pool, |to, from| {
        let out = &mut output[to * channels..][..channels];
        out.fill(i32::MIN);
        for (position, pixel) in from.enumerate() {
            let sums = &input[pixel * channels..][..channels];
            if let Some(positions) = &mut positions {
                let positions = &mut positions[to * channels..][..channels];
                for ((at, out), &sum) in positions.iter_mut().zip(&*out).zip(sums) {
                    // The very first pixel counts even where it holds the least integer.
                    *at = if position == 0 || sum > *out {
                        position as u32
                    } else {
                        *at
                    };
                }
            }
            out.iter_mut()
                .zip(sums)
                .for_each(|(out, &sum)| *out = sum.max(*out));
        }
    });
}

/// Maximum of real numbers; what is not a number stays where a window holds it.
#[inline(always)]
pub(crate) fn max_pool_f32(pool: &Pool, input: &[f32], output: &mut [f32]) {
    let channels = pool.channels;
    windows(pool, |to, from| {
        let out = &mut output[to * channels..][..channels];
        out.fill(f32::NEG_INFINITY);
        for pixel in from {
            let pixel = &input[pixel * channels..][..channels];
            for (out, &x) in out.iter_mut().zip(pixel) {
                *out = if x > *out || x.is_nan() { x } else { *out };
            }
        }
    });
}

/// Calls `each` with every output pixel and the input pixels of its window.
#[inline(always)]
fn windows<I: FnMut(usize, PixelsOf)>(pool: &Pool, mut each: I) {
    let [height, width] = pool.output;
    for image in 0..pool.batch {
        for y in 0..height {
            for x in 0..width {
                let top = image * pool.input[0] + y * pool.shape.stride[0];
                let first = top * pool.input[1] + x * pool.shape.stride[1];
                let from = PixelsOf {
                    first,
                    width: pool.input[1],
                    window: pool.shape.window,
                    at: 0,
                };
                each((image * height + y) * width + x, from);
            }
        }
    }
}

/// The pixels of one window in row-major order.
struct PixelsOf {
    first: usize,
    width: usize,
    window: [usize; 2],
    at: usize,
}

impl Iterator for PixelsOf {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let (row, column) = (self.at / self.window[1], self.at % self.window[1]);
        self.at += 1;
        (row < self.window[0]).then_some(self.first + row * self.width + column)
    }
}
