//! `run.json`: what a run was made with, where, and what it came to.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use orthant_kernels::Kernels;
use serde::{Deserialize, Serialize};

use crate::{Error, file};

/// Enough to make a run again, and to see whether it came to the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    /// Of every random number.
    pub seed: u64,
    /// The data, as named.
    pub data: String,
    /// Hash of classes, pixels and labels: `Dataset::hash`.
    pub data_hash: String,
    /// SHA-256 of `recipe.toml`, as 64 hexadecimal digits.
    pub recipe_hash: String,
    /// The times that a process trained it, one after another.
    pub sittings: Vec<Sitting>,
    /// What was changed by force, in the order of the changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced: Vec<String>,
    /// What it came to, once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
}

/// A process that trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// Steps done before it.
    pub from_step: u64,
    /// Seconds from 1970 to its start, as the machine's clock said; no result depends on it.
    pub started_unix: u64,
    /// The program's version.
    pub version: String,
    /// The instruction set.
    pub isa: String,
    /// Threads; they change no result.
    pub threads: usize,
    /// The machine.
    pub machine: Machine,
}

/// Where a process ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name, where the system tells.
    pub processor: Option<String>,
    /// Threads that the system offers.
    pub threads: usize,
    /// Operating system and architecture.
    pub system: String,
}

/// What a finished run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Epochs.
    pub epochs: usize,
    /// Steps.
    pub steps: u64,
    /// SHA-256 of the parameters, as 64 hexadecimal digits.
    pub weights_hash: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = info.lines().find_map(|line| {
            let (key, name) = line.split_once(':')?;
            (key.trim() == "model name").then(|| name.trim().to_owned())
        });
        Self {
            processor: name,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

impl Sitting {
    /// One that begins now.
    pub fn begin(kernels: Kernels, from_step: u64) -> Self {
        // A clock before 1970 is a wrong one, and no reason to stop.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self {
            from_step,
            started_unix: since.map_or(0, |since| since.as_secs()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            isa: kernels.isa().name().to_owned(),
            threads: rayon::current_num_threads(),
            machine: Machine::here(),
        }
    }
}

impl Stamp {
    /// Reads a stamp.
    ///
    /// # Errors
    /// A file that cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = file::read_text(path, "read the run's stamp")?;
        serde_json::from_str(&text).map_err(|error| Error::Stamp {
            path: path.to_owned(),
            message: error.to_string(),
        })
    }

    /// SHA-256 of the final weights, once the run is done.
    pub fn weights_hash(&self) -> Option<&str> {
        let result = self.result.as_ref();
        result.map(|result| result.weights_hash.as_str())
    }

    /// Begins a sitting; one that took no step leaves no trace.
    pub fn sit_down(&mut self, sitting: Sitting) {
        if self.sittings.last().map(|last| last.from_step) == Some(sitting.from_step) {
            self.sittings.pop();
        }
        self.sittings.push(sitting);
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a stamp is plain data") + "\n"
    }
}
