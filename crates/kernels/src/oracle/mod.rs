//! The definitions, number by number: what every kernel is held against.
//!
//! Nothing here is packed or fast, and nothing of the kernels is used; shapes (`ConvShape::output`,
//! `pads`) are those of `orthant-bits`, which tests them. The module exists for tests (feature
//! `oracle`); [`check`] compares whole layers on one instruction set.

mod case;
mod float;
mod gradient;
mod random;

use alloc::vec;
use alloc::vec::Vec;

use orthant_bits::{ConvShape, PoolShape};

pub use case::{Case, Data, Kind, check};
pub use float::check_floats;
pub use gradient::check_gradients;
pub use random::Random;

/// `Σ a · b`.
pub fn dot(a: &[i32], b: &[i32]) -> i32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The sums of a convolution: `x` NHWC, `w` OHWI; positions outside read `border`.
pub fn conv2d(shape: &ConvShape, batch: usize, x: &[i32], w: &[i32], border: i32) -> Vec<i32> {
    let [height, width] = shape.output();
    let (per_group, group_outputs) = (shape.channels / shape.groups, shape.outputs / shape.groups);
    let mut y = Vec::new();
    for image in 0..batch {
        for i in 0..height {
            for j in 0..width {
                for output in 0..shape.outputs {
                    let group = output / group_outputs;
                    let mut sum = 0;
                    for u in 0..shape.kernel[0] {
                        for v in 0..shape.kernel[1] {
                            let row = (i * shape.stride[0] + u * shape.dilation[0]) as isize
                                - shape.pads(0)[0] as isize;
                            let column = (j * shape.stride[1] + v * shape.dilation[1]) as isize
                                - shape.pads(1)[0] as isize;
                            let inside = (0..shape.height as isize).contains(&row)
                                && (0..shape.width as isize).contains(&column);
                            for c in 0..per_group {
                                let a = if inside {
                                    let pixel = (image * shape.height + row as usize) * shape.width
                                        + column as usize;
                                    x[pixel * shape.channels + group * per_group + c]
                                } else {
                                    border
                                };
                                let tap = (output * shape.kernel[0] + u) * shape.kernel[1] + v;
                                sum += a * w[tap * per_group + c];
                            }
                        }
                    }
                    y.push(sum);
                }
            }
        }
    }
    y
}

/// The maximum of each window and its position in the window, row by row, the first of equals.
pub fn max_pool(
    pool: PoolShape,
    batch: usize,
    [height, width]: [usize; 2],
    channels: usize,
    x: &[i32],
) -> (Vec<i32>, Vec<u32>) {
    let rows = (height - pool.window[0]) / pool.stride[0] + 1;
    let columns = (width - pool.window[1]) / pool.stride[1] + 1;
    let (mut maxima, mut positions) = (Vec::new(), Vec::new());
    for image in 0..batch {
        for i in 0..rows {
            for j in 0..columns {
                for c in 0..channels {
                    let mut window = vec![];
                    for u in 0..pool.window[0] {
                        for v in 0..pool.window[1] {
                            let (y, x_at) = (i * pool.stride[0] + u, j * pool.stride[1] + v);
                            window.push(x[((image * height + y) * width + x_at) * channels + c]);
                        }
                    }
                    let maximum = window.iter().copied().fold(i32::MIN, i32::max);
                    maxima.push(maximum);
                    let first = window.iter().position(|&sum| sum == maximum);
                    positions.push(first.map_or(0, |at| at as u32));
                }
            }
        }
    }
    (maxima, positions)
}
