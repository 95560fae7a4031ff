//! `orthant train`: a recipe, trained on data, into a run directory.

mod log;
mod watch;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{BuiltIn, Changes, Ended, RECIPE, Recipe, Run, has_checkpoint, read_recipe};

use crate::answer::Answer;
use crate::machine;
use crate::output::{note, output};
use crate::signals::Signals;
use log::Log;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Arguments {
    /// A built-in recipe's name, or the path of a TOML file; with --resume also of a run.
    recipe: PathBuf,
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
    /// Go on with the run in the directory; where there is none yet, start it.
    #[arg(long)]
    resume: bool,
    /// Go on even if the recipe or the data are not the run's.
    #[arg(long, requires = "resume")]
    force: bool,
    /// Seconds between checkpoints; 0 writes one after every step.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    checkpoint_every: f64,
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
  orthant train fast-cifar10 --data cifar10:PATH --set width=0.25 --epochs 20
  orthant train binarynet-digits --set training.schedule.peak=0.01 --out runs/peak
  orthant train runs/peak --resume

Ctrl-C, SIGTERM or a terminal that closes ends a run after its step, with a checkpoint; a second one
ends it at once. --resume goes on to the bits of a run that was never interrupted.

A run directory holds recipe.toml, run.json, metrics.jsonl, checkpoint.safetensors and, where there
are validation images, best.safetensors."
    )
}

/// What will be trained.
pub struct Plan {
    recipe: Recipe,
    out: PathBuf,
    /// How a run goes on; `None` where it is a new one.
    resume: Option<Changes>,
    every: Duration,
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
        let name = arguments.recipe;
        let text = name.to_string_lossy();
        // A directory of the same name does not hide a recipe, but a run that is to go on.
        let is_run = name.is_dir() && (arguments.resume || BuiltIn::named(&text).is_none());
        let (mut recipe, out) = match is_run {
            true if !arguments.resume => bail!(
                "{} is a directory, expected a recipe; --resume goes on with the run that it holds",
                name.display()
            ),
            true if arguments.out.is_some() => {
                bail!("a run goes on where it is, expected no --out beside its directory")
            }
            true => (run_recipe(&name, &settings)?, name.clone()),
            false => {
                let recipe = Recipe::find(&text, &settings)?;
                let stem = name.file_stem().unwrap_or(name.as_os_str());
                let own = PathBuf::from("runs").join(stem);
                (recipe, arguments.out.unwrap_or(own))
            }
        };
        let goes_on = arguments.resume && has_checkpoint(&out)?;
        if let Some(data) = arguments.data {
            // Absolute, so that the run can be evaluated from anywhere.
            let source: Source = data.parse().context("the data")?;
            recipe.data.source = source.absolute().context("the data")?.to_string();
        } else if goes_on {
            // A recipe need not say where the run found its data.
            recipe.data.source = read_recipe(&out)?.data.source;
        }
        let changes = match arguments.force {
            true => Changes::Forced,
            false => Changes::Refused,
        };
        let every = Duration::try_from_secs_f64(arguments.checkpoint_every);
        Ok(Self {
            recipe,
            resume: goes_on.then_some(changes),
            every: every.context("--checkpoint-every")?,
            out,
            kernels: machine::kernels()?,
            threads: machine::threads(arguments.threads)?,
            json: arguments.json,
            show: arguments.show,
        })
    }

    /// Makes the run, or takes up the one that is there.
    fn open(&self, data: Dataset) -> Result<Run> {
        let recipe = self.recipe.clone();
        let mut run = match self.resume {
            None => Run::create(&self.out, recipe, data, self.kernels)?,
            Some(changes) => Run::resume(&self.out, recipe, data, self.kernels, changes)?,
        };
        run.checkpoint_every(self.every);
        Ok(run)
    }
}

/// The recipe of a run, changed by settings.
fn run_recipe(directory: &Path, settings: &[String]) -> Result<Recipe> {
    read_recipe(directory)?;
    Ok(Recipe::read(&directory.join(RECIPE), settings)?)
}

/// Trains.
pub fn run(plan: Plan) -> Result<Answer> {
    if plan.show {
        write!(output(), "{}", plan.recipe.to_toml())?;
        return Ok(Answer::Yes);
    }
    if cfg!(debug_assertions) {
        note("warning: this is a debug build; it is many times slower, use --release");
    }
    let source: Source = plan.recipe.data.source.parse().context("the data")?;
    machine::pool(plan.threads)?.install(|| {
        let data = Dataset::open(&source)?;
        let run = plan.open(data)?;
        let go_on = format!("orthant train {} --resume", quoted(&plan.out));
        go(run, &plan.out, plan.threads, plan.json, &go_on)
    })
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:".contains(c);
    match path.chars().all(is_plain) {
        true => path.into_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

/// Trains a run in the directory `out` to its end, or to a signal, after which the command `go_on`
/// goes on.
pub fn go(mut run: Run, out: &Path, threads: usize, json: bool, go_on: &str) -> Result<Answer> {
    let signals = Signals::watch(run.stop_flag())?;
    let mut log = Log::new(json);
    log.start(&run, out, threads);
    let ended = run.train(&mut |event| log.event(event, &signals));
    log.end(&run, ended.as_ref().ok(), out, go_on);
    match ended? {
        Ended::Finished(_) => Ok(Answer::Yes),
        Ended::Stopped => Ok(Answer::Stopped(signals.exit_code())),
    }
}
