//! `orthant data`: data sets, looked at, fetched and converted.

mod convert;
mod fetch;
mod info;
mod list;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::answer::Answer;

/// Arguments as typed.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

/// What is done.
#[derive(Subcommand)]
enum What {
    /// Name the data sets that the program knows.
    List(list::Arguments),
    /// Say what a data set holds: classes, moments, images that occur twice.
    Info(info::Arguments),
    /// Download a published data set and check its SHA-256.
    Fetch(fetch::Arguments),
    /// Write a data set in another format.
    Convert(convert::Arguments),
}

/// Does it.
pub fn run(arguments: Arguments) -> Result<Answer> {
    match arguments.what {
        What::List(arguments) => list::run(list::Plan::new(&arguments))?,
        What::Info(arguments) => info::run(info::Plan::new(arguments)?)?,
        What::Fetch(arguments) => fetch::run(fetch::Plan::new(arguments)?)?,
        What::Convert(arguments) => convert::run(convert::Plan::new(&arguments)?)?,
    }
    Ok(Answer::Yes)
}
