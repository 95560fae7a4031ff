//! Gradients of what is smooth are its finite differences, dropout and shortcuts among it.

use orthant_bits::InputContract;
use orthant_kernels::Kernels;
use orthant_train::{Draws, Loss, Model, NetworkRecipe, Pass, Precision, quantize};

/// Real weights, and results well inside the hard tanh's slope.
const SMOOTH: &str = r#"
    weights = "none"
    activations = "clip"
    layers = [
        { kind = "conv", outputs = 6, dropout = 0.2 },
        { kind = "conv", outputs = 6, shortcut = "conv1", dropout = 0.3, border = "zero" },
        { kind = "conv", outputs = 9, stride = 2, shortcut = "conv2", norm = "none" },
        { kind = "mean-pool" },
        { kind = "dense", outputs = 7, dropout = 0.5 },
        { kind = "dense" },
    ]"#;

/// A real layer behind bits that dropout thins: its loss is smooth in its own weights.
const BEHIND_BITS: &str = r#"
    layers = [
        { kind = "conv", outputs = 70 },
        { kind = "conv", outputs = 9, weights = "none", dropout = 0.4, activations = "clip" },
        { kind = "dense", weights = "none", dropout = 0.5 },
    ]"#;

const DRAWS: Draws = Draws { seed: 3, step: 4 };
const LABELS: [u8; 5] = [0, 2, 1, 1, 0];

fn model(network: &str) -> Model {
    let recipe: NetworkRecipe = toml::from_str(network).unwrap();
    let contract = InputContract::uniform(2, 255, 255, 2);
    let (network, training) = recipe.network([6, 6, 2], contract, 3).unwrap();
    let mut model = Model::new(network, training, 1).unwrap();
    for parameters in &mut model.parameters {
        if let Some(norm) = &mut parameters.norm {
            norm.gamma.iter_mut().for_each(|gamma| *gamma = 0.15);
        }
    }
    model
}

fn pixels() -> Vec<u8> {
    (0..5 * 72u64)
        .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

/// The loss and, where asked for, the gradients of every layer's weights.
fn pass(model: &Model, backward: bool) -> (f64, Vec<Vec<f32>>) {
    let kernels = Kernels::detect().unwrap();
    let draws = Some(DRAWS);
    let weights = quantize(kernels, model, draws).unwrap();
    let pass = Pass {
        kernels,
        model,
        weights: &weights,
        batch: LABELS.len(),
        draws,
    };
    let (logits, caches) = pass.forward(pixels(), &mut |_| {}).unwrap();
    let (score, gradient) = Loss::CrossEntropy { smoothing: 0.1 }.score(&logits, &LABELS);
    let gradients = match backward {
        true => pass.backward(caches, gradient, Precision::F32, |_, _| {}),
        false => Vec::new(),
    };
    (
        score.mean_loss(),
        gradients.into_iter().map(|layer| layer.weight).collect(),
    )
}

fn check(network: &str, from_layer: usize) {
    let model = model(network);
    let (_, gradients) = pass(&model, true);
    let mut checked = 0;
    for (layer, gradient) in gradients.iter().enumerate().skip(from_layer) {
        if gradient.is_empty() {
            continue;
        }
        // Along the gradient itself, where the loss moves the most.
        let length = gradient
            .iter()
            .map(|g| f64::from(*g).powi(2))
            .sum::<f64>()
            .sqrt();
        assert!(length > 1e-4, "layer {layer} has a gradient");
        let step = 5e-3;
        let at = |sign: f32| {
            let mut model = model.clone();
            let weights = model.parameters[layer].weight.iter_mut();
            for (w, g) in weights.zip(gradient) {
                *w += sign * step * g / length as f32;
            }
            pass(&model, false).0
        };
        let slope = (at(1.0) - at(-1.0)) / (2.0 * f64::from(step));
        assert!(
            (slope / length - 1.0).abs() < 0.02,
            "layer {layer}: {slope}, expected {length}"
        );
        checked += 1;
    }
    assert!(checked >= 2);
}

#[test]
fn smooth_layers_have_the_gradients_of_their_differences() {
    check(SMOOTH, 0);
}

#[test]
fn real_weights_behind_thinned_bits_have_the_gradients_of_their_differences() {
    check(BEHIND_BITS, 1);
}
