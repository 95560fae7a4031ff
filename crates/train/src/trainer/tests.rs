use std::sync::Arc;

use orthant_data::{Dataset, Source};

use super::*;

fn digits() -> Dataset {
    Dataset::open(&Source::Digits).unwrap()
}

fn trainer(settings: &[&str]) -> Trainer {
    let settings: Vec<String> = settings
        .iter()
        .map(|setting| (*setting).to_owned())
        .collect();
    let recipe = Recipe::find("binarynet-digits", &settings).unwrap();
    let model = recipe.model(&digits()).unwrap();
    Trainer::new(Kernels::detect().unwrap(), recipe, model).unwrap()
}

#[test]
fn uniform_weights_start_at_30_degrees() {
    // Anderson & Berg's limit for uniform weights; a filter of 288 is within a degree of it.
    let trainer = trainer(&["width=0.25"]);
    let angles = trainer.angles();
    assert!((angles[1].unwrap() - 30.0).abs() < 1.0, "{angles:?}");
}

#[test]
fn divergence_is_told_with_its_step() {
    let mut trainer = trainer(&["width=0.05", "network.norm=none", "network.weights=none"]);
    let images = Arc::new(digits().train().clone());
    let batch = || Batch {
        pixels: images.pixels()[..640].to_vec(),
        labels: images.labels()[..10].to_vec(),
    };
    trainer.step(batch(), 1e-3).unwrap();
    trainer.model.parameters[8].weight[0] = 1e30;
    let text = trainer.step(batch(), 1e-3).unwrap_err().to_string();
    assert!(
        text.starts_with("training diverged at step 1: the loss is "),
        "{text}"
    );
    trainer.model.parameters[4].weight[0] = f32::NAN;
    let text = trainer.step(batch(), 1e-3).unwrap_err().to_string();
    let expected = "training diverged at step 1: layer conv5: element 0 is NaN";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn an_infinite_gradient_names_its_layer_and_changes_nothing() {
    let mut trainer = trainer(&["width=0.05"]);
    let before = trainer.model.parameters.clone();
    let zero = |parameters: &crate::Parameters| crate::Gradients {
        weight: vec![0.0; parameters.weight.len()],
        gamma: vec![0.0; parameters.norm.as_ref().unwrap().gamma.len()],
        beta: vec![0.0; parameters.norm.as_ref().unwrap().beta.len()],
    };
    for broken in [f32::NAN, f32::INFINITY] {
        let mut gradients: Vec<_> = before.iter().map(zero).collect();
        gradients[3].weight[5] = broken;
        let done = trainer.optimizer.step(&mut trainer.model, &gradients, 0.1);
        assert_eq!(done.unwrap_err().layer, 3);
        assert_eq!(trainer.model.parameters, before);
    }
}

#[test]
fn flips_are_weights_whose_sign_changed() {
    let mut trainer = trainer(&["width=0.1"]);
    let images = Arc::new(digits().train().clone());
    let signs = |trainer: &Trainer| -> Vec<Vec<bool>> {
        let layers = trainer.model.parameters.iter();
        layers
            .map(|one| one.weight.iter().map(|w| *w >= 0.0).collect())
            .collect()
    };
    let before = signs(&trainer);
    let batch = Batch {
        pixels: images.pixels()[..3200].to_vec(),
        labels: images.labels()[..50].to_vec(),
    };
    let (_, flips) = trainer.step(batch, 0.05).unwrap();
    let pairs = before.iter().zip(signs(&trainer));
    let expected: Vec<u64> = pairs
        .map(|(a, b)| a.iter().zip(b).filter(|(a, b)| **a != *b).count() as u64)
        .collect();
    assert_eq!(flips, expected);
    assert!(flips.iter().all(|flips| *flips > 0));
}

#[test]
fn without_latent_weights_every_step_ends_at_plus_or_minus_one() {
    let mut trainer = trainer(&["width=0.1", "training.latent=false"]);
    let data = digits();
    let batch = || Batch {
        pixels: data.train().pixels()[..3200].to_vec(),
        labels: data.train().labels()[..50].to_vec(),
    };
    let mut before = trainer.model.parameters[5].weight.clone();
    for _ in 0..3 {
        assert!(before.iter().all(|w| w.abs() == 1.0));
        // Adam's steps are at most about as long as the rate, and half of them go inwards; so far
        // inwards, one weight in 20 flips.
        let (_, flips) = trainer.step(batch(), 0.1).unwrap();
        let after = trainer.model.parameters[5].weight.clone();
        let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert_eq!(changed as u64, flips[5]);
        let share = changed as f64 / before.len() as f64;
        assert!((0.005..0.035).contains(&share), "{share}");
        before = after;
    }
}

#[test]
fn running_moments_keep_their_share_of_the_old() {
    let mut trainer = trainer(&["width=0.05", "network.norm={ momentum = 0.9 }"]);
    let data = digits();
    let pixels = data.train().pixels()[..640].to_vec();
    let pass = Pass {
        kernels: trainer.kernels,
        model: &trainer.model,
        weights: &trainer.weights,
        batch: 10,
        draws: Some(trainer.draws()),
    };
    let (_, caches) = pass.forward(pixels.clone(), &mut |_| {}).unwrap();
    let [mean, variance] = caches[0].moments().unwrap();
    let labels = data.train().labels()[..10].to_vec();
    trainer.step(Batch { pixels, labels }, 1e-3).unwrap();
    let norm = trainer.model.parameters[0].norm.as_ref().unwrap();
    // They start at 0 and 1.
    for channel in 0..mean.len() {
        assert!((norm.mean[channel] - 0.1 * mean[channel]).abs() < 1e-6);
        assert!((norm.variance[channel] - (0.9 + 0.1 * variance[channel])).abs() < 1e-6);
    }
    assert!(mean.iter().any(|mean| mean.abs() > 0.01));
}

#[test]
fn signs_that_are_constant_and_norms_that_are_flat_are_found() {
    let mut trainer = trainer(&["width=0.25"]);
    let pixels = || digits().train().pixels()[..6400].to_vec();
    let of = |trainer: &Trainer, kind: fn(&FindingKind) -> bool| -> Vec<(String, usize)> {
        let findings = trainer.lint(pixels()).unwrap().into_iter();
        let findings = findings.filter(|finding| kind(&finding.kind));
        findings
            .map(|finding| (finding.layer, finding.affected))
            .collect()
    };
    let constant = |kind: &FindingKind| *kind == FindingKind::Constant { images: 100 };
    let flat = |kind: &FindingKind| *kind == FindingKind::Flat;
    assert!(of(&trainer, flat).is_empty() && of(&trainer, constant).is_empty());
    // What a ReLU would do: every z is positive. Then a norm without spread, and a shift.
    let norm = trainer.model.parameters[7].norm.as_mut().unwrap();
    norm.beta.fill(1e3);
    let norm = trainer.model.parameters[4].norm.as_mut().unwrap();
    norm.gamma[7] = 0.0;
    let channels = trainer.model.plans()[7].output[2];
    assert_eq!(of(&trainer, flat), [("conv5".to_owned(), 1)]);
    let expected = [("conv5".to_owned(), 1), ("dense2".to_owned(), channels)];
    assert_eq!(of(&trainer, constant), expected);
    let finding = &trainer.lint(pixels()).unwrap()[2];
    assert!(finding.is_worth_a_word());
    assert_eq!(
        finding.to_string(),
        format!(
            "{channels} of {channels} channels of dense2 have one sign for every pixel of 100 \
             images and tell the next layer nothing; is what comes before the sign of one sign, \
             as behind a ReLU, or without batch norm?"
        )
    );
}

#[test]
fn the_memory_of_a_step_grows_with_the_batch_and_the_weights() {
    let [small, wide] = ["width=0.1", "width=0.5"].map(|width| trainer(&[width]));
    let [few, many] = [10, 100].map(|batch| small.memory(batch));
    // A 3 x 3 convolution at half width: 16 bytes for each latent weight with Adam.
    let weights: usize = wide.model.weights().iter().sum();
    assert!(few < many && many < few + (90 << 16), "{few} {many}");
    assert!(wide.memory(10) > 16 * weights as u64);
}
