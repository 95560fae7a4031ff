//! The `orthant` command.
//!
//! Exit codes: 0 done, 1 the answer is no (a check or threshold failed), 2 error; 128 and a signal's
//! number where one stopped the training.
#![forbid(unsafe_code)]

mod answer;
mod bench;
mod chapter;
mod compare;
mod curves;
mod data;
mod drawing;
mod eval;
mod figures;
mod folder;
mod geometry;
mod images;
mod inspect;
mod machine;
mod output;
mod pack;
mod predict;
mod progress;
mod reproduce;
mod rerun;
mod runs;
mod sheet;
mod signals;
mod subject;
mod table;
mod theory;
mod train;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::note;

/// Binary (±1) and ternary neural networks on ordinary CPUs.
#[derive(Parser)]
#[command(name = "orthant", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What every command's exit code means.
const EXIT_CODES: &str = "Exit codes: 0 done, 1 the answer is no, 2 error; training that a signal stopped ends with 128 and the
signal's number: 130 after Ctrl-C.

Environment: ORTHANT_ISA forces an instruction set: scalar, neon, avx2, avx512bw or avx512.";

#[derive(Subcommand)]
enum Command {
    /// Train a network.
    Train(train::Arguments),
    /// List runs and compare them.
    Runs(runs::Arguments),
    /// Make a run again, and check whether the bits agree.
    Rerun(rerun::Arguments),
    /// Evaluate a trained network.
    Eval(eval::Arguments),
    /// Pack a run into a model file.
    Pack(pack::Arguments),
    /// Say what a network costs, and what of it is truly 1-bit.
    Inspect(inspect::Arguments),
    /// Check that a model computes what its run does, layer by layer.
    Verify(verify::VerifyArguments),
    /// Compare any two models or runs, layer by layer.
    Diff(verify::DiffArguments),
    /// Name, look at, fetch and convert data sets.
    Data(data::Arguments),
    /// Classify images.
    Predict(predict::Arguments),
    /// Measure the speed of a model, or of the kernels, on this machine.
    Bench(bench::Arguments),
    /// Train, analyse, pack, verify and measure: the paper in one command.
    Reproduce(reproduce::Arguments),
    /// Analyse a trained network, and write a report: why ±1 is enough.
    Geometry(geometry::Arguments),
    /// Draw random vectors, and hold their angles against theory.
    Theory(theory::Arguments),
}

/// Says nothing of panics at a damaged parquet file, which end as an error.
#[cfg(feature = "parquet")]
fn silence_parquet() {
    use std::{panic, thread};

    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(orthant_data::PARQUET_THREAD) {
            usual(info);
        }
    }));
}

fn main() -> ExitCode {
    #[cfg(feature = "parquet")]
    silence_parquet();
    let done = match Arguments::parse().command {
        Command::Train(arguments) => train::Plan::new(arguments).and_then(train::run),
        Command::Runs(arguments) => runs::Plan::new(arguments).and_then(runs::run),
        Command::Rerun(arguments) => rerun::Plan::new(arguments).and_then(rerun::run),
        Command::Eval(arguments) => eval::Plan::new(arguments).and_then(eval::run),
        Command::Pack(arguments) => pack::Plan::new(arguments).and_then(pack::run),
        Command::Inspect(arguments) => inspect::Plan::new(arguments).and_then(inspect::run),
        Command::Verify(arguments) => verify::Plan::verify(arguments).and_then(verify::run),
        Command::Diff(arguments) => verify::Plan::diff(arguments).and_then(verify::run),
        Command::Data(arguments) => data::run(arguments),
        Command::Predict(arguments) => predict::Plan::new(arguments).and_then(predict::run),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Reproduce(arguments) => reproduce::Plan::new(arguments).and_then(reproduce::run),
        Command::Geometry(arguments) => geometry::Plan::new(arguments).and_then(geometry::run),
        Command::Theory(arguments) => theory::Plan::new(arguments).and_then(theory::run),
    };
    match done {
        Ok(answer) => answer.into(),
        Err(error) => {
            note(format_args!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
