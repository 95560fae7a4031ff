//! `orthant inspect`: what a network costs, and what of it is truly 1-bit.

mod inspected;
mod json;
mod notes;
mod on_disk;
mod tables;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use orthant_model::Cost;
use orthant_train::BuiltIn;

use crate::answer::Answer;
use crate::output::output;

use inspected::Inspected;
use on_disk::OnDisk;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Arguments {
    /// A model file, or a run's directory.
    #[arg(required_unless_present = "network")]
    subject: Option<PathBuf>,
    /// Inspect a built-in network or recipe, or a TOML file of either, without any data.
    #[arg(long, value_name = "NAME", conflicts_with = "subject")]
    network: Option<String>,
    /// Change a key of the network or recipe.
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "subject")]
    set: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn after_help() -> String {
    let names = |list: &[BuiltIn]| {
        let names = list.iter().map(|one| format!("  {}\n", one.name));
        names.collect::<String>()
    };
    format!(
        "Networks without data:
{}
Recipes:
{}
Examples:
  orthant inspect model.orth
  orthant inspect runs/binarynet-digits
  orthant inspect --network alexnet
  orthant inspect --network binarynet-cifar10 --set width=0.5 --json

Counts are of one image. A multiply-accumulate is two operations, but one in OPs, which are float
multiply-accumulates + 1-bit operations / 64. Every byte is read or written once: a lower bound.
Energy follows the 45 nm table of Horowitz (ISSCC 2014) and is good for ratios. \"As float32\" is
the same network with 32-bit weights and activations.

AlexNet's well-known 61 M parameters, 1.5 G operations and 30 k a pixel are rounded: 1.45 G are 28 k
for each of its 227 x 227 pixels, and 1.5 G over 224 x 224 are 30 k.",
        names(&BuiltIn::NETWORKS),
        names(&BuiltIn::ALL)
    )
}

/// What will be inspected.
pub struct Plan {
    subject: Inspected,
    json: bool,
}

impl Plan {
    /// Reads the subject.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let subject = match (arguments.subject, arguments.network) {
            (Some(path), _) => Inspected::read(path)?,
            (None, Some(name)) => Inspected::find(name, &arguments.set)?,
            (None, None) => {
                bail!("nothing to inspect, expected a model file, a run's directory or --network")
            }
        };
        Ok(Self {
            subject,
            json: arguments.json,
        })
    }
}

/// What an inspection found.
struct Report<'a> {
    subject: &'a Inspected,
    cost: Cost,
    on_disk: Option<OnDisk>,
    notes: Vec<String>,
}

/// Inspects.
pub fn run(plan: Plan) -> Result<Answer> {
    let network = plan.subject.network();
    let cost = network.cost()?;
    let on_disk = plan.subject.on_disk(&cost)?;
    let mut notes = notes::notes(network, &cost);
    notes.extend(on_disk.as_ref().map(|on_disk| on_disk.note.clone()));
    let report = Report {
        subject: &plan.subject,
        notes,
        cost,
        on_disk,
    };
    let text = match plan.json {
        true => format!("{:#}\n", json::json(&report)),
        false => tables::text(&report),
    };
    output().write_all(text.as_bytes())?;
    Ok(Answer::Yes)
}
