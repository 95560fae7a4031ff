//! Small runs of every kind, on any number of threads.

use std::path::Path;

use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{Changes, Error, Recipe, Run};

/// Quantizers, chance, dropout, shortcuts, real weights, augmentation, validation, precisions.
pub const RUNS: [(&str, &[&str]); 11] = [
    (
        "binarynet-digits",
        &["width=0.1", "batch=48", "data.validation=100"],
    ),
    ("ternary-digits", &["width=0.1", "glorot-step=true"]),
    ("float-digits", &["width=0.1", "training.gradient-norm=0.5"]),
    (
        "residual-digits",
        &["width=0.2", "data.augment.crop=1", "data.validation=37"],
    ),
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
    ("binarynet-digits", &["width=0.1", "training.latent=false"]),
    (
        "binarynet-digits",
        &["width=0.1", "training.precision=int8"],
    ),
    (
        "ternary-digits",
        &[
            "width=0.1",
            "training.precision=int8",
            "network.layers.3.dropout=0.2",
        ],
    ),
    ("residual-digits", &["width=0.2", "training.precision=int8"]),
    (
        "binarynet-digits",
        &["width=0.1", "training.precision=bf16"],
    ),
];

/// The recipe of a kind.
pub fn recipe(kind: usize, epochs: usize) -> Recipe {
    let (name, settings) = RUNS[kind];
    let mut settings: Vec<String> = settings.iter().map(|one| (*one).to_owned()).collect();
    settings.push(format!("epochs={epochs}"));
    Recipe::find(name, &settings).unwrap()
}

/// The data of all.
pub fn digits() -> Dataset {
    Dataset::open(&Source::Digits).unwrap()
}

/// A new run.
pub fn create(out: &Path, recipe: &Recipe) -> Result<Run, Error> {
    let kernels = Kernels::detect().unwrap();
    Run::create(out, recipe.clone(), digits(), kernels)
}

/// A run that goes on.
#[allow(dead_code, reason = "not every test goes on")]
pub fn resume(out: &Path, recipe: &Recipe, changes: Changes) -> Result<Run, Error> {
    let kernels = Kernels::detect().unwrap();
    Run::resume(out, recipe.clone(), digits(), kernels, changes)
}

/// Does something on so many threads.
pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}
