//! A run: a recipe trained on data, in a directory of its own.
//!
//! ```text
//! recipe.toml              the recipe with the command's settings, enough to repeat the run
//! run.json                 seed, data hash, program version, threads, instruction set
//! metrics.jsonl            a line per epoch
//! checkpoint.safetensors   the state after the last epoch that was saved
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use orthant_data::{Dataset, Images};
use orthant_kernels::Kernels;
use serde::Serialize;

use crate::checkpoint::{self, Checkpoint, Header, Stored};
use crate::evaluate::Evaluator;
use crate::loss::Score;
use crate::metrics::{EpochMetrics, LayerMetrics};
use crate::trainer::{EpochReport, Trainer};
use crate::{Error, Model, Recipe, file};

const RECIPE: &str = "recipe.toml";
const STAMP: &str = "run.json";
const METRICS: &str = "metrics.jsonl";

/// The file of a run's directory that holds its state.
pub const CHECKPOINT: &str = "checkpoint.safetensors";

/// Checkpoints are at least this far apart, but for the last.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// Something that happens in a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// An epoch begins.
    Epoch {
        /// Its number, from 1.
        epoch: usize,
        /// Its images.
        images: usize,
    },
    /// A step is done.
    Step {
        /// The epoch's score so far.
        score: &'a Score,
        /// Images of the step.
        images: usize,
    },
    /// Some images of a split were evaluated.
    Evaluated {
        /// The split.
        split: &'static str,
        /// Images done.
        done: usize,
        /// Images of the split.
        of: usize,
    },
    /// An epoch is over and its line is written.
    Line(&'a EpochMetrics),
}

/// What a run was made with.
#[derive(Serialize)]
struct Stamp<'a> {
    version: &'a str,
    seed: u64,
    data: &'a str,
    data_hash: &'a str,
    threads: usize,
    isa: &'a str,
}

/// A run that is to be trained.
pub struct Run {
    directory: PathBuf,
    trainer: Trainer,
    recipe: Recipe,
    header: Header,
    train: Arc<Images>,
    valid: Option<Images>,
    test: Images,
}

impl Run {
    /// Makes the directory, and writes the recipe, the stamp and the initial checkpoint.
    ///
    /// # Errors
    /// A recipe that does not fit the data, a directory that is not empty or cannot be written.
    pub fn create(
        directory: &Path,
        recipe: Recipe,
        data: Dataset,
        kernels: Kernels,
    ) -> Result<Self, Error> {
        recipe.check("of the run")?;
        let model = recipe.model(&data)?;
        let header = Header {
            epoch: 0,
            step: 0,
            input: model.network().input,
            contract: (&model.network().contract).into(),
            classes: data.classes().to_vec(),
            data_hash: data.hash(),
        };
        let largest = data.largest();
        let (train, test) = data.into_splits();
        let (train, valid) = match recipe.data.validation {
            0 => (train, None),
            count => {
                let (train, valid) = train.split_last(count)?;
                (train, Some(valid))
            }
        };
        // What the data does not allow is refused before anything is written.
        let train = Arc::new(train);
        orthant_data::Epoch::try_new(Arc::clone(&train), recipe.order(), 0)?;
        recipe.order().check(&train)?;
        if let Some(augment) = recipe.data.augment.filter(|augment| augment.fill > largest) {
            return Err(Error::Fill {
                found: augment.fill,
                largest,
            });
        }
        let trainer = Trainer::new(kernels, recipe.clone(), model)?;
        let mut run = Self {
            directory: directory.to_owned(),
            trainer,
            recipe,
            header,
            train,
            valid,
            test,
        };
        let is_new = run.claim(kernels)?;
        let written = run
            .write_text(RECIPE, &run.recipe.to_toml())
            .and_then(|()| run.save());
        if written.is_err() {
            // A directory with half a start would be in the way of the next try. That a part of it
            // cannot be removed does not change the error.
            for name in [RECIPE, CHECKPOINT, STAMP] {
                let _ = fs::remove_file(run.directory.join(name));
            }
            if is_new {
                let _ = fs::remove_dir(&run.directory);
            }
        }
        written.map(|()| run)
    }

    /// Makes the directory, and writes the stamp, which no two runs can; whether it is new.
    fn claim(&self, kernels: Kernels) -> Result<bool, Error> {
        let path = &self.directory;
        let io = |source| Error::Io {
            action: "make the run's directory",
            path: path.clone(),
            source,
        };
        let is_new = !path.try_exists().map_err(io)?;
        fs::create_dir_all(path).map_err(io)?;
        let exists = || Error::RunExists { path: path.clone() };
        if fs::read_dir(path).map_err(io)?.next().is_some() {
            return Err(exists());
        }
        let stamp = Stamp {
            version: env!("CARGO_PKG_VERSION"),
            seed: self.recipe.training.seed,
            data: &self.recipe.data.source,
            data_hash: &self.header.data_hash,
            threads: rayon::current_num_threads(),
            isa: kernels.isa().name(),
        };
        let stamp = serde_json::to_string_pretty(&stamp).expect("a stamp is plain data") + "\n";
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(path.join(STAMP));
        match file.and_then(|mut file| file.write_all(stamp.as_bytes())) {
            Ok(()) => Ok(is_new),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
            Err(error) => {
                let _ = fs::remove_file(path.join(STAMP));
                if is_new {
                    let _ = fs::remove_dir(path);
                }
                Err(io(error))
            }
        }
    }

    fn write_text(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.directory.join(name);
        file::replace(&path, "write", |part| fs::write(part, text))
    }

