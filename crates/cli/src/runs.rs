//! `orthant runs`: the runs in a directory, side by side.

mod listed;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use orthant_train::{RECIPE, STAMP};
use serde_json::json;

use crate::answer::Answer;
use crate::curves;
use crate::output::{note, output};
use crate::table::table;
use listed::Listed;

/// Directories are looked into so deep.
const DEPTH: usize = 4;

/// Settings that differ have a column each, up to so many.
const COLUMNS: usize = 6;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A directory with runs in it, or runs themselves.
    #[arg(default_value = "runs")]
    directories: Vec<PathBuf>,
    /// Draw the losses and accuracies of all, as SVG; a file that exists is not replaced.
    #[arg(long, value_name = "FILE")]
    curves: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant runs
  orthant runs runs/seed-1 runs/seed-2 --curves seeds.svg
  orthant runs experiments --json

Below the list stand the settings in which the runs differ.";

/// What will be listed.
pub struct Plan {
    runs: Vec<PathBuf>,
    curves: Option<PathBuf>,
    json: bool,
}

impl Plan {
    /// Looks for runs.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let mut runs = Vec::new();
        for directory in &arguments.directories {
            let before = runs.len();
            let found = find(directory, DEPTH, &mut runs);
            found.with_context(|| format!("cannot look into {}", directory.display()))?;
            if runs.len() == before {
                bail!(
                    "{} holds no run; `orthant train` makes one",
                    directory.display()
                );
            }
        }
        if let Some(path) = arguments.curves.as_ref().filter(|path| path.exists()) {
            bail!("{} exists; name another file", path.display());
        }
        Ok(Self {
            runs,
            curves: arguments.curves,
            json: arguments.json,
        })
    }
}

/// Collects the runs in a directory, in the order of their names.
fn find(directory: &Path, depth: usize, runs: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let entries = fs::read_dir(directory)?;
    if is_run(directory) {
        runs.push(directory.to_owned());
        return Ok(());
    }
    let names: BTreeSet<_> = entries.flatten().map(|entry| entry.path()).collect();
    for path in names {
        // A link may lead round in a circle.
        let is_link = path.is_symlink();
        if is_link && is_run(&path) {
            runs.push(path);
        } else if depth > 0 && !is_link && path.is_dir() {
            // What may not be looked into holds no run of this user's.
            let _ = find(&path, depth - 1, runs);
        }
    }
    Ok(())
}

fn is_run(directory: &Path) -> bool {
    [RECIPE, STAMP]
        .iter()
        .all(|name| directory.join(name).is_file())
}

/// Lists.
pub fn run(plan: Plan) -> Result<Answer> {
    let mut runs = Vec::new();
    for path in &plan.runs {
        match Listed::read(path) {
            Ok(listed) => runs.push(listed),
            Err(error) => note(format_args!("warning: {error:#}")),
        }
    }
    if runs.is_empty() {
        bail!("none of the runs can be read");
    }
    let differing = differing(&runs);
    if let Some(path) = &plan.curves {
        let lines: Vec<_> = runs
            .iter()
            .map(|run| (run.name.clone(), &run.summary.metrics[..]))
            .collect();
        let svg = curves::of_runs("Runs", &lines);
        orthant_train::file::create(path, "write the curves", |part| fs::write(part, &svg))?;
    }
    let mut out = output();
    if plan.json {
        let runs: Vec<_> = runs.iter().map(|run| run.json(&differing)).collect();
        writeln!(out, "{:#}", json!({ "runs": runs }))?;
    } else {
        writeln!(out, "{}", text(&runs, &differing))?;
    }
    Ok(Answer::Yes)
}

/// The settings in which runs differ, but for where their data lie.
fn differing(runs: &[Listed]) -> BTreeSet<String> {
    let mut values: BTreeMap<&String, BTreeSet<Option<&String>>> = BTreeMap::new();
    let keys: BTreeSet<_> = runs.iter().flat_map(|run| run.settings.keys()).collect();
    for key in keys {
        let of = runs.iter().map(|run| run.settings.get(key));
        values.insert(key, of.collect());
    }
    let differ = values.into_iter().filter(|(_, values)| values.len() > 1);
    differ.map(|(key, _)| key.clone()).collect()
}

fn text(runs: &[Listed], differing: &BTreeSet<String>) -> String {
    let rows = runs.iter().map(Listed::row).collect();
    let mut text = table(&Listed::HEADER, |column| column > 1, rows);
    if differing.is_empty() {
        return text;
    }
    let shown: Vec<_> = differing.iter().take(COLUMNS).collect();
    let mut header = vec!["run".to_owned()];
    header.extend(shown.iter().map(|key| (*key).clone()));
    let rows = runs.iter().map(|run| {
        let values = shown.iter().map(|key| {
            run.settings
                .get(*key)
                .map_or("-", String::as_str)
                .to_owned()
        });
        std::iter::once(run.name.clone()).chain(values).collect()
    });
    text += "\n\nSettings that differ\n\n";
    text += &table(&header, |column| column > 0, rows.collect());
    if let left @ 1.. = differing.len() - shown.len() {
        text += &format!("\nand {left} more: --json has them all");
    }
    text
}
