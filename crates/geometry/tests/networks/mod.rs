//! Networks that meet the edges, and their products by plain loops.

use orthant_bits::{ConvShape, InputContract, mean_magnitude, sign, ternarize};
use orthant_geometry::{Subject, SubjectLayer};
use orthant_kernels::Kernels;
use orthant_model::{Activation, Op, Tap, Values, WeightQuantizer};
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

pub fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

/// A layer by its definition.
pub struct Plain {
    shape: ConvShape,
    latent: Vec<f32>,
    quantized: Vec<f64>,
    pub input: Vec<f32>,
    /// What the input is quantized from.
    pub z: Option<Vec<f32>>,
}

impl Plain {
    /// `None` for layers whose weights are none or real.
    pub fn new(model: &Model, index: usize, seen: &[Seen]) -> Option<Self> {
        let plan = &model.plans()[index];
        let shape = plan
            .shape
            .filter(|_| plan.quantizer != WeightQuantizer::None)?;
        let latent = model.parameters[index].weight.clone();
        let filters = latent.chunks_exact(shape.filter_len());
        let quantized = filters.flat_map(|filter| {
            let scale = f64::from(mean_magnitude(filter));
            filter.iter().map(move |&w| match plan.quantizer {
                WeightQuantizer::Ternary { threshold } => f64::from(ternarize(w, threshold)),
                WeightQuantizer::SignScaled => f64::from(sign(w)) * scale,
                _ => f64::from(sign(w)),
            })
        });
        let input = seen[index].input.clone();
        let quantizes = matches!(plan.values, Values::Binary | Values::Ternary);
        let z = quantizes.then(|| z(model, index - 1, seen));
        if let Some(z) = &z {
            for (&z, &input) in z.iter().zip(&input) {
                let expected = match model.network().layers[index - 1].activation {
                    Activation::Ternary { threshold } => ternarize(z, threshold),
                    _ => sign(z),
                };
                assert_eq!(expected, input, "the input is what z becomes");
            }
        }
        Some(Self {
            shape,
            quantized: quantized.collect(),
            latent,
            input,
            z,
        })
    }

    /// The patch of `input` that a filter's group sees.
    fn patch(&self, input: &[f32], image: usize, at: [usize; 2], group: usize) -> Vec<f64> {
        let shape = &self.shape;
        let pads = [0, 1].map(|axis| shape.pads(axis)[0] as i64);
        let mut patch = Vec::new();
        for u in 0..shape.kernel[0] {
            for v in 0..shape.kernel[1] {
                let row = (at[0] * shape.stride[0] + u * shape.dilation[0]) as i64 - pads[0];
                let column = (at[1] * shape.stride[1] + v * shape.dilation[1]) as i64 - pads[1];
                let inside = (0..shape.height as i64).contains(&row)
                    && (0..shape.width as i64).contains(&column);
                for channel in 0..shape.group_channels() {
                    let channel = group * shape.group_channels() + channel;
                    let pixel = (image as i64 * shape.height as i64 + row) * shape.width as i64;
                    patch.push(match inside {
                        true => {
                            let pixel = (pixel + column) as usize;
                            f64::from(input[pixel * shape.channels + channel])
                        }
                        false => f64::from(shape.border.value()),
                    });
                }
            }
        }
        patch
    }

    fn patches(&self, input: &[f32], group: usize) -> Vec<Vec<f64>> {
        let images = input.len() / (self.shape.height * self.shape.width * self.shape.channels);
        let [height, width] = self.shape.output();
        let mut patches = Vec::new();
        for image in 0..images {
            for row in 0..height {
                for column in 0..width {
                    patches.push(self.patch(input, image, [row, column], group));
                }
            }
        }
        patches
    }

    /// Latent and quantized weights of a filter.
    pub fn filter(&self, filter: usize) -> (Vec<f64>, Vec<f64>) {
        let range = filter * self.shape.filter_len()..(filter + 1) * self.shape.filter_len();
        let latent = self.latent[range.clone()]
            .iter()
            .map(|w| f64::from(*w))
            .collect();
        (latent, self.quantized[range].to_vec())
    }

