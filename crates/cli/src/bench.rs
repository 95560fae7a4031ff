//! `orthant bench`: speed, measured against the machine's own limits.

mod case;
mod float;
mod kernels;
mod model;
mod report;
mod slices;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::answer::Answer;

pub use model::Latency;

/// Arguments as typed: a word for what is measured, or a model.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    model: Option<model::Arguments>,
}

/// What else is measured.
#[derive(Subcommand)]
enum What {
    /// The kernels, layer by layer, beside float32 and the limit of the instruction set.
    Kernels(kernels::Arguments),
}

/// Runs a bench.
pub fn run(arguments: Arguments) -> Result<Answer> {
    match (arguments.what, arguments.model) {
        (Some(What::Kernels(arguments)), _) => kernels::run(&kernels::Plan::new(&arguments)?)?,
        (None, Some(arguments)) => model::run(&model::Plan::new(arguments)?)?,
        (None, None) => unreachable!("a model is asked for where there is no word"),
    }
    Ok(Answer::Yes)
}
