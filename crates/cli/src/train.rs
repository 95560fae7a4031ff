//! `orthant train`: a recipe, trained on data, into a run directory.

mod log;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{BuiltIn, Recipe, Run};

use crate::answer::Answer;
use crate::machine;
use crate::output::output;
use log::Log;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Arguments {
    /// A built-in recipe's name, or the path of a TOML file.
    recipe: String,
    /// The data set: digits, cifar10:PATH, cifar100:PATH, fashion-mnist[:DIR], mnist:DIR,
    /// folder:PATH or parquet:DIR.
    #[arg(long, value_name = "SPEC")]
    data: Option<String>,
    /// The run's directory, new or empty [default: runs/RECIPE].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Epochs; 0 writes the initial weights.
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Seed of every random number, below 2^63, which is what TOML holds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..1 << 63))]
    seed: Option<u64>,
    /// Threads [default: as many as the machine has]; they change no result.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Change a key of the recipe.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Print each epoch as a line of JSON.
    #[arg(long)]
    json: bool,
    /// Print the recipe as it would be trained, and train nothing.
    #[arg(long)]
    show: bool,
}

fn after_help() -> String {
    let recipes = BuiltIn::ALL
        .map(|recipe| format!("  {}\n", recipe.name))
        .concat();
    format!(
        "Recipes:
{recipes}
Examples:
  orthant train binarynet-digits
  orthant train fast-cifar10 --data cifar10:DIR --set width=0.25 --epochs 20
  orthant train binarynet-digits --set training.schedule.peak=0.01 --out runs/peak

A run directory holds recipe.toml, run.json, metrics.jsonl and checkpoint.safetensors."
    )
}

/// What will be trained.
pub struct Plan {
    recipe: Recipe,
    out: PathBuf,
    kernels: Kernels,
    threads: usize,
    json: bool,
    show: bool,
}

impl Plan {
    /// Reads the recipe and joins what was typed to it.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let mut settings = arguments.set;
        settings.extend(
            arguments
                .epochs
                .map(|epochs| format!("training.epochs={epochs}")),
        );
        settings.extend(arguments.seed.map(|seed| format!("training.seed={seed}")));
        let mut recipe = Recipe::find(&arguments.recipe, &settings)?;
        if let Some(data) = arguments.data {
            // Absolute, so that the run can be evaluated from anywhere.
            let source: Source = data.parse().context("the data")?;
            recipe.data.source = source.absolute().context("the data")?.to_string();
        }
        let name = PathBuf::from(&arguments.recipe);
        let name = name.file_stem().unwrap_or(name.as_os_str());
        Ok(Self {
            out: arguments
                .out
                .unwrap_or_else(|| PathBuf::from("runs").join(name)),
            kernels: machine::kernels()?,
            threads: machine::threads(arguments.threads)?,
            json: arguments.json,
            show: arguments.show,
            recipe,
        })
    }
}

/// Trains.
pub fn run(plan: Plan) -> Result<Answer> {
    if plan.show {
        write!(output(), "{}", plan.recipe.to_toml())?;
        return Ok(Answer::Yes);
    }
    if cfg!(debug_assertions) {
        eprintln!("warning: this is a debug build; it is many times slower, use --release");
    }
    let source: Source = plan.recipe.data.source.parse().context("the data")?;
    let epochs = plan.recipe.training.epochs;
    machine::pool(plan.threads)?.install(|| {
        let data = Dataset::open(&source)?;
        let mut run = Run::create(&plan.out, plan.recipe, data, plan.kernels)?;
        let mut log = Log::new(epochs, plan.json);
        log.start(run.model(), plan.threads, plan.kernels);
        if epochs == 0 {
            eprintln!("warning: 0 epochs; the run holds the initial weights");
        }
        let last = run.train(&mut |event| log.event(event))?;
        log.end(last.as_ref(), &plan.out);
        Ok(Answer::Yes)
    })
}
