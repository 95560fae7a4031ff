//! Times the two integer products of a backward pass on the CIFAR-10 network's binary layers.
//!
//! ```text
//! cargo run --release -p orthant-kernels --example backward -- [RUNS]
//! ```
//!
//! One thread, every instruction set of the machine; milliseconds and products a second of each
//! layer are the medians of the runs.

use std::error::Error;
use std::time::Instant;

use orthant_bits::ConvShape;
use orthant_kernels::{
    BitQuads, GradientTable, Input, InputGradient, Isa, Kernels, Rounding, WeightGradient, Weights,
};

/// Height and width, channels, outputs, kernel, images.
const LAYERS: [([usize; 3], usize, usize, usize); 7] = [
    ([32, 32, 128], 128, 3, 2),
    ([16, 16, 128], 256, 3, 4),
    ([16, 16, 256], 256, 3, 4),
    ([8, 8, 256], 512, 3, 8),
    ([8, 8, 512], 512, 3, 8),
    ([4, 4, 512], 1024, 4, 50),
    ([1, 1, 1024], 1024, 1, 50),
];

/// Seconds of a call, the median of some.
fn median(runs: usize, mut call: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[if std::env::var_os("LEAST").is_some() {
        0
    } else {
        runs / 2
    }]
}

fn noise(len: usize) -> impl Iterator<Item = u64> {
    (0..len as u64).map(|at| (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31))
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs: usize = std::env::args().nth(1).map_or(Ok(5), |runs| runs.parse())?;
    for kernels in Kernels::available().filter(|kernels| kernels.isa() != Isa::Scalar) {
        let mut totals = [0.0; 3];
        println!(
            "{}\nlayer                    rounding  input's gradient  weights' gradient",
            kernels.isa()
        );
        for (input, outputs, kernel, batch) in LAYERS {
            let mut shape = ConvShape::new(input, outputs, [kernel; 2]);
            if kernel == 4 {
                shape.padding = orthant_bits::Padding::Valid;
            }
            let times = layer(&kernels, shape, batch, runs)?;
            let positions: usize = shape.output().iter().product();
            let macs = (positions * outputs * shape.filter_len() * batch) as f64;
            let [rounding, dx, dw] = times.map(|time| time * 1e3 / batch as f64);
            println!(
                "{input:?} to {outputs:4}: {rounding:9.3} ms {dx:6.3} ms {:4.0} G/s {dw:6.3} ms {:4.0} G/s",
                macs / times[1] * 1e-9,
                macs / times[2] * 1e-9,
            );
            for (total, time) in totals.iter_mut().zip(times) {
                *total += time * 1e3 / batch as f64;
            }
        }
        let [rounding, dx, dw] = totals;
        println!(
            "an image: {rounding:.3} + {dx:.3} + {dw:.3} = {:.3} ms",
            rounding + dx + dw
        );
    }
    Ok(())
}

/// Seconds of rounding, once, and of both products.
fn layer(
    kernels: &Kernels,
    shape: ConvShape,
    batch: usize,
    runs: usize,
) -> Result<[f64; 3], Box<dyn Error>> {
    let positions: usize = shape.output().iter().product();
    let gradients = batch * positions * shape.outputs;
    let values: Vec<f32> = noise(gradients).map(|n| n as i32 as f32 / 2e9).collect();
    let mut rounded = vec![0; gradients];
    let rounding = Rounding { key: 1, first: 0 };
    let factors = vec![127.0; shape.outputs];
    let time = median(runs, || {
        kernels
            .round_gradients(&rounding, &factors, &values, &mut rounded)
            .expect("lengths fit");
    });

    let words: Vec<u64> = noise(shape.outputs * shape.filter_len() / 64).collect();
    let mut weights = vec![BitQuads::ZERO; InputGradient::weights_len(&shape, false)?];
    kernels.prepare_input_gradient(&shape, &Weights::Binary(&words), &mut weights)?;
    // As the trainer does, so many images a call.
    let images = 64usize.div_ceil(positions).min(batch);
    let [tables, magnitudes] = InputGradient::scratch_len(&shape, images)?;
    let (mut tables, mut magnitudes) = (vec![GradientTable::ZERO; tables], vec![0; magnitudes]);
    let mut dx = vec![0.0; batch * shape.height * shape.width * shape.channels];
    let steps = vec![1.0; images];
    let input_time = median(runs, || {
        let parts = rounded
            .chunks(images * positions * shape.outputs)
            .zip(dx.chunks_mut(images * shape.height * shape.width * shape.channels));
        for (gradients, dx) in parts {
            let job = InputGradient {
                shape,
                weights: &weights,
                gradients,
                steps: &steps[..gradients.len() / (positions * shape.outputs)],
            };
            kernels
                .input_gradient(&job, &mut tables, &mut magnitudes, dx)
                .expect("lengths fit");
        }
    });

    let input: Vec<u64> = noise(batch * shape.height * shape.width * shape.channels / 64).collect();
    let job = WeightGradient {
        shape,
        input: Input::Binary(&input),
        batch,
        gradients: &rounded,
    };
    let [tables, index] = job.columns().scratch_len();
    let (mut tables, mut index) = (
        vec![GradientTable::ZERO; tables],
        vec![BitQuads::ZERO; index],
    );
    let outputs = shape.outputs.min(128);
    let mut sums = vec![[0; 64]; job.columns().sums_len(outputs)];
    let weight_time = median(runs, || {
        for first in (0..shape.outputs).step_by(outputs) {
            kernels
                .weight_gradient(
                    &job,
                    first..first + outputs,
                    0..job.positions(),
                    &mut tables,
                    &mut index,
                    &mut sums,
                )
                .expect("lengths fit");
        }
    });
    Ok([time, input_time, weight_time])
}
