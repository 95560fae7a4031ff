//! `orthant eval`: the accuracy of a trained network.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{Evaluator, Trained};
use serde_json::json;

use crate::answer::Answer;
use crate::images::{self, Options, Split};
use crate::machine;
use crate::output::{note, output};
use crate::subject;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The run's directory, or a checkpoint in it: RUN/best.safetensors.
    run: PathBuf,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "Examples:
  orthant eval runs/binarynet-digits
  orthant eval runs/fast-cifar10/best.safetensors
  orthant eval runs/fast-cifar10 --data cifar10:PATH --json

Evaluation has one arithmetic: the same numbers on every machine, at any number of threads.";

/// What will be evaluated.
pub struct Plan {
    trained: Trained,
    source: Source,
    split: Split,
    kernels: Kernels,
    threads: usize,
    json: bool,
}

impl Plan {
    /// Reads the run.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let trained = subject::run(&arguments.run)?;
        let own = &trained.recipe.data.source;
        let options = arguments.options;
        Ok(Self {
            source: images::source(options.data.as_deref(), Some(own))?,
            trained,
            split: options.split,
            kernels: machine::kernels()?,
            threads: machine::threads(options.threads)?,
            json: options.json,
        })
    }
}

/// Evaluates.
pub fn run(plan: Plan) -> Result<Answer> {
    let data = Dataset::open(&plan.source)?;
    let (hash, header) = (data.hash(), &plan.trained.header);
    if hash != header.data_hash {
        note("warning: the data are not the ones that the run was trained on");
    }
    let (name, images) = (plan.split.name(), plan.split.of(&data));
    let bar = ProgressBar::new(images.len() as u64);
    let loss = plan.trained.recipe.training.loss.into();
    let score = machine::pool(plan.threads)?.install(|| {
        let evaluator = Evaluator::new(plan.kernels, &plan.trained.model)?;
        evaluator.score(images, loss, &mut |done| {
            bar.set_position(done as u64);
            ControlFlow::Continue(())
        })
    })?;
    let score = score.expect("nobody breaks off");
    bar.finish_and_clear();
    let mut out = output();
    if plan.json {
        let report = json!({
            "split": name,
            "images": score.images,
            "correct": score.correct,
            "accuracy": score.accuracy(),
            "loss": score.mean_loss(),
            "epoch": header.epoch,
            "data_hash": hash,
        });
        writeln!(out, "{report:#}")?;
    } else {
        writeln!(
            out,
            "{name} accuracy {:.2} % ({} of {} images), loss {:.4}, after {} epoch(s)",
            100.0 * score.accuracy(),
            score.correct,
            score.images,
            score.mean_loss(),
            header.epoch
        )?;
    }
    Ok(Answer::Yes)
}
