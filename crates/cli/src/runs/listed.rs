//! A run in a list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use orthant_train::{Best, EpochMetrics, Summary};
use serde_json::{Value, json};

/// A run in a list.
pub struct Listed {
    /// Its directory.
    pub name: String,
    /// What it says of itself.
    pub summary: Summary,
    /// The settings of its recipe.
    pub settings: BTreeMap<String, String>,
}

impl Listed {
    /// The columns of [`row`](Self::row).
    pub const HEADER: [&'static str; 10] = [
        "run", "state", "epochs", "seed", "train %", "valid %", "best %", "test %", "minutes",
        "weights",
    ];

    /// Reads a run.
    pub fn read(path: &Path) -> Result<Self> {
        let short = path.strip_prefix(".").unwrap_or(path);
        let short = if short.as_os_str().is_empty() {
            path
        } else {
            short
        };
        let name = short.display().to_string();
        let summary = Summary::read(path).with_context(|| format!("{name} is left out"))?;
        Ok(Self {
            settings: summary.recipe.settings(),
            name,
            summary,
        })
    }

    fn last(&self) -> Option<&EpochMetrics> {
        self.summary.metrics.last()
    }

    fn state(&self) -> &'static str {
        match (&self.summary.stamp.result, self.summary.is_running) {
            (_, true) => "running",
            (Some(_), false) => "finished",
            (None, false) => "stopped",
        }
    }

    /// The epoch that did best on the validation images: that of `best.safetensors`.
    fn best(&self) -> Option<Best> {
        let epochs = self.summary.metrics.iter().filter_map(EpochMetrics::best);
        epochs.reduce(|best, next| if next.beats(&best) { next } else { best })
    }

    fn seconds(&self) -> f64 {
        self.summary.metrics.iter().map(|line| line.seconds).sum()
    }

    /// For people.
    pub fn row(&self) -> Vec<String> {
        let percent = |share: Option<f64>| {
            share.map_or("-".to_owned(), |share| format!("{:.2}", 100.0 * share))
        };
        let epochs = self.summary.recipe.training.epochs;
        let hash = self.summary.stamp.weights_hash();
        vec![
            self.name.clone(),
            self.state().to_owned(),
            format!("{}/{epochs}", self.summary.metrics.len()),
            self.summary.stamp.seed.to_string(),
            percent(self.last().map(|line| line.train_accuracy)),
            percent(self.last().and_then(|line| line.valid_accuracy)),
            percent(self.best().map(|best| best.accuracy)),
            percent(self.last().and_then(|line| line.test_accuracy)),
            format!("{:.1}", self.seconds() / 60.0),
            hash.map_or("-", |hash| hash.get(..8).unwrap_or(hash))
                .to_owned(),
        ]
    }

    /// For programs.
    pub fn json(&self, differing: &BTreeSet<String>) -> Value {
        let settings = differing.iter().map(|key| (key, self.settings.get(key)));
        let last = self.last();
        json!({
            "run": self.name,
            "state": self.state(),
            "epochs": self.summary.recipe.training.epochs,
            "epochs_done": self.summary.metrics.len(),
            "seed": self.summary.stamp.seed,
            "data": self.summary.stamp.data,
            "data_hash": self.summary.stamp.data_hash,
            "recipe_hash": self.summary.stamp.recipe_hash,
            "weights_hash": self.summary.stamp.weights_hash(),
            "train_accuracy": last.map(|line| line.train_accuracy),
            "valid_accuracy": last.and_then(|line| line.valid_accuracy),
            "test_accuracy": last.and_then(|line| line.test_accuracy),
            "best_epoch": self.best().map(|best| best.epoch),
            "best_valid_accuracy": self.best().map(|best| best.accuracy),
            "seconds": self.seconds(),
            "sittings": self.summary.stamp.sittings,
            "forced": self.summary.stamp.forced,
            "differing_settings": settings.collect::<BTreeMap<_, _>>(),
        })
    }
}
