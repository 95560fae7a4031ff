//! Networks that meet the edges, their images and what taps show of them.

use orthant_bits::InputContract;
use orthant_geometry::{Subject, SubjectLayer};
use orthant_kernels::Kernels;
use orthant_model::Tap;
use orthant_train::{Evaluator, Model, NetworkRecipe};

/// Strides, groups, dilation, every border, pools that overlap, ternary and scaled weights,
/// shortcuts, real layers.
pub const NETWORKS: [&str; 4] = [
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
];

pub const SHAPE: [usize; 3] = [8, 6, 2];

pub fn model(network: &str, seed: u64) -> Model {
    model_of(network, SHAPE, seed)
}

/// A model whose norms have all signs of gamma and running moments of their own, near to what the
/// sums are.
pub fn model_of(network: &str, shape: [usize; 3], seed: u64) -> Model {
    let recipe: NetworkRecipe = toml::from_str(network).unwrap();
    let contract = InputContract {
        a: 2,
        b: (0..shape[2])
            .map(|channel| 255 - 5 * channel as i32)
            .collect(),
        unit: 255,
    };
    let (network, training) = recipe.network(shape, contract, 4).unwrap();
    let mut model = Model::new(network, training, seed).unwrap();
    let mut random = random(seed);
    let mut unit = move || random() as f32 - 0.5;
    let plans = model.plans().to_vec();
    for (parameters, plan) in model.parameters.iter_mut().zip(&plans) {
        if let Some(norm) = &mut parameters.norm {
            let power = plan.shape.map_or(1.0, |shape| shape.filter_len() as f32);
            norm.gamma
                .iter_mut()
                .for_each(|gamma| *gamma = 1.0 + unit());
            norm.gamma
                .iter_mut()
                .step_by(3)
                .for_each(|gamma| *gamma = -*gamma);
            norm.beta.iter_mut().for_each(|beta| *beta = 0.2 * unit());
            norm.mean.iter_mut().for_each(|mean| *mean = unit());
            norm.variance
                .iter_mut()
                .for_each(|variance| *variance = power * (1.0 + unit()));
        }
    }
    model
}

pub fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f64 / (1u64 << 24) as f64
    }
}

/// Smooth random images.
pub fn pixels(model: &Model, images: usize, seed: u64) -> Vec<u8> {
    let [height, width, channels] = model.network().input;
    let mut random = random(seed);
    let mut pixels = Vec::new();
    for _ in 0..images {
        let waves: Vec<f64> = (0..4 * channels).map(|_| 6.0 * random()).collect();
        for y in 0..height {
            for x in 0..width {
                for wave in waves.chunks_exact(4) {
                    let wave = (wave[0] + 0.2 * wave[1] * y as f64).sin()
                        + (wave[2] + 0.2 * wave[3] * x as f64).cos();
                    pixels.push((127.0 + 40.0 * wave + 80.0 * (random() - 0.5)) as u8);
                }
            }
        }
    }
    pixels
}

pub fn subject(model: &Model) -> Subject<'_> {
    let layers = model.parameters.iter();
    let layers = layers.map(|parameters| SubjectLayer {
        latent: &parameters.weight,
        norm: parameters.norm.as_ref(),
    });
    Subject::new(model.network(), layers.collect()).unwrap()
}

/// What a layer's taps have shown.
#[derive(Default, Clone)]
pub struct Seen {
    pub input: Vec<f32>,
    pub sums: Vec<f32>,
}

/// Runs images through a model in batches.
pub fn run(model: &Model, pixels: &[u8], batch: usize, look: &mut dyn FnMut(&Tap)) -> Vec<Seen> {
    let kernels = Kernels::detect().unwrap();
    let evaluator = Evaluator::new(kernels, model).unwrap();
    let mut seen = vec![Seen::default(); model.plans().len()];
    let image: usize = model.network().input.iter().product();
    for batch in pixels.chunks(batch * image) {
        let images = batch.len() / image;
        let mut tap = |tap: Tap| {
            let plan = &model.plans()[tap.layer];
            let contract = &model.network().contract;
            let len = images * plan.input_len();
            let seen = &mut seen[tap.layer];
            seen.input
                .extend(tap.input.to_f32(contract, plan.input[2], len));
            seen.sums.extend(tap.sums.to_f32());
            look(&tap);
        };
        evaluator.logits(batch.to_vec(), &mut tap).unwrap();
    }
    seen
}
