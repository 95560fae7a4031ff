//! `orthant reproduce`: the paper, from training to the report, in one command.

mod conclusion;
mod deployed;
mod networks;
mod results;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use orthant_data::{Dataset, Images, Source};
use orthant_kernels::Kernels;
use orthant_report::{Check, Page};
use orthant_train::{Evaluator, Machine, Recipe};

use crate::answer::Answer;
use crate::chapter::Chapter;
use crate::folder;
use crate::geometry::{self, Analysis, Analyst, Extent};
use crate::images::Split;
use crate::machine;
use crate::output::{note, output};
use crate::progress;
use conclusion::{Contender, sentences};
use deployed::Deployed;
use networks::{Kind, Network};

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The data set [default: digits, which are part of the program].
    #[arg(long, value_name = "SPEC")]
    data: Option<String>,
    /// The binary network's recipe, whose siblings are made of it [default: binarynet-digits,
    /// -fashion or -cifar10, by the data].
    #[arg(long, value_name = "RECIPE", conflicts_with = "run")]
    recipe: Option<String>,
    /// Take a run instead of training; once for each of binary, ternary, float.
    #[arg(long, value_name = "DIR")]
    run: Vec<PathBuf>,
    /// Where runs and report go; what is there already goes on [default: runs/reproduce-RECIPE].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Epochs of every network [default: the recipe's].
    #[arg(long, value_name = "N", conflicts_with = "run")]
    epochs: Option<usize>,
    /// Change a key of every network's recipe.
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "run")]
    set: Vec<String>,
    #[command(flatten)]
    extent: Extent,
    /// Threads [default: as many as the machine has]; they change no result but times.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Print epochs as lines of JSON, and the results at the end.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant reproduce
  orthant reproduce --data cifar10:PATH --recipe fast-cifar10 --set width=0.25
  orthant reproduce --run runs/binary --run runs/ternary --run runs/float --out report

Trains the binary, the ternary and the float network and the control without latent weights, looks at
the geometry of the first two, packs, verifies and measures them, and writes:

  runs/NETWORK              the runs; an interrupted command goes on where it was
  models/NETWORK.orth       the packed networks
  geometry/NETWORK          geometry.json, figures as SVG, PNG and CSV
  report.html               everything on one page, which needs nothing else
  results.json              the main numbers

Exit codes: 0 done, 1 where a packed network differs from the trained one, 2 error; 130 after Ctrl-C.";

/// What will be done.
pub struct Plan {
    source: Source,
    recipes: Vec<(Kind, Recipe)>,
    runs: Vec<PathBuf>,
    out: PathBuf,
    extent: Extent,
    kernels: Kernels,
    threads: usize,
    json: bool,
}

impl Plan {
    /// Finds recipes and runs.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let networks = networks::read(&arguments.run)?;
        let own = networks
            .first()
            .map(|one| &one.trained.recipe.data.source[..]);
        let spec = arguments.data.as_deref().or(own).unwrap_or("digits");
        let source: Source = spec.parse().context("the data")?;
        let base = arguments.recipe.as_deref().unwrap_or(match source {
            Source::Digits => "binarynet-digits",
            Source::FashionMnist { .. } => "binarynet-fashion",
            _ => "binarynet-cifar10",
        });
        let mut settings = arguments.set;
        let epochs = arguments
            .epochs
            .map(|epochs| format!("training.epochs={epochs}"));
        settings.extend(epochs);
        settings.push(format!("training.seed={}", arguments.extent.seed));
        let recipes = match networks.is_empty() {
            true => Kind::ALL
                .into_iter()
                .map(|kind| Ok((kind, kind.recipe(base, &settings, &source)?)))
                .collect::<Result<_>>()?,
            false => Vec::new(),
        };
        let stem = Path::new(base)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let out = arguments
            .out
            .unwrap_or_else(|| Path::new("runs").join(format!("reproduce-{stem}")));
        check_own(&out)?;
        Ok(Self {
            source,
            recipes,
            runs: arguments.run,
            out,
            extent: arguments.extent,
            kernels: machine::kernels()?,
            threads: machine::threads(arguments.threads)?,
            json: arguments.json,
        })
    }
}

/// Refuses a directory with things of somebody else.
fn check_own(out: &Path) -> Result<()> {
    let is_own = ["runs", RESULTS].iter().any(|name| out.join(name).exists());
    if is_own {
        return Ok(());
    }
    folder::check_new(out).context("to go on, name the directory of a reproduction")
}

/// The main numbers.
const RESULTS: &str = "results.json";

/// A network whose geometry was looked at.
struct Studied {
    kind: Kind,
    found: Analysis,
}

/// Does all of it.
pub fn run(plan: Plan) -> Result<Answer> {
    if cfg!(debug_assertions) {
        note("warning: this is a debug build; it is many times slower, use --release");
    }
    let start = Instant::now();
    machine::pool(plan.threads)?.install(|| {
        let (networks, answer) = match plan.runs.is_empty() {
            false => (networks::read(&plan.runs)?, Answer::Yes),
            true => {
                let recipes = plan.recipes.clone();
                networks::train(recipes, &plan.out.join("runs"), plan.kernels, plan.json)?
            }
        };
        match answer {
            Answer::Yes => report(&plan, networks, start),
            _ => Ok(answer),
        }
    })
}