    fn save(&mut self) -> Result<(), Error> {
        let path = self.directory.join(CHECKPOINT);
        let Trainer {
            model, optimizer, ..
        } = &mut self.trainer;
        checkpoint::save(&path, &self.header, model, optimizer)
    }

    /// The model as it is.
    pub fn model(&self) -> &Model {
        &self.trainer.model
    }

    /// Trains every epoch that is left, and evaluates the test images after the last.
    ///
    /// Returns the last line, or `None` where no epoch is left.
    ///
    /// # Errors
    /// Divergence, and files that cannot be written; what was written before stays.
    pub fn train(
        &mut self,
        observer: &mut dyn FnMut(Event),
    ) -> Result<Option<EpochMetrics>, Error> {
        let mut saved = Instant::now();
        let mut last = None;
        let epochs = self.recipe.training.epochs;
        for epoch in self.header.epoch..epochs {
            observer(Event::Epoch {
                epoch: epoch + 1,
                images: self.train.len(),
            });
            let start = Instant::now();
            let mut step = |score: &Score, images| observer(Event::Step { score, images });
            let report = self.trainer.epoch(&self.train, epoch, &mut step)?;
            let seconds = start.elapsed().as_secs_f64();
            (self.header.epoch, self.header.step) = (epoch + 1, self.trainer.optimizer.steps);
            let is_last = epoch + 1 == epochs;
            self.trainer.check()?;
            let metrics = self.metrics(&report, seconds, is_last, observer)?;
            if is_last || saved.elapsed() >= CHECKPOINT_EVERY {
                self.save()?;
                saved = Instant::now();
            }
            self.append(&metrics)?;
            observer(Event::Line(&metrics));
            last = Some(metrics);
        }
        Ok(last)
    }

    fn metrics(
        &self,
        report: &EpochReport,
        seconds: f64,
        is_last: bool,
        observer: &mut dyn FnMut(Event),
    ) -> Result<EpochMetrics, Error> {
        let evaluator = Evaluator::new(self.trainer.kernels(), self.model())?;
        let loss = self.recipe.training.loss.into();
        let mut score = |split, images: &Images| {
            let of = images.len();
            let mut seen = |done| observer(Event::Evaluated { split, done, of });
            let score = evaluator.score(images, loss, &mut seen)?;
            match score.loss.is_finite() {
                true => Ok(score),
                false => Err(Error::Diverged {
                    step: self.header.step,
                    what: format!("the loss of the {split} images is {}", score.mean_loss()),
                }),
            }
        };
        let valid = self
            .valid
            .as_ref()
            .map(|images| score("validation", images))
            .transpose()?;
        let test = is_last.then(|| score("test", &self.test)).transpose()?;
        let angles = self.trainer.angles();
        let layers = self
            .model()
            .network()
            .layers
            .iter()
            .zip(self.model().plans());
        let layers = layers.zip(angles).zip(&report.flip_ratios);
        Ok(EpochMetrics {
            epoch: self.header.epoch,
            seconds,
            images_per_second: report.score.images as f64 / seconds,
            lr: report.rate,
            train_loss: report.score.mean_loss(),
            train_accuracy: report.score.accuracy(),
            valid_loss: valid.map(|score| score.mean_loss()),
            valid_accuracy: valid.map(|score| score.accuracy()),
            test_loss: test.map(|score| score.mean_loss()),
            test_accuracy: test.map(|score| score.accuracy()),
            layers: layers
                .filter(|(((_, plan), _), _)| plan.weights() > 0)
                .map(|(((layer, _), angle_deg), flip_ratio)| LayerMetrics {
                    name: layer.name.clone(),
                    flip_ratio: *flip_ratio,
                    angle_deg,
                })
                .collect(),
        })
    }

    fn append(&self, metrics: &EpochMetrics) -> Result<(), Error> {
        let path = self.directory.join(METRICS);
        let line = serde_json::to_string(metrics).expect("metrics are plain data") + "\n";
        let file = File::options().append(true).create(true).open(&path);
        let done = file.and_then(|mut file| {
            let len = file.metadata()?.len();
            let written = file
                .write_all(line.as_bytes())
                .and_then(|()| file.sync_data());
            if written.is_err() {
                // Half a line would break every reader; that it may stay does not change the error.
                let _ = file.set_len(len);
            }
            written
        });
        done.map_err(|source| Error::Io {
            action: "write the metrics",
            path,
            source,
        })
    }
}

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
}

impl Trained {
    /// Reads a run.
    ///
    /// # Errors
    /// A directory that holds no run, a checkpoint that does not fit its recipe.
    pub fn read(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(RECIPE);
        for missing in [RECIPE, CHECKPOINT] {
            let path = directory.join(missing);
            match path.try_exists() {
                Ok(true) => {}
                // A path through a file is not there either.
                Err(source) if source.kind() != io::ErrorKind::NotADirectory => {
                    let action = "look for";
                    return Err(Error::Io {
                        action,
                        path,
                        source,
                    });
                }
                _ => {
                    let path = directory.to_owned();
                    return Err(Error::NoRun { path, missing });
                }
            }
        }
        let recipe = Recipe::read(&path, &[])?;
        let checkpoint = Checkpoint::read(&directory.join(CHECKPOINT))?;
        let header = checkpoint.header.clone();
        let contract = header.contract.contract(header.input[2]);
        let classes = header.classes.len();
        let (network, training) = recipe.network.network(header.input, contract, classes)?;
        let mut model = Model::new(network, training, recipe.training.seed)?;
        checkpoint.restore(&mut model, None)?;
        Ok(Self {
            stored: checkpoint.stored(&model)?,
            recipe,
            model,
            header,
        })
    }
}
