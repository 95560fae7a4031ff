//! What a command looks at: a run's directory, or a model file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use orthant_kernels::Kernels;
use orthant_model::{Network, Packed};
use orthant_train::{BEST, CHECKPOINT, Trained, file};

/// Longer files are not read; 2^30 real weights are 4 GiB.
const LONGEST: u64 = 5 << 30;

/// A network that was read.
pub enum Subject {
    /// A run, as it trains.
    Run(Box<Trained>),
    /// A model file.
    Model(Box<Packed<'static>>),
}

impl Subject {
    /// Reads a run where `path` is a directory, else a model file.
    pub fn open(path: &Path) -> Result<Self> {
        check_exists(path)?;
        match path.is_dir() || is_checkpoint(path) {
            true => Ok(Self::Run(Box::new(Trained::read(path)?))),
            false => Ok(Self::Model(Box::new(model(path)?))),
        }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        match self {
            Self::Run(trained) => trained.model.network(),
            Self::Model(packed) => packed.network(),
        }
    }

    /// The network as it is deployed.
    pub fn packed(&self, kernels: Kernels) -> Result<Packed<'static>> {
        match self {
            Self::Run(trained) => Ok(trained.pack(kernels)?),
            Self::Model(packed) => Ok((**packed).clone()),
        }
    }

    /// The data that a run was trained on.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Run(trained) => Some(&trained.recipe.data.source),
            Self::Model(_) => None,
        }
    }
}

/// Whether a path is that of a checkpoint in a run's directory.
pub fn is_checkpoint(path: &Path) -> bool {
    [CHECKPOINT, BEST].iter().any(|name| path.ends_with(name))
}

/// Reads a run, and says what to do where a file is meant.
pub fn run(path: &Path) -> Result<Trained> {
    check_is_run(path)?;
    Ok(Trained::read(path)?)
}

/// Reads a run whatever numbers its weights are.
pub fn run_as_it_is(path: &Path) -> Result<Trained> {
    check_is_run(path)?;
    Ok(Trained::read_as_it_is(path)?)
}

fn check_is_run(path: &Path) -> Result<()> {
    match path.is_file() && !is_checkpoint(path) {
        true => bail!(
            "{} is a file, expected the directory of a run",
            path.display()
        ),
        false => Ok(()),
    }
}

/// Reads a model file.
pub fn model(path: &Path) -> Result<Packed<'static>> {
    Ok(model_in(&bytes(path)?, path)?.into_owned())
}

/// The model in the bytes of a file, which it borrows from.
pub fn model_in<'a>(bytes: &'a [u8], path: &Path) -> Result<Packed<'a>> {
    Packed::read(bytes).with_context(|| format!("cannot read {}", path.display()))
}

/// The bytes of a model file.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    check_exists(path)?;
    if path.is_dir() {
        bail!(
            "{path} is a directory, expected a model file; if it is a run, pack it first: \
             orthant pack {path} -o model.orth",
            path = path.display()
        );
    }
    let len = std::fs::metadata(path).map_or(0, |about| about.len());
    if len > LONGEST {
        bail!(
            "{} has {len} bytes, expected at most {LONGEST}",
            path.display()
        );
    }
    Ok(file::read(path, "read the model")?)
}

fn check_exists(path: &Path) -> Result<()> {
    match path.try_exists() {
        Ok(false) => bail!(
            "{} does not exist, expected a run's directory or a model file",
            path.display()
        ),
        _ => Ok(()),
    }
}

/// Where the model of a run, or of a checkpoint in it, goes when nothing is said.
pub fn beside(run: &Path) -> PathBuf {
    match is_checkpoint(run) {
        true => run.with_extension("orth"),
        false => run.join("model.orth"),
    }
}