/// Analyses, packs, verifies, measures and writes.
fn report(plan: &Plan, networks: Vec<Network>, start: Instant) -> Result<Answer> {
    let data = Dataset::open(&plan.source)?;
    let mut studied = Vec::new();
    let mut contenders = Vec::new();
    for network in networks {
        let model = network.trained.model.network();
        crate::images::check(data.test(), model.input)?;
        if matches!(network.kind, Kind::Binary | Kind::Ternary) {
            note(format_args!(
                "== geometry of the {} network",
                network.kind.title()
            ));
            let analyst = Analyst {
                kernels: plan.kernels,
                trained: &network.trained,
                history: network.summary.metrics.clone(),
                data: &data,
                split: Split::Test,
                extent: plan.extent,
            };
            let found = analyst.analyse()?;
            studied.push(Studied {
                kind: network.kind,
                found,
            });
        }
        contenders.push(contend(plan, network, data.test())?);
    }
    let random = geometry::checks::random(plan.extent.seed);
    let chapters = write_figures(plan, &studied, &contenders, &random)?;
    let seconds = start.elapsed().as_secs_f64();
    let page = chapters
        .iter()
        .fold(cover(plan, &contenders, &data), |page, chapter| {
            page.with_section(chapter.section())
        });
    folder::write(&plan.out, "report.html", page.to_html().as_bytes())?;
    let results = results::json(plan, &contenders, &studied, random, &data, seconds);
    folder::write(&plan.out, RESULTS, format!("{results:#}\n").as_bytes())?;
    match plan.json {
        true => writeln!(output(), "{results}")?,
        false => {
            for sentence in sentences(&contenders) {
                writeln!(output(), "{sentence}")?;
            }
            writeln!(
                output(),
                "{seconds:.0} s; {}",
                plan.out.join("report.html").display()
            )?;
        }
    }
    let deployed = contenders.iter().filter_map(|one| one.deployed.as_ref());
    Ok(match deployed.into_iter().all(|one| one.verify.equal) {
        true => Answer::Yes,
        false => Answer::No,
    })
}

/// Packs, verifies and measures a network; the control is evaluated alone.
fn contend(plan: &Plan, network: Network, images: &Images) -> Result<Contender> {
    let deployed = match network.kind {
        Kind::NoLatent => None,
        _ => {
            note(format_args!(
                "== the {} network, deployed",
                network.kind.title()
            ));
            let models = plan.out.join("models");
            Some(Deployed::new(&network, plan.kernels, images, &models)?)
        }
    };
    let accuracy = match network.test_accuracy() {
        Some(accuracy) => accuracy,
        None => accuracy(plan, &network, images)?,
    };
    Ok(Contender {
        network,
        deployed,
        accuracy,
        images: images.len(),
    })
}

/// The accuracy of a run that did not end with it.
fn accuracy(plan: &Plan, network: &Network, images: &Images) -> Result<f64> {
    let bar = progress::bar("test images", images.len());
    let evaluator = Evaluator::new(plan.kernels, &network.trained.model)?;
    let loss = network.trained.recipe.training.loss.into();
    let score = evaluator.score(images, loss, &mut |done| {
        bar.set_position(done as u64);
        std::ops::ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();
    Ok(score.expect("nobody breaks off").accuracy())
}

/// The chapters of the page, their figures written.
fn write_figures(
    plan: &Plan,
    studied: &[Studied],
    contenders: &[Contender],
    random: &[Check],
) -> Result<Vec<Chapter>> {
    let mut all = Vec::new();
    let mut expectations = Vec::new();
    for one in studied {
        let contender = conclusion::find(contenders, one.kind);
        let network = contender.map(|one| one.network.trained.model.network());
        let Some(network) = network else { continue };
        let directory = plan.out.join("geometry").join(one.kind.name());
        let chapters = geometry::chapters(&one.found, network)?;
        for chapter in &chapters {
            chapter.write(&directory)?;
        }
        let numbers = format!("{:#}\n", one.found.json());
        folder::write(&directory, "geometry.json", numbers.as_bytes())?;
        let title = |chapter: Chapter| chapter.of(one.kind.title());
        all.extend(chapters.into_iter().map(title));
        expectations.push(title(geometry::layer_expectations(&one.found, network)));
    }
    let mut chapters = Vec::new();
    if plan.extent.vectors > 0 {
        let random = geometry::random_vectors(&plan.extent, random.to_vec());
        random.write(&plan.out.join("geometry"))?;
        chapters.push(random);
    }
    chapters.extend(all);
    chapters.extend(expectations);
    chapters.push(
        Chapter::new("Expected of the networks together").checks(conclusion::checks(contenders)),
    );
    let conclusion = conclusion::conclusion(contenders);
    conclusion.write(&plan.out)?;
    chapters.push(conclusion);
    Ok(chapters)
}

fn cover(plan: &Plan, contenders: &[Contender], data: &Dataset) -> Page {
    let here = Machine::here();
    let title = "The high-dimensional geometry of binary neural networks";
    let page = Page::new(title, sentences(contenders).join(" "))
        .with_provenance("data", format!("{}, {}", data.name(), data.hash()))
        .with_provenance("seed of the analyses", plan.extent.seed.to_string())
        .with_provenance("version", env!("CARGO_PKG_VERSION"))
        .with_provenance("instruction set", plan.kernels.isa().name())
        .with_provenance("threads", plan.threads.to_string())
        .with_provenance(
            "machine",
            format!("{}, {}", here.processor.unwrap_or_default(), here.system),
        );
    contenders.iter().fold(page, |page, one| {
        let stamp = &one.network.summary.stamp;
        page.with_provenance(
            format!("recipe of the {} network", one.network.kind.title()),
            format!(
                "{}, seed {}, {} epoch(s)",
                stamp.recipe_hash, stamp.seed, one.network.trained.header.epoch
            ),
        )
    })
}
