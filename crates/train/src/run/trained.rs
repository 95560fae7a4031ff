//! A run that was trained, read from its directory.

use std::path::{Path, PathBuf};

use super::directory::{BEST, CHECKPOINT, METRICS, RECIPE, STAMP, has_checkpoint};
use super::history;
use super::stamp::Stamp;
use crate::checkpoint::{self, Checkpoint, Header, Stored};
use crate::{EpochMetrics, Error, Model, Recipe};

/// A run that was trained, read from its directory.
pub struct Trained {
    /// The recipe.
    pub recipe: Recipe,
    /// The model as the checkpoint has it.
    pub model: Model,
    /// What the checkpoint says of itself.
    pub header: Header,
    /// What the checkpoint's bytes hold.
    pub stored: Stored,
    /// The checkpoint that was read.
    pub checkpoint: PathBuf,
}

impl Trained {
    /// Reads a run: a directory, whose last checkpoint it is, or a checkpoint in one.
    ///
    /// # Errors
    /// A directory that holds no run, a checkpoint that does not fit its recipe.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::restored(path, |checkpoint, model| checkpoint.restore(model, None))
    }

    /// The same, whatever numbers the parameters are; for those who look for what is wrong with
    /// them.
    ///
    /// # Errors
    /// Those of [`read`](Self::read), but for numbers that are not finite.
    pub fn read_as_it_is(path: &Path) -> Result<Self, Error> {
        Self::restored(path, Checkpoint::restore_as_it_is)
    }

    fn restored(
        path: &Path,
        restore: impl Fn(&Checkpoint, &mut Model) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let (directory, file) = match path.file_name().and_then(|name| name.to_str()) {
            Some(name @ (CHECKPOINT | BEST)) if !path.is_dir() => {
                (path.parent().unwrap_or(Path::new("")), name)
            }
            _ => (path, CHECKPOINT),
        };
        let recipe = read_recipe(directory)?;
        let checkpoint_path = directory.join(file);
        let checkpoint = Checkpoint::read(&checkpoint_path)?;
        let header = checkpoint.header.clone();
        let contract = header.contract.contract(header.input[2]);
        let classes = header.classes.len();
        let (network, training) = recipe.network.network(header.input, contract, classes)?;
        let mut model = Model::new(network, training, recipe.training.seed)?;
        restore(&checkpoint, &mut model)?;
        Ok(Self {
            stored: checkpoint.stored(&model)?,
            recipe,
            model,
            header,
            checkpoint: checkpoint_path,
        })
    }
}

impl Trained {
    /// SHA-256 of the parameters, as 64 hexadecimal digits; a finished run's stamp has it too.
    pub fn weights_hash(&mut self) -> String {
        checkpoint::hash(&mut self.model)
    }
}

/// The recipe of a run.
///
/// # Errors
/// A directory that holds no run, a file that is no recipe.
pub fn read_recipe(directory: &Path) -> Result<Recipe, Error> {
    let path = directory.join(RECIPE);
    let is_there = |path: &Path| path.try_exists().unwrap_or(false);
    let missing = match (is_there(&path), has_checkpoint(directory)?) {
        (true, true) => return Recipe::read(&path, &[]),
        (false, _) => RECIPE,
        (true, false) => CHECKPOINT,
    };
    let path = directory.to_owned();
    Err(Error::NoRun { path, missing })
}

/// What a run's directory says of it, without its weights.
pub struct Summary {
    /// The recipe.
    pub recipe: Recipe,
    /// What it was made with.
    pub stamp: Stamp,
    /// Its epochs.
    pub metrics: Vec<EpochMetrics>,
    /// Whether a process trains it now.
    pub is_running: bool,
}

impl Summary {
    /// Reads what a directory says of its run.
    ///
    /// # Errors
    /// A directory that holds no run, a file that cannot be read.
    pub fn read(directory: &Path) -> Result<Self, Error> {
        let recipe = read_recipe(directory)?;
        Ok(Self {
            recipe,
            stamp: Stamp::read(&directory.join(STAMP))?,
            metrics: history::read(&directory.join(METRICS))?,
            is_running: super::directory::is_locked(directory),
        })
    }
}
