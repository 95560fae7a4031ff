//! A run: a recipe trained on data, in a directory of its own.
//!
//! ```text
//! recipe.toml              the recipe with the command's settings, enough to repeat the run
//! run.json                 seed, data hash, program version, machine; at the end the weights' hash
//! metrics.jsonl            a line per epoch
//! checkpoint.safetensors   the state after the last step that was saved
//! best.safetensors         that after the epoch that did best on the validation images
//! lock                     locked by the process that trains
//! ```
//!
//! A checkpoint holds all that the next step depends on: weights, the optimizer's memory, how far
//! the epoch is. Order, augmentation and chance are functions of the seed and of where the run is.
//! So a run that goes on from a checkpoint comes to the bits of one that was never interrupted.

mod directory;
mod history;
mod measure;
mod parts;
mod stamp;
mod trained;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use orthant_data::{Batches, Dataset, Images};
use orthant_kernels::{Isa, Kernels};

use crate::checkpoint::{self, Checkpoint, Header};
use crate::lint::{self, Finding};
use crate::loss::Score;
use crate::metrics::EpochMetrics;
use crate::tally::Tally;
use crate::trainer::Trainer;
use crate::{Difference, Error, Model, Recipe};
pub use directory::{BEST, CHECKPOINT, RECIPE, STAMP, has_checkpoint};
use directory::{Directory, METRICS};
use parts::Parts;
pub use stamp::{Machine, Outcome, Sitting, Stamp};
pub use trained::{Summary, Trained, read_recipe};

/// Checkpoints are at least this far apart, but for the last, where nothing else is said.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// Checkpoints take at most one part in so many of the time.
const CHECKPOINT_SHARE: u32 = 50;

/// Something that happens in a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// An epoch begins, or goes on.
    Epoch {
        /// Its number, from 1.
        epoch: usize,
        /// Its images.
        images: usize,
        /// Those that are done.
        done: usize,
    },
    /// A step is done.
    Step {
        /// The epoch's score so far.
        score: &'a Score,
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
    /// A layer that carries less than it could, at the start or after an epoch.
    Found(&'a Finding),
}

/// How training ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// Every epoch is done; the last line, where one was left.
    Finished(Option<EpochMetrics>),
    /// It was asked to stop, and can go on from the checkpoint that it wrote.
    Stopped,
}

/// What a run that goes on may differ in from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    /// Nothing that its numbers depend on.
    Refused,
    /// Recipe and data; the run then is none that its recipe alone makes again.
    Forced,
}

/// A run that is to be trained.
pub struct Run {
    directory: Directory,
    trainer: Trainer,
    recipe: Recipe,
    header: Header,
    stamp: Stamp,
    train: Arc<Images>,
    valid: Option<Images>,
    test: Images,
    stop: Arc<AtomicBool>,
    every: Duration,
    saved: Instant,
    cost: Duration,
}

impl Run {
    /// Makes the directory, and writes the recipe, the stamp and the initial checkpoint.
    ///
    /// # Errors
    /// A recipe that does not fit the data, a directory that is not empty, is another process's or
    /// cannot be written.
    pub fn create(
        directory: &Path,
        recipe: Recipe,
        data: Dataset,
        kernels: Kernels,
    ) -> Result<Self, Error> {
        let parts = Parts::try_new(recipe, data, kernels)?;
        let directory = Directory::create(directory)?;
        let mut run = parts.run(directory);
        match run.start() {
            Ok(()) => Ok(run),
            Err(error) => {
                // A directory with half a start would be in the way of the next try.
                run.directory.discard();
                Err(error)
            }
        }
    }

    fn start(&mut self) -> Result<(), Error> {
        self.sit_down()?;
        // With the checkpoint there is a run, so it comes last.
        self.save()
    }

