//! The CIFAR-10 network, whole, in every engine that is built in, on one thread.
#![forbid(unsafe_code)]

mod options;
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use orthant_engines::{
    CLASSES, Call, Engine, Entry, Images, Network, alternate, check, restart_with_one,
};

use options::{HELP, Options};
use report::Row;

/// The shortest slice.
const SLICE: Duration = Duration::from_millis(50);
/// Images that give the norms and that plain loops compute too.
const FITTED: usize = 4;
/// How much more processor time than wall time one thread may seem to take.
const ONE_THREAD: f64 = 1.1;

/// Why a run ends early.
enum Failure {
    /// An engine computes another network, or on several threads.
    Unfit(String),
    /// Something else went wrong.
    Error(Box<dyn Error>),
}

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "-h" || a == "--help") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let (reason, code) = match run(&arguments) {
        Ok(code) => return code,
        Err(Failure::Unfit(reason)) => (reason, 1),
        Err(Failure::Error(error)) => (error.to_string(), 2),
    };
    eprintln!("networks: {reason}");
    ExitCode::from(code)
}

/// Times the chosen engines batch by batch and prints what came out.
fn run(arguments: &[String]) -> Result<ExitCode, Failure> {
    let options = Options::parse(arguments)?;
    if let Some(code) = restart_with_one()? {
        return Ok(code);
    }
    let mut rows = Vec::new();
    if !options.json {
        report::heading(options.rounds);
    }
    for &batch in &options.batches {
        let measured = measure(&options, batch)?;
        if !options.json {
            measured.iter().for_each(report::row);
        }
        rows.extend(measured);
    }
    if options.json {
        report::json(options.rounds, &rows);
    }
    Ok(ExitCode::SUCCESS)
}

/// A row per engine at one batch.
fn measure(options: &Options, batch: usize) -> Result<Vec<Row>, Failure> {
    let images = Images::random(batch.max(FITTED), 1);
    let mut engines = Vec::new();
    for entry in &options.engines {
        engines.push(loaded(entry, &images, batch)?);
    }
    let mut sides: Vec<Call<'_>> = Vec::new();
    for engine in &mut engines {
        sides.push(Box::new(|| engine.logits().map(drop)));
    }
    let times = alternate(options.rounds, SLICE, &mut sides)?;
    let rows = Row::all(&options.engines, batch, times);
    let found = "of processor time per wall time: expected one thread, found";
    match rows.iter().find(|row| row.cpu_per_wall > ONE_THREAD) {
        None => Ok(rows),
        Some(row) => Err(unfit(
            row.entry,
            &format!("{found} {:.2}", row.cpu_per_wall),
        )),
    }
}

/// An engine with the first `batch` of `images`, whose logits were compared with those of plain
/// loops where these have them.
fn loaded(entry: &Entry, images: &Images, batch: usize) -> Result<Box<dyn Engine>, Failure> {
    let few = images.first(FITTED);
    let network = Network::new(entry.precision.activation(), &few);
    let expected = network.logits(&images.first(FITTED.min(batch)));
    let mut engine = (entry.load)(&network, &images.first(batch))?;
    let mut found = engine.logits()?;
    if found.len() != batch * CLASSES {
        let (wanted, found) = (batch * CLASSES, found.len());
        return Err(unfit(
            entry,
            &format!("expected {wanted} logits, found {found}"),
        ));
    }
    found.truncate(expected.len());
    match check(entry.precision, &expected, &found) {
        Ok(()) => Ok(engine),
        Err(reason) => Err(unfit(entry, &reason)),
    }
}

fn unfit(entry: &Entry, reason: &str) -> Failure {
    Failure::Unfit(format!("{} {}: {reason}", entry.name, entry.precision))
}
