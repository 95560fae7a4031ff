//! `orthant pack`: a run to a model file.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use orthant_model::{Part, ReadoutKind};
use orthant_train::{Trained, file};
use serde_json::json;

use crate::answer::Answer;
use crate::output::output;
use crate::{machine, subject};

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The run's directory, or a checkpoint in it.
    run: PathBuf,
    /// The model file [default: model.orth in the run].
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant pack runs/binarynet-digits -o digits.orth
  orthant pack runs/fast-cifar10 --force --json

The file holds weights at one or two bits, and one integer comparison per channel where batch norm
and sign were; docs/format.md describes it. `orthant verify` compares it with the run.";

/// What will be packed.
pub struct Plan {
    trained: Trained,
    out: PathBuf,
    replaces: bool,
    json: bool,
}

impl Plan {
    /// Reads the run and looks whether the file may be written.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let trained = subject::run(&arguments.run)?;
        let out = arguments
            .out
            .unwrap_or_else(|| subject::beside(&arguments.run));
        let there = out.symlink_metadata().ok();
        if out.is_dir() {
            bail!("{} is a directory, expected a file's name", out.display());
        }
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            bail!("{} is no regular file, expected one", out.display());
        }
        if there.is_some() && !arguments.force {
            bail!("{} exists; --force replaces it", out.display());
        }
        Ok(Self {
            trained,
            out,
            replaces: arguments.force,
            json: arguments.json,
        })
    }
}

/// Packs.
pub fn run(plan: Plan) -> Result<Answer> {
    let packed = plan.trained.pack(machine::kernels()?)?;
    let bytes = packed.to_bytes()?;
    let write = |part: &Path| std::fs::write(part, &bytes);
    match plan.replaces {
        true => file::replace(&plan.out, "write the model", write)?,
        false => file::create(&plan.out, "write the model", write)?,
    }
    let weights: usize = packed.plans().iter().map(|layer| layer.weights()).sum();
    let parts = packed.parts()?;
    let stored = |is: fn(&Part) -> bool| {
        let parts = parts.iter().filter(|(part, _)| is(part));
        parts.map(|(_, len)| len).sum::<usize>()
    };
    let weight_bytes = stored(|part| matches!(part, Part::Weights(_)));
    let readout_bytes = stored(|part| matches!(part, Part::Readout(_)));
    let layers = packed.layers().iter();
    let folded = layers.filter(|layer| {
        let kind = layer.readout.kind();
        matches!(kind, ReadoutKind::Bits | ReadoutKind::Ternary)
    });
    let folded = folded.count();
    let mut out = output();
    if plan.json {
        let report = json!({
            "file": plan.out.display().to_string(),
            "bytes": bytes.len(),
            "weights": weights,
            "weight_bytes": weight_bytes,
            "readout_bytes": readout_bytes,
            "float32_bytes": 4 * weights,
            "layers": packed.layers().len(),
            "folded_layers": folded,
            "epoch": plan.trained.header.epoch,
        });
        writeln!(out, "{report:#}")?;
    } else {
        writeln!(
            out,
            "{}: {} bytes, {weights} weights in {weight_bytes}, {} as float32; {folded} of {} \
             layers folded to integer comparisons",
            plan.out.display(),
            bytes.len(),
            4 * weights,
            packed.layers().len()
        )?;
    }
    Ok(Answer::Yes)
}
