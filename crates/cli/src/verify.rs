//! `orthant verify` and `orthant diff`: whether two networks compute the same, layer by layer.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use indicatif::ProgressBar;
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;

use crate::answer::Answer;
use crate::compare::{Side, compare, print};
use crate::images::{self, Options, Split};
use crate::machine;
use crate::subject::{self, Subject};

/// Arguments of `verify` as typed.
#[derive(Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct VerifyArguments {
    /// The run's directory, or a checkpoint in it.
    run: PathBuf,
    /// The model file that was packed from it.
    model: PathBuf,
    #[command(flatten)]
    options: Options,
}

const VERIFY_EXAMPLES: &str = "Examples:
  orthant verify runs/binarynet-digits digits.orth
  orthant verify runs/fast-cifar10 model.orth --data cifar10:PATH --json

Every image goes through the trainer's evaluation and through the runner of the packed model: as it
is deployed, with comparisons inside the products, for the bits of every layer and the logits; and
once more with every integer sum in sight. Exit code 1 with the first layer that differs.";

/// Arguments of `diff` as typed.
#[derive(Args)]
#[command(after_help = DIFF_EXAMPLES)]
pub struct DiffArguments {
    /// A run's directory or a model file.
    a: PathBuf,
    /// Another one.
    b: PathBuf,
    #[command(flatten)]
    options: Options,
}

const DIFF_EXAMPLES: &str = "Examples:
  orthant diff old.orth new.orth --data digits
  orthant diff runs/seed-1 runs/seed-2 --json

Networks of the same layers are compared number by number, others by their labels. Exit code 0 when
nothing differs, 1 when something does.";

/// What will be compared.
pub struct Plan {
    sides: [Subject; 2],
    names: [String; 2],
    source: Source,
    split: Split,
    kernels: Kernels,
    threads: usize,
    json: bool,
}

impl Plan {
    /// A run and its model.
    pub fn verify(arguments: VerifyArguments) -> Result<Self> {
        let run = Subject::Run(Box::new(subject::run(&arguments.run)?));
        let model = Subject::Model(Box::new(subject::model(&arguments.model)?));
        Self::new(
            [run, model],
            [arguments.run, arguments.model],
            arguments.options,
        )
    }

    /// Any two.
    pub fn diff(arguments: DiffArguments) -> Result<Self> {
        let sides = [Subject::open(&arguments.a)?, Subject::open(&arguments.b)?];
        Self::new(sides, [arguments.a, arguments.b], arguments.options)
    }

    fn new(sides: [Subject; 2], paths: [PathBuf; 2], options: Options) -> Result<Self> {
        let [a, b] = [sides[0].network(), sides[1].network()];
        if a.input != b.input || a.classes != b.classes {
            bail!(
                "{} takes images of {:?} and tells {} classes apart, {} {:?} and {}; only networks \
                 for the same images can be compared",
                paths[0].display(),
                a.input,
                a.classes,
                paths[1].display(),
                b.input,
                b.classes
            );
        }
        let own = sides.iter().find_map(Subject::source);
        Ok(Self {
            source: images::source(options.data.as_deref(), own)?,
            sides,
            names: paths.map(|path| path.display().to_string()),
            split: options.split,
            kernels: machine::kernels()?,
            threads: machine::threads(options.threads)?,
            json: options.json,
        })
    }
}

/// Compares.
pub fn run(plan: Plan) -> Result<Answer> {
    let data = Dataset::open(&plan.source)?;
    let images = plan.split.of(&data);
    images::check(images, plan.sides[0].network().input)?;
    let bar = ProgressBar::new(images.len() as u64);
    let report = machine::pool(plan.threads)?.install(|| {
        let [a, b] = &plan.sides;
        let mut a = Side::new(plan.kernels, a)?;
        let mut b = Side::new(plan.kernels, b)?;
        compare(&mut a, &mut b, images, &mut |done| {
            bar.set_position(done as u64)
        })
    })?;
    bar.finish_and_clear();
    let [a, b] = &plan.names;
    print(&report, [a, b], plan.json)?;
    Ok(report.answer())
}
