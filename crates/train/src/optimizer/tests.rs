use orthant_bits::InputContract;
use orthant_model::{Activation, Layer, Network, NormSpec, Op};

use super::*;
use crate::init::Initializer;
use crate::model::LayerTraining;
use crate::quantizer::{Slope, Surrogate};

/// A single dense layer of 4 x 2 weights.
fn model(weights: WeightQuantizer) -> Model {
    let layer = Layer {
        name: "dense1".into(),
        op: Op::Dense { outputs: 2 },
        weights,
        pool: None,
        norm: Some(NormSpec {
            epsilon: 1e-4,
            momentum: 0.9,
            gamma: false,
        }),
        shortcut: None,
        activation: Activation::None,
    };
    let network = Network {
        input: [1, 4, 1],
        contract: InputContract::uniform(1, 0, 1, 1),
        layers: vec![layer],
        classes: 2,
    };
    let training = LayerTraining {
        surrogate: Surrogate::Clip,
        stochastic_weights: false,
        slope: Slope::One,
        stochastic_activations: false,
        dropout: 0.0,
        initializer: Initializer::Uniform,
    };
    let mut model = Model::new(network, vec![training], 0).unwrap();
    model.parameters[0].weight = vec![0.5, -0.5, 0.9, 0.0, 0.1, 0.2, 0.3, -0.9];
    model
}

fn gradients(step: f32) -> Vec<Gradients> {
    vec![Gradients {
        weight: (0..8).map(|i| (i as f32 - 3.5) * step).collect(),
        gamma: vec![1.0; 2],
        beta: vec![step; 2],
    }]
}

#[test]
fn adam_is_its_definition_in_f64() {
    let adam = Adam {
        beta1: 0.9,
        beta2: 0.99,
        epsilon: 1e-8,
    };
    let mut model = model(WeightQuantizer::None);
    let mut expected: Vec<f64> = model.parameters[0]
        .weight
        .iter()
        .map(|w| f64::from(*w))
        .collect();
    let (mut m, mut v) = ([0.0; 8], [0.0; 8]);
    let mut optimizer = Optimizer::new(Rule::Adam(adam), Limits::default(), &model);
    for t in 1..=5 {
        let gradients = gradients(0.1 * t as f32);
        optimizer.step(&mut model, &gradients, 0.01).unwrap();
        for i in 0..8 {
            let g = f64::from(gradients[0].weight[i]);
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            let rate = 0.01 * (1.0 - 0.99f64.powi(t)).sqrt() / (1.0 - 0.9f64.powi(t));
            expected[i] -= rate * m[i] / (v[i].sqrt() + 1e-8);
        }
    }
    for (found, expected) in model.parameters[0].weight.iter().zip(expected) {
        assert!(
            (f64::from(*found) - expected).abs() < 1e-5,
            "{found} {expected}"
        );
    }
    // A factor that is not learnt stays 1, whatever its gradient.
    let norm = model.parameters[0].norm.as_ref().unwrap();
    assert_eq!(norm.gamma, [1.0; 2]);
    assert!(norm.beta[0] < 0.0);
}

#[test]
fn momentum_adds_up() {
    let mut model = model(WeightQuantizer::None);
    let rule = Rule::Sgd(Sgd { momentum: 0.5 });
    let mut optimizer = Optimizer::new(rule, Limits::default(), &model);
    for _ in 0..2 {
        optimizer.step(&mut model, &gradients(1.0), 0.1).unwrap();
    }
    // Steps of 1 and 1.5 times the gradient −3.5.
    assert!((model.parameters[0].weight[0] - (0.5 + 0.1 * 3.5 * 2.5)).abs() < 1e-6);
}

#[test]
fn limits_hold() {
    let rule = Rule::Sgd(Sgd { momentum: 0.0 });
    let weights_after = |quantizer, limits: Limits, rate| {
        let mut model = model(quantizer);
        let mut optimizer = Optimizer::new(rule, limits, &model);
        optimizer.step(&mut model, &gradients(1.0), rate).unwrap();
        model.parameters[0].weight.clone()
    };
    let start = model(WeightQuantizer::None).parameters[0].weight.clone();

    let weight = Limits {
        weight: Some(1.0),
        ..Limits::default()
    };
    let clipped = weights_after(WeightQuantizer::Sign, weight, 10.0);
    assert!(clipped.iter().all(|w| w.abs() <= 1.0) && clipped.contains(&1.0));
    let real = weights_after(WeightQuantizer::None, weight, 10.0);
    assert!(
        real.iter().any(|w| w.abs() > 1.0),
        "real weights are not latent"
    );

    let gradient = Limits {
        gradient: Some(1.0),
        ..Limits::default()
    };
    let found = weights_after(WeightQuantizer::None, gradient, 0.1);
    for (i, (found, start)) in found.iter().zip(&start).enumerate() {
        let expected = start - 0.1 * (i as f32 - 3.5).clamp(-1.0, 1.0);
        assert!((found - expected).abs() < 1e-6);
    }

    // All gradients: 2 · (3.5² + 2.5² + 1.5² + 0.5²) = 42 and beta's two ones; gamma is not learnt.
    let norm = Limits {
        gradient_norm: Some(1.0),
        ..Limits::default()
    };
    let found = weights_after(WeightQuantizer::None, norm, 0.1);
    assert!((found[0] - (0.5 + 0.1 * 3.5 / 44f32.sqrt())).abs() < 1e-6);

    let glorot = Limits {
        glorot_step: true,
        ..Limits::default()
    };
    let found = weights_after(WeightQuantizer::None, glorot, 0.1);
    // The square of 1 / √(1.5 / 6), since the rule is SGD.
    assert!((found[0] - (0.5 + 0.1 * 3.5 * 4.0)).abs() < 1e-6);
}

#[test]
fn what_is_not_a_number_is_not_cut() {
    assert!(cut(f32::NAN, 1.0).is_nan());
    assert_eq!([-2.0, 0.5, 2.0].map(|x| cut(x, 1.0)), [-1.0, 0.5, 1.0]);
    assert_eq!(cut(f32::MAX, f32::INFINITY), f32::MAX);
}
