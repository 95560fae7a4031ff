//! Trained, packed, saved, loaded, run: the same numbers as the trainer's own evaluation.

use orthant_infer::{Error, Runner, Watch};
use orthant_kernels::Kernels;
use orthant_model::{LayerInput, LayerSums, Packed, Tap};
use orthant_train::{Evaluator, Model, pack};
use proptest::prelude::*;

mod networks;

use networks::{Random, labels, model, network, pixels};

/// A layer's input as numbers, and its sums.
type Seen = (usize, Vec<u32>, Vec<u32>);

/// Numbers bit for bit: both zeros are themselves.
fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

fn see(model: &Model, tap: &Tap, batch: usize) -> Seen {
    let plan = &model.plans()[tap.layer];
    let contract = &model.network().contract;
    let input = tap
        .input
        .to_f32(contract, plan.input[2], batch * plan.input_len());
    (tap.layer, bits(&input), bits(&tap.sums.to_f32()))
}

/// Runs images through the trainer's evaluation and the runner of a file, on every path.
fn check(model: &Model, pixels: &[u8], batch: usize) -> Result<(), TestCaseError> {
    let detected = Kernels::detect().unwrap();
    let bytes = pack(detected, model, labels(model.network().classes)).unwrap();
    let bytes = bytes.to_bytes().unwrap();
    let packed = Packed::read(&bytes).unwrap();
    for kernels in Kernels::available() {
        let evaluator = Evaluator::new(kernels, model).unwrap();
        let mut expected = Vec::new();
        let mut tap = |tap: Tap| expected.push(see(model, &tap, batch));
        let logits = evaluator.logits(pixels.to_vec(), &mut tap).unwrap();

        let mut runner = Runner::new(kernels, &packed).unwrap();
        let mut found = vec![0.0; logits.len()];
        runner.run(pixels, &mut found).unwrap();
        prop_assert_eq!(bits(&found), bits(&logits), "one by one");

        let mut runner = runner.with_images(batch).unwrap();
        found.fill(0.0);
        let mut inputs = Vec::new();
        let mut watch = |layer: usize, input: LayerInput| {
            let sums = LayerSums::I32(&[]);
            inputs.push(see(model, &Tap { layer, input, sums }, batch));
        };
        let watch = Watch::Inputs(&mut watch);
        runner.run_watched(pixels, &mut found, watch).unwrap();
        prop_assert_eq!(bits(&found), bits(&logits), "together");
        for (layer, input, _) in &expected {
            prop_assert_eq!(&inputs[*layer].1, input, "input of layer {}", layer);
        }

        found.fill(0.0);
        let mut seen = Vec::new();
        let mut tap = |tap: Tap| seen.push(see(model, &tap, batch));
        let watch = Watch::Sums(&mut tap);
        runner.run_watched(pixels, &mut found, watch).unwrap();
        prop_assert_eq!(bits(&found), bits(&logits), "watched");
        prop_assert_eq!(&seen, &expected, "inputs and sums");

        let mut in_place = Runner::in_place(kernels, &packed).unwrap();
        found.fill(0.0);
        in_place.run(pixels, &mut found).unwrap();
        prop_assert_eq!(bits(&found), bits(&logits), "in place");

        for (threads, images) in [(2, 1), (3, 2)] {
            runner = runner.with_threads(threads).unwrap();
            runner = runner.with_images(images).unwrap();
            found.fill(0.0);
            runner.run(pixels, &mut found).unwrap();
            prop_assert_eq!(bits(&found), bits(&logits), "{} threads", threads);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_packed_network_gives_the_trainer_s_numbers(
        seed in any::<u64>(),
        batch in 1usize..6,
    ) {
        let text = network(&mut Random::new(seed));
        let done = check(&model(&text, seed), &pixels(batch, seed), batch);
        prop_assert!(done.is_ok(), "{:?} in {}", done, text);
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let text = "layers = [{ kind = \"dense\" }]";
    let kernels = Kernels::detect().unwrap();
    let packed = pack(kernels, &model(text, 1), labels(4)).unwrap();
    let mut runner = Runner::new(kernels, &packed).unwrap();
    let error = runner.run(&[0; 95], &mut [0.0; 4]).unwrap_err();
    let text = "there are 95 pixel values, expected whole images of 8 x 6 x 2, 96 values each";
    assert_eq!(error.to_string(), text);
    let error = runner.run(&[0; 192], &mut [0.0; 4]).unwrap_err();
    let logits = Error::Logits {
        expected: 8,
        found: 4,
    };
    assert_eq!(error, logits);
    assert_eq!(runner.run(&[], &mut []), Ok(()));
    // Past the address range, and past what a runner may ask for: 10 floats an image.
    for images in [usize::MAX, 1 << 29] {
        let huge = Runner::new(kernels, &packed).unwrap().with_images(images);
        assert_eq!(huge.err(), Some(Error::Memory { images }));
    }
}