    /// Goes on with the run in a directory, from its checkpoint.
    ///
    /// # Errors
    /// A directory that holds no run or in which another process trains, a checkpoint that does
    /// not fit, another recipe or other data than the run's unless changes are forced.
    pub fn resume(
        directory: &Path,
        recipe: Recipe,
        data: Dataset,
        kernels: Kernels,
        changes: Changes,
    ) -> Result<Self, Error> {
        // Says what is missing where there is no run.
        read_recipe(directory)?;
        let directory = Directory::open(directory)?;
        let checkpoint = Checkpoint::read(&directory.join(CHECKPOINT))?;
        let was = Recipe::parse("of the checkpoint", &checkpoint.header.recipe, &[])?;
        let stamp = Stamp::read(&directory.join(STAMP))?;
        let parts = Parts::try_new(recipe, data, kernels)?;
        let mut differences = parts.recipe.differences(&was);
        if parts.header.data_hash != checkpoint.header.data_hash {
            differences.push(Difference {
                key: "the data's hash".to_owned(),
                was: Some(checkpoint.header.data_hash.clone()),
                now: Some(parts.header.data_hash.clone()),
            });
        }
        if !differences.is_empty() && changes == Changes::Refused {
            let path = directory.path().to_owned();
            return Err(Error::Changed { path, differences });
        }
        let mut run = parts.run(directory);
        run.take_up(&checkpoint, stamp, &differences)?;
        Ok(run)
    }

