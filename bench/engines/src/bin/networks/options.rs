//! The command line.

use std::error::Error;

use orthant_engines::{ENTRIES, Entry};

pub const HELP: &str = "\
Times the CIFAR-10 network in every engine that is built in, on one thread.

Usage: networks [OPTIONS] [ENGINE]...

Arguments:
  [ENGINE]...      time the engines whose name contains one of these; all without any

Options:
      --batch <N>  images per call; 1 and then 64 without it
      --rounds <N> slices per engine [default: 15]
      --json       print JSON
  -h, --help       print this

Exit codes: 0 done, 1 an engine computes another network or on several threads, 2 error.";

/// What to time, and how often.
pub struct Options {
    /// Engines in the order of the table.
    pub engines: Vec<&'static Entry>,
    /// Images per call.
    pub batches: Vec<usize>,
    /// Slices per engine.
    pub rounds: usize,
    /// Whether to print JSON instead of the table.
    pub json: bool,
}

impl Options {
    /// Reads what follows the program's name.
    pub fn parse(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let (mut names, mut batches, mut rounds, mut json) = (Vec::new(), vec![1, 64], 15, false);
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--json" => json = true,
                "--batch" => batches = vec![number("--batch", arguments.next())?],
                "--rounds" => rounds = number("--rounds", arguments.next())?,
                option if option.starts_with('-') => {
                    return Err(format!("no option is called {option:?}; try --help").into());
                }
                name => names.push(name),
            }
        }
        Ok(Self {
            engines: chosen(&names)?,
            batches,
            rounds,
            json,
        })
    }
}

/// A number of at least one.
fn number(option: &str, value: Option<&String>) -> Result<usize, String> {
    let number = value.and_then(|value| value.parse().ok());
    let found = || match value {
        Some(value) => format!("{value:?}"),
        None => "nothing".to_owned(),
    };
    let error = || format!("{option} takes a number from 1, found {}", found());
    number.filter(|&number| number > 0).ok_or_else(error)
}

/// The engines whose name contains one of `names`; all without any.
fn chosen(names: &[&str]) -> Result<Vec<&'static Entry>, String> {
    if ENTRIES.is_empty() {
        return Err("no engine is built in; build with --features peers".to_owned());
    }
    let is_called = |entry: &Entry, name: &str| entry.name.contains(name);
    if let Some(unknown) = names
        .iter()
        .find(|n| !ENTRIES.iter().any(|e| is_called(e, n)))
    {
        return Err(format!("no engine is called {unknown:?}"));
    }
    let is_chosen = |entry: &&Entry| names.is_empty() || names.iter().any(|n| is_called(entry, n));
    Ok(ENTRIES.iter().filter(is_chosen).collect())
}
