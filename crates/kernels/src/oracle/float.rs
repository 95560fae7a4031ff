//! The float kernels' order of operations, spelled out.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use orthant_bits::{Border, ConvShape, Padding};

use super::Random;
use crate::{FloatConv, Kernels};

/// Sixteen strided partial sums, added up in the tree 8, 4, 2, 1.
fn fixed_sum(terms: impl Iterator<Item = f32>) -> f32 {
    let mut s = [0.0f32; 16];
    for (k, term) in terms.enumerate() {
        s[k % 16] += term;
    }
    let a = [0, 1, 2, 3, 4, 5, 6, 7].map(|j| s[j] + s[j + 8]);
    let b = [0, 1, 2, 3].map(|j| a[j] + a[j + 4]);
    (b[0] + b[2]) + (b[1] + b[3])
}

/// Holds every float kernel of `kernels` against its definition, bit for bit.
///
/// # Errors
/// What differs.
pub fn check_floats(kernels: &Kernels, seed: u64) -> Result<usize, String> {
    let random = &mut Random::new(seed);
    let mut compared = 0;
    for inputs in [1, 3, 15, 16, 17, 48, 100, 333] {
        let (rows, outputs) = (1 + random.below(3), 1 + random.below(9));
        let (x, w) = (random.units(rows * inputs), random.units(outputs * inputs));
        let mut y = vec![0.0; rows * outputs];
        kernels
            .dense_f32(inputs, &x, &w, &mut y)
            .map_err(|e| format!("{e}"))?;
        let expected: Vec<f32> = x
            .chunks(inputs)
            .flat_map(|x| {
                w.chunks(inputs)
                    .map(|w| fixed_sum(x.iter().zip(w).map(|(x, w)| x * w)))
            })
            .collect();
        compared += same("dense_f32", &y, &expected)?;

        let pixels = 1 + random.below(40);
        let x = random.units(pixels * inputs);
        let mut y = vec![0.0; inputs];
        kernels.mean_pool(&x, &mut y).map_err(|e| format!("{e}"))?;
        let mean = |c: usize| fixed_sum((0..pixels).map(|p| x[p * inputs + c])) / pixels as f32;
        compared += same("mean_pool", &y, &(0..inputs).map(mean).collect::<Vec<_>>())?;

        let (scale, shift) = (random.units(inputs), random.units(inputs));
        let mut y = x.clone();
        kernels
            .affine(&scale, &shift, &mut y)
            .map_err(|e| format!("{e}"))?;
        let each = x
            .iter()
            .enumerate()
            .map(|(at, x)| x * scale[at % inputs] + shift[at % inputs]);
        compared += same("affine", &y, &each.collect::<Vec<_>>())?;

        let residual = random.units(x.len());
        let mut y = x.clone();
        kernels.add(&residual, &mut y).map_err(|e| format!("{e}"))?;
        let each = x.iter().zip(&residual).map(|(x, residual)| x + residual);
        compared += same("add", &y, &each.collect::<Vec<_>>())?;
    }
    for border in [Border::Zero, Border::PlusOne, Border::MinusOne] {
        let mut shape = ConvShape::new([5, 6, 6], 4, [3, 2]);
        shape.border = border;
        compared += check_conv(kernels, &shape, random)?;
        shape.groups = 2;
        shape.stride = [2, 1];
        shape.dilation = [1, 2];
        shape.padding = Padding::Explicit {
            top: 2,
            bottom: 0,
            left: 1,
            right: 3,
        };
        compared += check_conv(kernels, &shape, random)?;
    }
    Ok(compared)
}

fn check_conv(kernels: &Kernels, shape: &ConvShape, random: &mut Random) -> Result<usize, String> {
    let batch = 2;
    let input = random.units(batch * shape.height * shape.width * shape.channels);
    let weights = random.units(shape.outputs * shape.filter_len());
    let [height, width] = shape.output();
    let mut y = vec![0.0; batch * height * width * shape.outputs];
    let conv = FloatConv {
        shape: *shape,
        batch,
        input: &input,
        weights: &weights,
    };
    let mut scratch = vec![0.0; FloatConv::scratch_len(shape)];
    kernels
        .conv2d_f32(&conv, &mut y, &mut scratch)
        .map_err(|e| format!("{e}"))?;

    let channels = shape.channels / shape.groups;
    let read = |image: usize, row: isize, column: isize, channel: usize| {
        let inside = (0..shape.height as isize).contains(&row)
            && (0..shape.width as isize).contains(&column);
        if inside {
            let pixel = (image * shape.height + row as usize) * shape.width + column as usize;
            input[pixel * shape.channels + channel]
        } else {
            shape.border.value() as f32
        }
    };
    let mut expected = Vec::new();
    for image in 0..batch {
        for i in 0..height {
            for j in 0..width {
                for output in 0..shape.outputs {
                    let group = output / (shape.outputs / shape.groups);
                    let filter = &weights[output * shape.filter_len()..][..shape.filter_len()];
                    expected.push(fixed_sum(filter.iter().enumerate().map(|(k, w)| {
                        let (tap, c) = (k / channels, k % channels);
                        let (u, v) = (tap / shape.kernel[1], tap % shape.kernel[1]);
                        let row = i * shape.stride[0] + u * shape.dilation[0];
                        let column = j * shape.stride[1] + v * shape.dilation[1];
                        let row = row as isize - shape.pads(0)[0] as isize;
                        let column = column as isize - shape.pads(1)[0] as isize;
                        read(image, row, column, group * channels + c) * w
                    })));
                }
            }
        }
    }
    same("conv2d_f32", &y, &expected)
}

fn same(what: &str, found: &[f32], expected: &[f32]) -> Result<usize, String> {
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    if bits(found) == bits(expected) {
        Ok(found.len())
    } else {
        Err(format!("{what}: {found:?}, expected {expected:?}"))
    }
}