    /// Goes on from a checkpoint, with what was changed by force.
    fn take_up(
        &mut self,
        checkpoint: &Checkpoint,
        stamp: Stamp,
        differences: &[Difference],
    ) -> Result<(), Error> {
        let was = &checkpoint.header;
        let begun = was.epoch + usize::from(was.tally.steps > 0);
        let epochs = self.recipe.training.epochs;
        if epochs < begun {
            return Err(Error::Behind { begun, epochs });
        }
        self.trainer.restore(checkpoint)?;
        (self.header.epoch, self.header.step) = (was.epoch, was.step);
        self.header.first_loss = was.first_loss;
        // More epochs leave the images of an epoch and what is best as they are.
        if differences.iter().all(|one| one.key == "training.epochs") {
            self.header.tally = was.tally.clone();
            self.header.best = was.best;
        } else {
            let best = self.directory.join(BEST);
            match fs::remove_file(&best) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::io("remove", &best, error));
                }
                _ => {}
            }
        }
        self.stamp.sittings = stamp.sittings;
        self.stamp.result = stamp.result;
        self.stamp.forced = stamp.forced;
        if !differences.is_empty() {
            let forced = differences.iter().map(Difference::to_string);
            self.stamp.forced.extend(forced);
            self.stamp.result = None;
            // From here on it is another run.
            self.save()?;
        }
        history::cut(&self.directory.join(METRICS), self.header.epoch)?;
        self.sit_down()
    }

    /// Writes who trains what from now on.
    fn sit_down(&mut self) -> Result<(), Error> {
        if !self.is_finished() {
            self.stamp.result = None;
            let sitting = Sitting::begin(self.trainer.kernels(), self.header.step);
            self.stamp.sit_down(sitting);
        }
        self.write_stamp()?;
        self.directory.write_text(RECIPE, &self.recipe.to_toml())
    }

    fn write_stamp(&self) -> Result<(), Error> {
        self.directory.write_text(STAMP, &self.stamp.to_json())
    }

    /// Sets how far checkpoints are apart; 10 s where nothing is said.
    ///
    /// A checkpoint that takes long to write makes them rarer, but for a distance of 0: a
    /// checkpoint after every step.
    pub fn checkpoint_every(&mut self, every: Duration) {
        self.every = every;
    }

    /// A flag that ends [`train`](Self::train) once it is true, after the step or the images that
    /// are in work; for signal handlers and other threads.
    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The instruction set of its kernels.
    pub fn isa(&self) -> Isa {
        self.trainer.kernels().isa()
    }

    /// Whether no epoch is left.
    pub fn is_finished(&self) -> bool {
        self.header.epoch >= self.recipe.training.epochs
    }

    /// Epochs that are done, and steps of the next.
    pub fn position(&self) -> (usize, usize) {
        (self.header.epoch, self.header.tally.steps)
    }

    /// The model as it is.
    pub fn model(&self) -> &Model {
        &self.trainer.model
    }

    /// What the run was made with.
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Bytes that training holds at most, the data among them: an estimate, some tenths off.
    pub fn memory(&self) -> u64 {
        let splits = [Some(&*self.train), self.valid.as_ref(), Some(&self.test)];
        let data = splits
            .into_iter()
            .flatten()
            .map(|images| images.pixels().len() as u64);
        data.sum::<u64>() + self.trainer.memory(self.recipe.training.batch)
    }

    /// Shows what the first images of the training split find in the network.
    fn lint(&self, observer: &mut dyn FnMut(Event)) -> Result<(), Error> {
        let images = lint::IMAGES.min(self.recipe.training.batch);
        let pixels = &self.train.pixels()[..images * self.train.image_len()];
        let findings = self.trainer.lint(pixels.to_vec())?;
        findings
            .iter()
            .filter(|finding| finding.is_worth_a_word())
            .for_each(|finding| observer(Event::Found(finding)));
        Ok(())
    }

    /// Trains every epoch that is left, and evaluates the test images after the last.
    ///
    /// # Errors
    /// Divergence, and files that cannot be written; what was written before stays.
    pub fn train(&mut self, observer: &mut dyn FnMut(Event)) -> Result<Ended, Error> {
        let mut last = None;
        if !self.is_finished() {
            self.lint(observer)?;
        }
        while !self.is_finished() {
            let is_whole = self.steps(observer)?;
            let metrics = match is_whole {
                true => self.measure(observer)?,
                false => None,
            };
            let Some(metrics) = metrics else {
                self.save()?;
                return Ok(Ended::Stopped);
            };
            self.close(&metrics)?;
            observer(Event::Line(&metrics));
            if !self.is_finished() {
                self.lint(observer)?;
            }
            last = Some(metrics);
        }
        if self.stamp.result.is_none() {
            self.stamp.result = Some(Outcome {
                epochs: self.header.epoch,
                steps: self.header.step,
                weights_hash: checkpoint::hash(&mut self.trainer.model),
            });
            self.write_stamp()?;
        }
        Ok(Ended::Finished(last))
    }

    /// The steps that are left of an epoch; whether none is any more.
    fn steps(&mut self, observer: &mut dyn FnMut(Event)) -> Result<bool, Error> {
        let (epoch, first) = self.position();
        observer(Event::Epoch {
            epoch: epoch + 1,
            images: self.train.len(),
            done: self.header.tally.score.images,
        });
        let order = self.recipe.order();
        let batches = Batches::resume(Arc::clone(&self.train), order, epoch as u64, first)?;
        let epoch_steps = first + batches.len();
        let mut start = Instant::now();
        for batch in batches {
            let rate = self.trainer.rate(epoch_steps);
            let (score, flips) = self.trainer.step(batch, rate)?;
            let tally = &mut self.header.tally;
            tally.add(score, flips, rate, start.elapsed().as_secs_f64());
            self.header.step = self.trainer.optimizer.steps;
            self.header.first_loss = self.trainer.first_loss();
            observer(Event::Step {
                score: &self.header.tally.score,
            });
            let is_last = self.header.tally.steps == epoch_steps;
            if self.is_stopped() {
                return Ok(is_last);
            }
            if !is_last && self.is_due() {
                self.save()?;
            }
            start = Instant::now();
        }
        self.trainer.check()?;
        Ok(true)
    }

    fn is_due(&self) -> bool {
        let pause = match self.every.is_zero() {
            true => Duration::ZERO,
            false => self.every.max(CHECKPOINT_SHARE * self.cost),
        };
        self.saved.elapsed() >= pause
    }

    /// Writes the checkpoint.
    fn save(&mut self) -> Result<(), Error> {
        let start = Instant::now();
        self.save_as(CHECKPOINT)?;
        self.saved = Instant::now();
        self.cost = self.saved - start;
        Ok(())
    }

    fn save_as(&mut self, name: &str) -> Result<(), Error> {
        // The last good checkpoint is not replaced by a bad one.
        self.trainer.check()?;
        let path = self.directory.join(name);
        let Trainer {
            model, optimizer, ..
        } = &mut self.trainer;
        checkpoint::save(&path, &self.header, model, optimizer)
    }

    /// Ends an epoch: keeps its state if it is the best, and writes its line.
    fn close(&mut self, metrics: &EpochMetrics) -> Result<(), Error> {
        self.header.epoch = metrics.epoch;
        self.header.tally = Tally::default();
        let before = self.header.best;
        if let Some(best) = metrics
            .best()
            .filter(|best| before.is_none_or(|before| best.beats(&before)))
        {
            self.header.best = Some(best);
            self.save_as(BEST)?;
        }
        // Where the line is there and the checkpoint is not, the line is taken back.
        history::append(&self.directory.join(METRICS), metrics)?;
        if self.is_finished() || self.is_due() {
            self.save()?;
        }
        Ok(())
    }
}
