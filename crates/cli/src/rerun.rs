//! `orthant rerun`: a run made again from what its directory says, and compared.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_train::{Changes, EpochMetrics, Run, Summary, Trained, has_checkpoint};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::output::output;
use crate::{machine, train};

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The run's directory.
    run: PathBuf,
    /// Compare the weights and every epoch with the run's, and say whether the bits agree.
    #[arg(long)]
    check: bool,
    /// The new run's directory; one that was interrupted goes on [default: RUN-again, which is
    /// removed where the bits agree].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads [default: as many as the machine has]; they change no result.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Print each epoch, and at the end the comparison, as lines of JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant rerun runs/binarynet-digits --check
  orthant rerun runs/binarynet-digits --out runs/again --threads 1

The same seed gives the same bits on one kind of processor, at any number of threads. With --check,
exit code 0 says that they agree and 1 that they do not.";

/// What will be made again.
pub struct Plan {
    summary: Summary,
    source: Source,
    out: PathBuf,
    /// Whether the new run is of use once it agrees.
    keeps: bool,
    check: bool,
    kernels: Kernels,
    threads: usize,
    json: bool,
}

impl Plan {
    /// Reads the run.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let run = arguments.run;
        let summary = Summary::read(&run)?;
        if arguments.check && summary.stamp.result.is_none() {
            bail!(
                "{run} is not finished, so there are no weights to compare with; go on with: orthant \
                 train {run} --resume",
                run = run.display()
            );
        }
        if let [forced, ..] = &summary.stamp.forced[..] {
            bail!(
                "{} was changed by --force ({forced}), so its recipe alone does not make it again",
                run.display()
            );
        }
        if summary.recipe.hash() != summary.stamp.recipe_hash {
            bail!(
                "{}/recipe.toml is not the one that the run was trained with; it was edited",
                run.display()
            );
        }
        if arguments.check {
            let found = Trained::read(&run)?.weights_hash();
            if Some(found.as_str()) != summary.stamp.weights_hash() {
                bail!(
                    "the weights of {} are not the ones that it ended with: their hash is {found}",
                    run.display()
                );
            }
        }
        let keeps = arguments.out.is_some() || !arguments.check;
        let out = match arguments.out {
            Some(out) => out,
            None => beside(&run)?,
        };
        if has_checkpoint(&out)? && Summary::read(&out)?.stamp.result.is_some() {
            bail!(
                "{} is a finished run, expected a new one or one that was interrupted; remove it, or \
                 name another with --out",
                out.display()
            );
        }
        Ok(Self {
            source: summary.recipe.data.source.parse().context("the data")?,
            out,
            keeps,
            check: arguments.check,
            kernels: machine::kernels()?,
            threads: machine::threads(arguments.threads)?,
            json: arguments.json,
            summary,
        })
    }
}

/// `RUN-again`.
fn beside(run: &Path) -> Result<PathBuf> {
    // By its own name, where it was called `.`.
    let run = match run.file_name() {
        Some(_) => run.to_owned(),
        None => run.canonicalize()?,
    };
    let mut name = run.file_name().unwrap_or_default().to_owned();
    name.push("-again");
    Ok(run.with_file_name(name))
}

/// Trains, and compares.
pub fn run(plan: Plan) -> Result<Answer> {
    let data = Dataset::open(&plan.source)?;
    let (found, expected) = (data.hash(), &plan.summary.stamp.data_hash);
    if found != *expected {
        bail!(
            "the data of {} have the hash {found}, the run's {expected}: they are not the ones that \
             it was trained on",
            plan.source
        );
    }
    let recipe = plan.summary.recipe.clone();
    let is_new = !plan.out.exists();
    let answer = machine::pool(plan.threads)?.install(|| {
        let run = match has_checkpoint(&plan.out)? {
            true => Run::resume(&plan.out, recipe, data, plan.kernels, Changes::Refused)?,
            false => Run::create(&plan.out, recipe, data, plan.kernels)?,
        };
        train::go(run, &plan.out, plan.threads, plan.json, "the same command")
    })?;
    if answer != Answer::Yes || !plan.check {
        return Ok(answer);
    }
    let again = Summary::read(&plan.out)?;
    let differences = differences(&plan.summary, &again);
    report(&plan, &again, &differences)?;
    if !differences.is_empty() {
        return Ok(Answer::No);
    }
    if !plan.keeps && is_new {
        let removed = fs::remove_dir_all(&plan.out);
        removed.with_context(|| format!("cannot remove {}", plan.out.display()))?;
    }
    Ok(Answer::Yes)
}

/// What differs between a run and itself, the first epoch first.
fn differences(run: &Summary, again: &Summary) -> Vec<String> {
    let mut differences = Vec::new();
    let lines = run.metrics.iter().zip(&again.metrics);
    let first = lines.filter_map(|(a, b)| Some((a.epoch, difference(a, b)?)));
    differences.extend(
        first
            .map(|(epoch, what)| format!("epoch {epoch} is the first that differs: {what}"))
            .next(),
    );
    if run.metrics.len() != again.metrics.len() {
        let lens = [run.metrics.len(), again.metrics.len()];
        differences.push(format!("it had {} epochs, now {}", lens[0], lens[1]));
    }
    if run.stamp.weights_hash() != again.stamp.weights_hash() {
        differences.push("the weights differ".to_owned());
    }
    differences
}

/// The first number in which two lines differ; how long they took is none.
fn difference(a: &EpochMetrics, b: &EpochMetrics) -> Option<String> {
    let keys = |line: &EpochMetrics| -> Vec<(String, Value)> {
        let Ok(Value::Object(map)) = serde_json::to_value(line) else {
            unreachable!("metrics are an object");
        };
        let timeless =
            |(key, _): &(String, Value)| !["seconds", "images_per_second"].contains(&key.as_str());
        map.into_iter().filter(timeless).collect()
    };
    let (a, b) = (keys(a), keys(b));
    let at = (0..a.len().max(b.len())).find(|at| a.get(*at) != b.get(*at))?;
    let say = |keys: &[(String, Value)]| match keys.get(at) {
        Some((key, value)) => format!("{key} {value}"),
        None => "nothing".to_owned(),
    };
    Some(format!("{} then, {} now", say(&a), say(&b)))
}

fn report(plan: &Plan, again: &Summary, differences: &[String]) -> Result<()> {
    let sitting = |summary: &Summary| summary.stamp.sittings.last().cloned();
    let [then, now] = [sitting(&plan.summary), sitting(again)];
    let mut out = output();
    if plan.json {
        let report = json!({
            "agrees": differences.is_empty(),
            "differences": differences,
            "weights_hash": [plan.summary.stamp.weights_hash(), again.stamp.weights_hash()],
            "sittings": [then, now],
        });
        writeln!(out, "{report}")?;
        return Ok(());
    }
    if differences.is_empty() {
        writeln!(
            out,
            "the bits agree: {} epoch(s), weights {}",
            again.metrics.len(),
            again.stamp.weights_hash().unwrap_or_default()
        )?;
        return Ok(());
    }
    writeln!(out, "the bits differ: {}", differences.join("; "))?;
    if let (Some(then), Some(now)) = (then, now) {
        let say = |sitting: &orthant_train::Sitting| {
            let processor = sitting.machine.processor.as_deref();
            let processor = processor.unwrap_or("an unknown processor");
            format!(
                "version {} with {} on {processor}",
                sitting.version, sitting.isa
            )
        };
        let [then, now] = [say(&then), say(&now)];
        writeln!(
            out,
            "it was trained by {then}, now by {now}; float products are equal on one kind of \
             processor alone"
        )?;
    }
    Ok(())
}
