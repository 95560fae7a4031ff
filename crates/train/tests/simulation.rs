//! The forward pass on packed bits equals a plain simulation with floats, sum for sum, and so does
//! what follows from the sums.

use orthant_bits::{Border, ConvShape, Input, InputContract, sign, ternarize};
use orthant_kernels::Kernels;
use orthant_model::{Activation, Affine, BatchNorm, Fold, LayerInput, Tap, WeightQuantizer};
use orthant_train::{Draws, Evaluator, Model, NetworkRecipe, Pass, quantize};
use proptest::prelude::*;

/// Networks that meet the edges: words that are not full, pools, strides, groups, shortcuts.
const NETWORKS: [&str; 5] = [
    r#"layers = [
        { kind = "conv", outputs = 5 },
        { kind = "conv", outputs = 65, pool = [3, 2], pool-stride = [2, 1], border = "plus-one" },
        { kind = "conv", outputs = 7, stride = 2, border = "minus-one" },
        { kind = "dense", outputs = 66 },
        { kind = "dense" },
    ]"#,
    r#"weights = { quantizer = "ternary", threshold = 0.1 }
    activations = { quantizer = "ternary", threshold = 0.3 }
    layers = [
        { kind = "conv", outputs = 6, border = "plus-one" },
        { kind = "conv", outputs = 70, groups = 2, pool = 3 },
        { kind = "dense", outputs = 9 },
        { kind = "dense" },
    ]"#,
    r#"weights = { quantizer = "sign-scaled" }
    activations = { quantizer = "ternary", threshold = 0.2 }
    norm = { epsilon = 1e-3, momentum = 0.9, gamma = false }
    layers = [
        { kind = "conv", outputs = 64, kernel = [1, 3], dilation = 2, activations = "sign" },
        { kind = "conv", outputs = 12, padding = "valid" },
        { kind = "dense" },
    ]"#,
    r#"layers = [
        { kind = "conv", outputs = 8, weights = "none" },
        { kind = "conv", outputs = 8, shortcut = "conv1" },
        { kind = "conv", outputs = 16, stride = 2, shortcut = "conv2", activations = "relu" },
        { kind = "mean-pool" },
        { kind = "dense", outputs = 5, norm = "none" },
        { kind = "dense", weights = "none" },
    ]"#,
    r#"layers = [
        { kind = "dense", outputs = 130 },
        { kind = "dense", outputs = 64, dropout = 0.3 },
        { kind = "dense", dropout = 0.5 },
    ]"#,
];

const SHAPE: [usize; 3] = [8, 6, 2];

/// A model whose batch norms have all signs of gamma and running moments of their own.
fn model(network: &str, seed: u64) -> Model {
    let recipe: NetworkRecipe = toml::from_str(network).unwrap();
    let contract = InputContract {
        a: 2,
        b: vec![255, 250],
        unit: 255,
    };
    let (network, training) = recipe.network(SHAPE, contract, 4).unwrap();
    let mut model = Model::new(network, training, seed).unwrap();
    let mut state = seed;
    let mut unit = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    for parameters in &mut model.parameters {
        if let Some(norm) = &mut parameters.norm {
            norm.gamma
                .iter_mut()
                .for_each(|gamma| *gamma = 2.0 * unit());
            norm.beta.iter_mut().for_each(|beta| *beta = unit());
            norm.mean.iter_mut().for_each(|mean| *mean = 4.0 * unit());
            norm.variance
                .iter_mut()
                .for_each(|variance| *variance = 1.0 + unit());
        }
    }
    model
}

