//! One seed gives the same bits, whatever the number of threads.

use std::fs;

use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{Recipe, Run};

/// Small runs of every kind: quantizers, chance, dropout, shortcuts, real weights.
const RUNS: [(&str, &[&str]); 6] = [
    ("binarynet-digits", &["width=0.1", "batch=48"]),
    ("ternary-digits", &["width=0.1", "glorot-step=true"]),
    ("float-digits", &["width=0.1", "training.gradient-norm=0.5"]),
    ("residual-digits", &["width=0.2"]),
    (
        "binarynet-digits",
        &[
            "width=0.1",
            "network.weights.stochastic=true",
            "network.activations.stochastic=true",
            "network.layers.3.dropout=0.2",
            "network.layers.0.dropout=0.1",
        ],
    ),
    (
        "binarynet-mlp",
        &[
            "width=0.02",
            "data.source=digits",
            "data.validation=100",
            "batch=50",
        ],
    ),
];

#[test]
fn a_seed_gives_the_same_bits_at_any_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    for (index, (name, settings)) in RUNS.into_iter().enumerate() {
        let mut settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
        settings.push("epochs=2".to_owned());
        let recipe = Recipe::find(name, &settings).unwrap();
        let mut checkpoints = Vec::new();
        let mut lines = Vec::new();
        for threads in 1..=3 {
            let out = directory.path().join(format!("{index}-{threads}"));
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let last = pool.install(|| {
                let data = Dataset::open(&Source::Digits).unwrap();
                let kernels = Kernels::detect().unwrap();
                let mut run = Run::create(&out, recipe.clone(), data, kernels).unwrap();
                run.train(&mut |_| {}).unwrap().unwrap()
            });
            checkpoints.push(fs::read(out.join("checkpoint.safetensors")).unwrap());
            lines.push((last.train_loss, last.test_accuracy));
        }
        assert!(
            checkpoints[0] == checkpoints[1] && checkpoints[0] == checkpoints[2],
            "{name}"
        );
        assert!(lines[0] == lines[1] && lines[0] == lines[2], "{name}");
    }
}
