//! `orthant data convert`: a data set in another format.

use std::io::Write;

use anyhow::{Context, Result};
use clap::Args;
use orthant_data::{Dataset, Source, Target};
use serde_json::json;

use crate::figures::megabytes;
use crate::output::output;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The data set, as `orthant data list` writes its source.
    from: String,
    /// The format and a directory that is new or empty: folder:OUT, mnist:OUT or cifar10:OUT.
    to: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant data convert mnist:DIR folder:OUT
  orthant data convert digits mnist:OUT

folder:OUT holds PNGs, train/CLASS/NNNNN.png and test/CLASS/NNNNN.png, each numbered by its place in
the split; read back, their order is another one. mnist:OUT holds grey images of any one size in at
most 10 classes, without their names. cifar10:OUT holds images of 32 x 32 x 3 in at most 10 classes,
the training images spread over five files. What a format cannot hold is refused before anything is written; what reading it back does
not give is said.";

/// What will be written.
pub struct Plan {
    source: Source,
    target: Target,
    json: bool,
}

impl Plan {
    /// Checks both sides.
    pub fn new(arguments: &Arguments) -> Result<Self> {
        let source = arguments.from.parse().context("the data")?;
        let target: Target = arguments.to.parse()?;
        // Before the data are read, which may take a while.
        target.check_free()?;
        Ok(Self {
            source,
            target,
            json: arguments.json,
        })
    }
}

/// Reads and writes.
pub fn run(plan: Plan) -> Result<()> {
    let data = Dataset::open(&plan.source)?;
    let written = plan.target.write(&data)?;
    let mut out = output();
    if plan.json {
        let report = json!({
            "from": plan.source.to_string(),
            "to": plan.target.to_string(),
            "train": data.train().len(),
            "test": data.test().len(),
            "files": written.files,
            "bytes": written.bytes,
            "notes": written.notes,
        });
        writeln!(out, "{report:#}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{}: {} training and {} test images in {} files, {}",
        plan.target,
        data.train().len(),
        data.test().len(),
        written.files,
        megabytes(written.bytes)
    )?;
    for note in &written.notes {
        writeln!(out, "note: {note}")?;
    }
    Ok(())
}