fn pixels(batch: usize, seed: u64) -> Vec<u8> {
    let len = batch * SHAPE.iter().product::<usize>();
    let mix = |i: usize| (seed ^ i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
    (0..len).map(|i| mix(i) as u8).collect()
}

/// One layer as the tap saw it: its input as numbers, and its sums.
struct Seen {
    layer: usize,
    input: Vec<f64>,
    is_integer: bool,
    sums: Vec<f64>,
}

/// A layer's input as the integers or reals that meet the weights.
fn numbers(model: &Model, tap: &Tap, batch: usize) -> Vec<f64> {
    let contract = &model.network().contract;
    let plan = &model.plans()[tap.layer];
    let (channels, len) = (plan.input[2], batch * plan.input_len());
    if let (
        LayerInput::Packed(Input::Pixels(pixels)),
        WeightQuantizer::Sign | WeightQuantizer::SignScaled | WeightQuantizer::Ternary { .. },
    ) = (tap.input, plan.quantizer)
    {
        let integer = |(i, p): (usize, &u8)| contract.a * i32::from(*p) - contract.b[i % channels];
        return pixels
            .iter()
            .enumerate()
            .map(|pixel| f64::from(integer(pixel)))
            .collect();
    }
    tap.input
        .to_f32(contract, channels, len)
        .into_iter()
        .map(f64::from)
        .collect()
}

fn see(model: &Model, batch: usize, tap: &Tap) -> Seen {
    Seen {
        layer: tap.layer,
        input: numbers(model, tap, batch),
        is_integer: tap.sums.is_integer(),
        sums: tap.sums.to_f32().into_iter().map(f64::from).collect(),
    }
}

/// The definition of a convolution, number by number.
fn convolve(shape: &ConvShape, input: &[f64], weights: &[f64], border: f64) -> Vec<f64> {
    let [height, width] = shape.output();
    let per_image = shape.height * shape.width * shape.channels;
    let (group_in, group_out) = (shape.group_channels(), shape.group_outputs());
    let mut sums = Vec::new();
    for image in input.chunks_exact(per_image) {
        for at in 0..height * width * shape.outputs {
            let (pixel, output) = (at / shape.outputs, at % shape.outputs);
            let mut sum = 0.0;
            for k in 0..shape.filter_len() {
                let (tap, channel) = (k / group_in, k % group_in);
                let place = |axis: usize, at: usize, tap: usize| {
                    (at * shape.stride[axis] + tap * shape.dilation[axis]) as isize
                        - shape.pads(axis)[0] as isize
                };
                let y = place(0, pixel / width, tap / shape.kernel[1]);
                let x = place(1, pixel % width, tap % shape.kernel[1]);
                let inside = (0..shape.height as isize).contains(&y)
                    && (0..shape.width as isize).contains(&x);
                let channel = output / group_out * group_in + channel;
                let value = match inside {
                    true => {
                        let pixel = y as usize * shape.width + x as usize;
                        image[pixel * shape.channels + channel]
                    }
                    false => border,
                };
                sum += value * weights[output * shape.filter_len() + k];
            }
            sums.push(sum);
        }
    }
    sums
}

fn quantized(quantizer: WeightQuantizer, latent: &[f32]) -> Vec<f64> {
    let value = |w: &f32| match quantizer {
        WeightQuantizer::None => *w,
        WeightQuantizer::Sign | WeightQuantizer::SignScaled => sign(*w),
        WeightQuantizer::Ternary { threshold } => ternarize(*w, threshold),
    };
    latent.iter().map(|w| f64::from(value(w))).collect()
}

/// Holds the sums of each layer against the definition.
fn check_sums(model: &Model, seen: &[Seen]) -> Result<(), TestCaseError> {
    for one in seen {
        let plan = &model.plans()[one.layer];
        let Some(shape) = plan.shape else {
            continue;
        };
        let unit = match (one.layer, one.is_integer) {
            (0, true) => f64::from(model.network().contract.unit),
            _ => 1.0,
        };
        let border = match shape.border {
            Border::Zero => 0.0,
            border => f64::from(border.value()) * unit,
        };
        let weights = quantized(plan.quantizer, &model.parameters[one.layer].weight);
        let expected = convolve(&shape, &one.input, &weights, border);
        if one.is_integer {
            prop_assert_eq!(&one.sums, &expected, "layer {}", one.layer);
        } else {
            for (found, expected) in one.sums.iter().zip(&expected) {
                prop_assert!((found - expected).abs() <= 1e-4 * expected.abs().max(1.0));
            }
        }
    }
    Ok(())
}

/// Holds each layer's input against the one that follows from the sums before it, in an evaluation.
fn check_activations(model: &Model, seen: &[Seen], batch: usize) -> Result<(), TestCaseError> {
    for pair in seen.windows(2) {
        let [before, after] = pair else {
            unreachable!()
        };
        let (layer, plan) = (
            &model.network().layers[before.layer],
            &model.plans()[before.layer],
        );
        let follows = after.layer == before.layer + 1;
        if !follows || layer.shortcut.is_some() || !before.is_integer {
            continue;
        }
        let latent = &model.parameters[before.layer].weight;
        let filter = plan.shape.unwrap().filter_len();
        let norm = model.parameters[before.layer].norm.as_ref();
        let identity = || Affine::identity(plan.output[2]);
        let affine = norm.map_or_else(identity, BatchNorm::affine);
        let unit = if before.layer == 0 {
            model.network().contract.unit as f32
        } else {
            1.0
        };
        let pooled = pool(model, before, batch);
        for (at, (sum, found)) in pooled.iter().zip(&after.input).enumerate() {
            let channel = at % plan.output[2];
            let scale = match plan.quantizer {
                WeightQuantizer::SignScaled => {
                    orthant_bits::mean_magnitude(&latent[channel * filter..][..filter])
                }
                _ => 1.0,
            };
            let fold = Fold {
                factor: scale * (1.0 / unit),
                scale: affine.scale[channel],
                shift: affine.shift[channel],
            };
            let z = fold.z(*sum as i32);
            let expected = match layer.activation {
                Activation::Sign => sign(z),
                Activation::Ternary { threshold } => ternarize(z, threshold),
                Activation::Relu => z.max(0.0),
                Activation::Clip => z.clamp(-1.0, 1.0),
                Activation::None => z,
            };
            prop_assert_eq!(
                *found,
                f64::from(expected),
                "layer {}, z {}",
                after.layer,
                z
            );
            // What the layer folds to says the same.
            let largest = plan.largest_sum as i32;
            let folded = match layer.activation {
                Activation::Sign => {
                    f64::from(2 * i8::from(fold.sign(-largest, largest).bit(*sum as i32)) - 1)
                }
                Activation::Ternary { threshold } => {
                    let folded = fold.ternary(threshold, -largest, largest);
                    f64::from(folded.value(*sum as i32))
                }
                _ => *found,
            };
            prop_assert_eq!(folded, *found, "layer {}, folded", after.layer);
        }
    }
    Ok(())
}

fn pool(model: &Model, seen: &Seen, batch: usize) -> Vec<f64> {
    let (layer, plan) = (
        &model.network().layers[seen.layer],
        &model.plans()[seen.layer],
    );
    let Some(pool) = layer.pool else {
        return seen.sums.clone();
    };
    let shape = plan.shape.unwrap();
    let [height, width] = shape.output();
    let [to_height, to_width, channels] = plan.output;
    let mut pooled = Vec::new();
    for at in 0..batch * to_height * to_width * channels {
        let (pixel, channel) = (at / channels, at % channels);
        let (x, y) = (pixel % to_width, pixel / to_width % to_height);
        let image = pixel / (to_width * to_height);
        let window = (0..pool.window[0] * pool.window[1]).map(|place| {
            let row = y * pool.stride[0] + place / pool.window[1];
            let column = x * pool.stride[1] + place % pool.window[1];
            seen.sums[((image * height + row) * width + column) * channels + channel]
        });
        pooled.push(window.fold(f64::NEG_INFINITY, f64::max));
    }
    pooled
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn packed_sums_are_the_simulation_s(which in 0..NETWORKS.len(), seed in any::<u64>()) {
        let batch = 3;
        let model = model(NETWORKS[which], seed);
        for kernels in Kernels::available() {
            for draws in [None, Some(Draws { seed, step: 5 })] {
                let weights = quantize(kernels, &model, draws).unwrap();
                let pass = Pass { kernels, model: &model, weights: &weights, batch, draws };
                let mut seen = Vec::new();
                let mut tap = |tap: Tap| seen.push(see(&model, batch, &tap));
                pass.forward(pixels(batch, seed), &mut tap).unwrap();
                check_sums(&model, &seen)?;
                if draws.is_none() {
                    check_activations(&model, &seen, batch)?;
                }
            }
        }
    }

    #[test]
    fn logits_depend_on_nothing_but_the_image(which in 0..NETWORKS.len(), seed in any::<u64>()) {
        let model = model(NETWORKS[which], seed);
        let images = pixels(5, seed);
        let mut all = Vec::new();
        for kernels in Kernels::available() {
            let evaluator = Evaluator::new(kernels, &model).unwrap();
            let whole = evaluator.logits(images.clone(), &mut |_| {}).unwrap();
            let single = images.chunks(images.len() / 5);
            let single: Vec<f32> = single
                .flat_map(|image| evaluator.logits(image.to_vec(), &mut |_| {}).unwrap())
                .collect();
            prop_assert_eq!(&whole, &single, "alone or among others");
            all.push(whole);
        }
        prop_assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "on every instruction set");
    }
}
