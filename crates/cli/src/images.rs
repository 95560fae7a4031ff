//! The images that a command looks at.

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use orthant_data::{Dataset, Images, Source};

/// Which images go through a network, and how; of every command that takes a data set.
#[derive(Debug, Args)]
pub struct Options {
    /// The data set [default: the run's own].
    #[arg(long, value_name = "SPEC")]
    pub data: Option<String>,
    /// Which images.
    #[arg(long, value_enum, default_value_t = Split::Test)]
    pub split: Split,
    /// Threads of an evaluation [default: as many as the machine has]; they change no result.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A split of the data; `train` holds the validation images as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Split {
    Train,
    Test,
}

impl Split {
    /// The name that `--split` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
        }
    }

    /// The images.
    pub fn of(self, data: &Dataset) -> &Images {
        match self {
            Self::Train => data.train(),
            Self::Test => data.test(),
        }
    }
}

/// The data asked for, else those of a run.
pub fn source(asked: Option<&str>, own: Option<&str>) -> Result<Source> {
    match asked.or(own) {
        Some(spec) => spec.parse().context("the data"),
        None => bail!("no --data, and no run that knows its own; for instance: --data digits"),
    }
}

/// `Ok` when images have the shape that a network takes.
pub fn check(images: &Images, network: [usize; 3]) -> Result<()> {
    match images.shape() {
        shape if shape == network => Ok(()),
        [height, width, channels] => bail!(
            "the images are {height} x {width} x {channels}, the network takes {} x {} x {}",
            network[0],
            network[1],
            network[2]
        ),
    }
}
