//! A layer's products by plain loops in f64.

use orthant_bits::{ConvShape, mean_magnitude, sign, ternarize};
use orthant_model::{Activation, Op, Values, WeightQuantizer};
use orthant_train::Model;

use crate::networks::Seen;

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
