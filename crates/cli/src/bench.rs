//! `orthant bench`: speed, measured against the machine's own limits.

mod case;
mod float;
mod kernels;
mod report;
mod slices;

use clap::Subcommand;

/// What is measured.
#[derive(Subcommand)]
pub enum Command {
    /// The kernels, layer by layer, beside float32 and the limit of the instruction set.
    Kernels(kernels::Arguments),
}

/// Runs a bench.
pub fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Kernels(arguments) => {
            let plan = kernels::Plan::new(&arguments)?;
            kernels::run(&plan)
        }
    }
}