    /// Pairs of products with weights that `choose` makes of a latent and a quantized one.
    pub fn pairs(&self, input: &[f32], choose: impl Fn(f64, f64) -> [f64; 2]) -> Vec<[f64; 2]> {
        let mut pairs = Vec::new();
        for group in 0..self.shape.groups {
            let patches = self.patches(input, group);
            let per_group = self.shape.group_outputs();
            for filter in group * per_group..(group + 1) * per_group {
                let (w, b) = self.filter(filter);
                for patch in &patches {
                    let mut sums = [0.0; 2];
                    for ((a, w), b) in patch.iter().zip(&w).zip(&b) {
                        let weights = choose(*w, *b);
                        sums = [sums[0] + a * weights[0], sums[1] + a * weights[1]];
                    }
                    pairs.push(sums);
                }
            }
        }
        pairs
    }

    /// The covariance matrix of what a filter sees.
    pub fn covariance(&self, filter: usize) -> Vec<f64> {
        let patches = self.patches(&self.input, filter / self.shape.group_outputs());
        let d = self.shape.filter_len();
        let n = patches.len() as f64;
        let means: Vec<f64> = (0..d)
            .map(|at| patches.iter().map(|patch| patch[at]).sum::<f64>() / n)
            .collect();
        let mut covariance = vec![0.0; d * d];
        for patch in &patches {
            for i in 0..d {
                let row = (patch[i] - means[i]) / n;
                for j in 0..d {
                    covariance[i * d + j] += row * (patch[j] - means[j]);
                }
            }
        }
        covariance
    }
}

/// A layer's `z`: pool, norm and shortcut by their definitions.
fn z(model: &Model, index: usize, seen: &[Seen]) -> Vec<f32> {
    let plan = &model.plans()[index];
    let layer = &model.network().layers[index];
    let sums = &seen[index].sums;
    let images = sums.len() / plan.sums_len();
    let [_, width, channels] = plan.sums_extent();
    let filter = plan.shape.map_or(1, |shape| shape.filter_len());
    let affine = model.parameters[index]
        .norm
        .as_ref()
        .map(|norm| norm.affine());
    let source = layer
        .shortcut
        .map(|source| (source, z(model, source, seen)));
    let mut out = Vec::new();
    for image in 0..images {
        for row in 0..plan.output[0] {
            for column in 0..plan.output[1] {
                for channel in 0..channels {
                    let at = |row: usize, column: usize| {
                        let pixel = row * width + column;
                        sums[image * plan.sums_len() + pixel * channels + channel]
                    };
                    let sum = match (layer.pool, layer.op) {
                        (Some(pool), Op::Conv(_)) => {
                            let places = (0..pool.window[0] * pool.window[1]).map(|place| {
                                let [u, v] = [place / pool.window[1], place % pool.window[1]];
                                at(row * pool.stride[0] + u, column * pool.stride[1] + v)
                            });
                            places.fold(f32::MIN, f32::max)
                        }
                        _ => at(row, column),
                    };
                    let latent = &model.parameters[index].weight;
                    let mut factor = match plan.quantizer {
                        WeightQuantizer::SignScaled => {
                            mean_magnitude(&latent[channel * filter..][..filter])
                        }
                        _ => 1.0,
                    };
                    if plan.values == Values::Pixels && plan.quantizer != WeightQuantizer::None {
                        factor *= 1.0 / model.network().contract.unit as f32;
                    }
                    let mut z = sum * factor;
                    if let Some(affine) = &affine {
                        z = z * affine.scale[channel] + affine.shift[channel];
                    }
                    if let Some((source, from)) = &source {
                        // Only shortcuts of one size are met here where z is quantized.
                        assert_eq!(model.plans()[*source].output, plan.output);
                        z += from[out.len()];
                    }
                    out.push(z);
                }
            }
        }
    }
    out
}
