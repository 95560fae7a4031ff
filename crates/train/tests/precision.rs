//! Backward passes of lower precision: near the reference, right on average, and as good a teacher.

use orthant_data::{Batch, Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{Draws, Ended, Loss, Model, Precision, Recipe, Run};

/// Binary and ternary weights and activations, pools, a shortcut, groups of outputs past a quad.
const NETWORKS: [(&str, &[&str]); 4] = [
    ("binarynet-digits", &["width=0.15"]),
    ("ternary-digits", &["width=0.15"]),
    ("residual-digits", &["width=0.3"]),
    (
        "binarynet-digits",
        &["width=0.15", "network.weights=sign-scaled"],
    ),
];

fn digits() -> Dataset {
    Dataset::open(&Source::Digits).unwrap()
}

fn model(name: &str, settings: &[&str], data: &Dataset) -> Model {
    let settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    Recipe::find(name, &settings).unwrap().model(data).unwrap()
}

/// Gradients of every layer's weights, at some step's chances.
fn gradients(model: &Model, data: &Dataset, precision: Precision, step: u64) -> Vec<Vec<f32>> {
    let batch = Batch {
        pixels: data.train().pixels()[..40 * 64].to_vec(),
        labels: data.train().labels()[..40].to_vec(),
    };
    let kernels = Kernels::detect().unwrap();
    let draws = Draws { seed: 11, step };
    let (_, all) = model
        .gradients(kernels, batch, Loss::SquaredHinge, draws, precision)
        .unwrap();
    all.into_iter().map(|layer| layer.weight).collect()
}

fn square_distance(a: impl Iterator<Item = f64>, b: &[f32]) -> f64 {
    a.zip(b).map(|(a, b)| (a - f64::from(*b)).powi(2)).sum()
}

fn square(values: &[f32]) -> f64 {
    square_distance(values.iter().map(|_| 0.0), values)
}

#[test]
fn bf16_gradients_are_the_reference_within_their_rounding() {
    let data = digits();
    for (name, settings) in NETWORKS {
        let model = model(name, settings, &data);
        let exact = gradients(&model, &data, Precision::F32, 0);
        let found = gradients(&model, &data, Precision::Bf16, 0);
        assert_ne!(exact, found, "{name}");
        for (layer, (found, exact)) in found.iter().zip(&exact).enumerate() {
            let error = square_distance(found.iter().map(|g| f64::from(*g)), exact);
            // A rounding is off by 2^-9 at most, and errors of the layers above add up.
            let relative = (error / square(exact).max(1e-30)).sqrt();
            assert!(relative < 1.0 / 128.0, "{name}, layer {layer}: {relative}");
        }
    }
}

#[test]
fn the_mean_of_int8_gradients_is_the_reference_as_chance_would_have_it() {
    let data = digits();
    for (name, settings) in NETWORKS {
        let model = model(name, settings, &data);
        let exact = gradients(&model, &data, Precision::F32, 0);
        let n = 64;
        let mut means: Vec<Vec<f64>> = exact.iter().map(|layer| vec![0.0; layer.len()]).collect();
        let mut variances = vec![0.0; exact.len()];
        for step in 0..n {
            let found = gradients(&model, &data, Precision::Int8, step);
            for (layer, found) in found.iter().enumerate() {
                let error = square_distance(found.iter().map(|g| f64::from(*g)), &exact[layer]);
                variances[layer] += error / n as f64;
                for (mean, found) in means[layer].iter_mut().zip(found) {
                    *mean += f64::from(*found) / n as f64;
                }
            }
        }
        for (layer, (mean, exact)) in means.iter().zip(&exact).enumerate() {
            if exact.is_empty() {
                continue;
            }
            let relative = (variances[layer] / square(exact)).sqrt();
            if relative == 0.0 {
                // Real weights above all that is rounded.
                assert_eq!(layer, means.len() - 1, "{name}");
                continue;
            }
            assert!(
                (1e-4..0.3).contains(&relative),
                "{name}, layer {layer}: {relative}"
            );
            // One rounding's error over n: a bias of an eighth of it would double this. Errors of
            // the first layers come down few directions, so that they scatter.
            let ratio = square_distance(mean.iter().copied(), exact) * n as f64 / variances[layer];
            assert!(
                (0.5..2.0).contains(&ratio),
                "{name}, layer {layer}: {ratio}"
            );
        }
    }
}

#[test]
fn gradients_that_are_no_numbers_stay_so() {
    let data = digits();
    let (name, settings) = NETWORKS[0];
    let mut model = model(name, settings, &data);
    let last = model.parameters.len() - 1;
    let norm = model.parameters[last]
        .norm
        .as_mut()
        .expect("every layer has a norm");
    norm.gamma.fill(f32::INFINITY);
    for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
        let found = gradients(&model, &data, precision, 0);
        let all = found.iter().flatten().all(|g| !g.is_finite());
        assert!(all, "{precision:?}");
    }
}

#[test]
fn lower_precision_learns_digits_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let mut accuracies = Vec::new();
    for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
        let name = precision.name();
        let settings = [
            "width=0.25".to_owned(),
            "epochs=8".to_owned(),
            format!("training.precision={name}"),
        ];
        let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
        let kernels = Kernels::detect().unwrap();
        let run = Run::create(&directory.path().join(name), recipe, digits(), kernels);
        let mut run = run.unwrap();
        let Ended::Finished(Some(last)) = run.train(&mut |_| {}).unwrap() else {
            panic!("{name} is not finished");
        };
        accuracies.push(last.test_accuracy.expect("digits have test images"));
    }
    let [f32, rest @ ..] = &accuracies[..] else {
        panic!("three runs");
    };
    assert!(*f32 > 0.85, "{accuracies:?}");
    assert!(
        rest.iter().all(|lower| (lower - f32).abs() < 0.03),
        "{accuracies:?}"
    );
}
