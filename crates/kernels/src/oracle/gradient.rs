//! The products of a backward pass, number by number.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use orthant_bits::{BitTensor, ConvShape, TensorShape, TernaryTensor};

use super::{Case, Data, Random};
use crate::{
    BitQuads, GradientTable, Input, InputGradient, Kernels, Rounding, WeightGradient, Weights,
};

/// Calls `each(output, weight, input)` with the places of every product of a convolution; `None`
/// is an input outside the image.
fn products(shape: &ConvShape, batch: usize, mut each: impl FnMut(usize, usize, Option<usize>)) {
    let [height, width] = shape.output();
    let per_group = shape.channels / shape.groups;
    for image in 0..batch {
        for i in 0..height {
            for j in 0..width {
                for o in 0..shape.outputs {
                    let output = ((image * height + i) * width + j) * shape.outputs + o;
                    let group = o / (shape.outputs / shape.groups);
                    for u in 0..shape.kernel[0] {
                        for v in 0..shape.kernel[1] {
                            let y = (i * shape.stride[0] + u * shape.dilation[0]) as isize
                                - shape.pads(0)[0] as isize;
                            let x = (j * shape.stride[1] + v * shape.dilation[1]) as isize
                                - shape.pads(1)[0] as isize;
                            let inside = (0..shape.height as isize).contains(&y)
                                && (0..shape.width as isize).contains(&x);
                            for c in 0..per_group {
                                let tap = (o * shape.kernel[0] + u) * shape.kernel[1] + v;
                                let input = inside.then(|| {
                                    let pixel = (image * shape.height + y as usize) * shape.width
                                        + x as usize;
                                    pixel * shape.channels + group * per_group + c
                                });
                                each(output, tap * per_group + c, input);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Holds both products of a case's shape against their definitions, on every kind of bits; returns
/// the number of numbers compared.
///
/// # Errors
/// What differs, or what was refused.
pub fn check_gradients(kernels: &Kernels, case: &Case) -> Result<usize, String> {
    let mut compared = 0;
    for ternary in [false, true] {
        compared += check_kind(kernels, case, ternary)?;
    }
    Ok(compared)
}

fn check_kind(kernels: &Kernels, case: &Case, ternary: bool) -> Result<usize, String> {
    let random = &mut Random::new(case.seed ^ 0x5eed);
    let (shape, batch) = (&case.shape, case.batch);
    let [height, width] = shape.output();
    let per_group = shape.group_channels();
    let inputs = TensorShape::new(batch, shape.height, shape.width, shape.channels);
    let filters = TensorShape::new(shape.outputs, shape.kernel[0], shape.kernel[1], per_group);
    let len = |s: TensorShape| s.batch * s.height * s.width * s.channels;
    let choices: &[i8] = if ternary { &[-1, 0, 0, 1] } else { &[-1, 1] };
    let a = random.picks(len(inputs), choices);
    let w = random.picks(len(filters), choices);
    let outputs = batch * height * width * shape.outputs;
    let g: Vec<i8> = match case.data {
        Data::Random => (0..outputs)
            .map(|_| random.below(255) as i8)
            .map(|g| g.max(-127))
            .collect(),
        Data::Extreme => random.picks(outputs, &[-127, 127, 127]),
    };
    let border = shape.border.value();
    let (mut dx, mut dw) = (vec![0i32; a.len()], vec![0i32; w.len()]);
    products(shape, batch, |output, weight, input| {
        let g = i32::from(g[output]);
        dw[weight] += g * input.map_or(border, |input| i32::from(a[input]));
        if let Some(input) = input {
            dx[input] += g * i32::from(w[weight]);
        }
    });

    let text = |error: crate::Error| format!("{case:?}: {error}");
    let planes = |shape, values: &[i8]| {
        let tensor = TernaryTensor::from_i8(shape, values).expect("random numbers are ternary");
        let pixels = tensor.pixels();
        [pixels.sign().clone(), pixels.nonzero().clone()]
            .map(|plane| BitTensor::from_pixels(shape, plane).expect("the same shape"))
    };
    let weights = planes(filters, &w);
    let [sign, nonzero] = weights.each_ref().map(|plane| plane.pixels().words());
    let weights = match ternary {
        true => Weights::Ternary { sign, nonzero },
        false => Weights::Binary(sign),
    };
    let len = InputGradient::weights_len(shape, ternary).map_err(text)?;
    let mut prepared = vec![BitQuads::ZERO; len];
    kernels
        .prepare_input_gradient(shape, &weights, &mut prepared)
        .map_err(text)?;
    let steps: Vec<f32> = random.units(batch);
    let job = InputGradient {
        shape: *shape,
        weights: &prepared,
        gradients: &g,
        steps: &steps,
    };
    let [tables, magnitudes] = InputGradient::scratch_len(shape, batch).map_err(text)?;
    let (mut tables, mut magnitudes) = (vec![GradientTable::ZERO; tables], vec![7; magnitudes]);
    let mut found = vec![f32::NAN; dx.len()];
    kernels
        .input_gradient(&job, &mut tables, &mut magnitudes, &mut found)
        .map_err(text)?;
    let image = shape.height * shape.width * shape.channels;
    for (at, (found, dx)) in found.iter().zip(&dx).enumerate() {
        let expected = *dx as f32 * steps[at / image];
        if *found != expected {
            return Err(format!(
                "input's gradient [{at}] = {found}, expected {expected}, ternary {ternary}, {case:?}"
            ));
        }
    }

    let input = planes(inputs, &a);
    let [sign, nonzero] = input.each_ref().map(|plane| plane.pixels().words());
    let input = match ternary {
        true => Input::Ternary { sign, nonzero },
        false => Input::Binary(sign),
    };
    let job = WeightGradient {
        shape: *shape,
        input,
        batch,
        gradients: &g,
    };
    let filter = shape.filter_len();
    let all = job.positions();
    // Outputs and positions in two parts each.
    let cut = random.below(all + 1);
    let [tables, index] = job.columns().scratch_len();
    let (mut tables, mut index) = (
        vec![GradientTable::ZERO; tables],
        vec![BitQuads::ZERO; index],
    );
    let mut row = vec![f32::NAN; filter];
    for group in 0..shape.groups {
        let first = group * shape.group_outputs();
        let middle = first + random.below(shape.group_outputs() + 1);
        for range in [first..middle, middle..first + shape.group_outputs()] {
            let mut sums = vec![[0; 64]; job.columns().sums_len(range.len())];
            for positions in [0..cut, cut..all] {
                kernels
                    .weight_gradient(
                        &job,
                        range.clone(),
                        positions,
                        &mut tables,
                        &mut index,
                        &mut sums,
                    )
                    .map_err(text)?;
            }
            for output in range.clone() {
                let step = random.unit();
                job.columns()
                    .filter(&sums, range.len(), output - range.start, step, &mut row);
                for (at, found) in row.iter().enumerate() {
                    let expected = dw[output * filter + at] as f32 * step;
                    if *found != expected {
                        return Err(format!(
                            "gradient of weight {at} of filter {output} = {found}, expected \
                             {expected}, ternary {ternary}, {case:?}"
                        ));
                    }
                }
            }
        }
    }
    Ok(dx.len() + dw.len() + check_rounding(kernels, random)?)
}

/// Holds rounding and magnitudes against their definition, in parts and as a whole.
fn check_rounding(kernels: &Kernels, random: &mut Random) -> Result<usize, String> {
    let (channels, pixels) = (1 + random.below(40), 1 + random.below(9));
    let rounding = Rounding {
        key: random.word(),
        first: random.below(1 << 20),
    };
    let values: Vec<f32> = random.units(channels * pixels);
    let factors: Vec<f32> = (0..channels)
        .map(|_| 100.0 + 60.0 * random.unit())
        .collect();
    let text = |error: crate::Error| format!("{error}");
    let mut rounded = vec![-128; values.len()];
    for (pixel, (values, out)) in values
        .chunks(channels)
        .zip(rounded.chunks_mut(channels))
        .enumerate()
    {
        let rounding = Rounding {
            first: rounding.first + pixel * channels,
            ..rounding
        };
        kernels
            .round_gradients(&rounding, &factors, values, out)
            .map_err(text)?;
    }
    let mut whole = vec![-128; values.len()];
    kernels
        .round_gradients(&rounding, &factors, &values, &mut whole)
        .map_err(text)?;
    if whole != rounded {
        return Err(format!("rounding depends on its parts: {rounding:?}"));
    }
    for (at, (value, found)) in values.iter().zip(&whole).enumerate() {
        let exact = (value * factors[at % channels]).clamp(-127.0, 127.0);
        let found = f32::from(*found);
        if (found - exact).abs() > 1.0 {
            return Err(format!("{exact} was rounded to {found}"));
        }
    }
    let mut largest = vec![0; channels];
    kernels
        .largest_magnitudes(&values, &mut largest)
        .map_err(text)?;
    for (channel, largest) in largest.iter().enumerate() {
        let column = values.iter().skip(channel).step_by(channels);
        let expected = column.fold(0.0f32, |most, value| most.max(value.abs()));
        if expected != f32::from_bits(*largest) {
            return Err(format!(
                "largest magnitude {largest:x}, expected {expected}"
            ));
        }
    }
    Ok(values.len() + channels)
}
