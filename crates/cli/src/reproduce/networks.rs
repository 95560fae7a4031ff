//! The networks that are held against each other, trained or taken from runs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_model::WeightQuantizer;
use orthant_train::{Changes, Recipe, Run, Summary, Trained, has_checkpoint};
use serde::Serialize;

use crate::answer::Answer;
use crate::output::note;
use crate::train;

/// What is different from network to network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Signs of latent weights and of activations.
    Binary,
    /// Zeros as well, up to a threshold.
    Ternary,
    /// Real weights, and the function whose slope the surrogate is, both ways.
    Float,
    /// Binary, without latent weights between steps: the control.
    NoLatent,
}

impl Kind {
    /// All of them, in the order of training.
    pub const ALL: [Self; 4] = [Self::Binary, Self::Ternary, Self::Float, Self::NoLatent];

    /// Its name, in files and results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Ternary => "ternary",
            Self::Float => "float",
            Self::NoLatent => "no-latent",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Ternary => "ternary",
            Self::Float => "float",
            Self::NoLatent => "binary without latent weights",
        }
    }

    /// What makes it of the binary recipe; the threshold is that of Anderson & Berg (2018).
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Binary => &[],
            Self::Ternary => &[
                "network.weights.quantizer=ternary",
                "network.weights.threshold=0.02",
                "network.activations.quantizer=ternary",
                "network.activations.threshold=0.02",
            ],
            Self::Float => &[
                r#"network.weights={quantizer="none"}"#,
                r#"network.activations={quantizer="clip"}"#,
            ],
            Self::NoLatent => &["training.latent=false"],
        }
    }

    /// Which one a run is.
    fn of(trained: &Trained) -> Self {
        let layers = || {
            trained
                .model
                .network()
                .layers
                .iter()
                .map(|layer| layer.weights)
        };
        let is_ternary = |weights| matches!(weights, WeightQuantizer::Ternary { .. });
        match () {
            () if layers().all(|weights| weights == WeightQuantizer::None) => Self::Float,
            () if layers().any(is_ternary) => Self::Ternary,
            () if !trained.recipe.training.latent => Self::NoLatent,
            () => Self::Binary,
        }
    }

    /// Its recipe, on the data, as the settings change it.
    pub fn recipe(self, base: &str, settings: &[String], source: &Source) -> Result<Recipe> {
        let own = self.settings().iter().map(|setting| (*setting).to_owned());
        let all: Vec<String> = own.chain(settings.iter().cloned()).collect();
        let mut recipe = Recipe::find(base, &all)?;
        recipe.data.source = source.clone().absolute().context("the data")?.to_string();
        Ok(recipe)
    }
}

/// A trained network.
pub struct Network {
    /// Which one it is.
    pub kind: Kind,
    /// The run.
    pub directory: PathBuf,
    /// Its weights.
    pub trained: Trained,
    /// What it says of itself.
    pub summary: Summary,
}

impl Network {
    /// Reads a run.
    pub fn read(directory: &Path) -> Result<Self> {
        let trained = crate::subject::run(directory)?;
        Ok(Self {
            kind: Kind::of(&trained),
            summary: Summary::read(directory)?,
            directory: directory.to_owned(),
            trained,
        })
    }

    /// Time of the training, of all sittings.
    pub fn seconds(&self) -> f64 {
        self.summary.metrics.iter().map(|line| line.seconds).sum()
    }

    /// Share of the test images that are right, where the run ended with that.
    pub fn test_accuracy(&self) -> Option<f64> {
        self.summary.metrics.last()?.test_accuracy
    }
}

/// Trains what is to be trained, or goes on with it; `None` where a signal came.
pub fn train(
    recipes: Vec<(Kind, Recipe)>,
    runs: &Path,
    kernels: Kernels,
    json: bool,
) -> Result<(Vec<Network>, Answer)> {
    let mut networks = Vec::new();
    for (kind, recipe) in recipes {
        let directory = runs.join(kind.name());
        note(format_args!("== {} network", kind.title()));
        let source: Source = recipe.data.source.parse().context("the data")?;
        let data = Dataset::open(&source)?;
        let run = match has_checkpoint(&directory)? {
            true => Run::resume(&directory, recipe, data, kernels, Changes::Refused),
            false => Run::create(&directory, recipe, data, kernels),
        };
        let run = run.with_context(|| format!("the {} network", kind.title()))?;
        let threads = rayon::current_num_threads();
        let answer = train::go(run, &directory, threads, json, "the same command")?;
        if answer != Answer::Yes {
            return Ok((networks, answer));
        }
        networks.push(Network::read(&directory)?);
    }
    Ok((networks, Answer::Yes))
}

/// Reads runs, one of a kind.
pub fn read(runs: &[PathBuf]) -> Result<Vec<Network>> {
    let networks = runs.iter().map(|run| Network::read(run));
    let mut networks = networks.collect::<Result<Vec<_>>>()?;
    networks.sort_by_key(|network| network.kind);
    for pair in networks.windows(2) {
        if pair[0].kind == pair[1].kind {
            bail!(
                "{} and {} are both {} networks, expected one run of a kind",
                pair[0].directory.display(),
                pair[1].directory.display(),
                pair[0].kind.title()
            );
        }
        if pair[0].trained.header.data_hash != pair[1].trained.header.data_hash {
            bail!(
                "{} and {} were trained on different data, expected runs on the same",
                pair[0].directory.display(),
                pair[1].directory.display()
            );
        }
    }
    Ok(networks)
}
