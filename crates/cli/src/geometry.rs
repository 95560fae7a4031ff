//! `orthant geometry`: why ±1 is enough, shown on a trained network.

mod analysis;
pub mod checks;
mod dynamics;
mod extent;
mod figures;
mod json;
mod page;
mod sheets;
mod tensors;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use orthant_data::{Dataset, Source};
use orthant_kernels::Kernels;
use orthant_report::Page;
use orthant_train::{Machine, Summary, Trained};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::chapter::Chapter;
use crate::folder;
use crate::images::{self, Options, Split};
use crate::machine;
use crate::output::{note, output};
use crate::subject;
use crate::table::table;

pub use analysis::{Analysis, Analyst};
pub use extent::Extent;
pub use page::{chapters, layer_expectations, random_vectors};
use tensors::Tensors;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The run's directory, or a checkpoint in it.
    #[arg(required_unless_present = "weights")]
    run: Option<PathBuf>,
    /// Instead of a run, the weights of any float model: which tensors keep their direction when
    /// made binary or ternary.
    #[arg(long, value_name = "FILE.safetensors", conflicts_with = "run")]
    weights: Option<PathBuf>,
    /// Where a tensor of --weights counts its filters: first in PyTorch, last in TensorFlow, JAX.
    #[arg(long, value_enum, default_value_t = Filters::First)]
    filters: Filters,
    #[command(flatten)]
    extent: Extent,
    /// Where the report goes [default: geometry in the run; of --weights nowhere].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write into a directory that has something in it; files of the same names are replaced.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "Examples:
  orthant geometry runs/binarynet-digits
  orthant geometry runs/fast-cifar10 --data cifar10:PATH --images 10000 --dynamics 0 --out report
  orthant geometry --weights resnet18.safetensors --json

A report holds report.html (one file that needs nothing else), geometry.json (every number), and each
figure as SVG, PNG and CSV. docs/geometry.md explains them; products are taken of the first images of
the split.

Exit codes: 0 done, 1 where something could not be measured, which the report names, 2 error.";

/// Where a tensor counts its filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Filters {
    /// `[filters, …]`.
    First,
    /// `[…, filters]`.
    Last,
}

/// What will be looked at.
pub enum Plan {
    /// A run.
    Run(Box<RunPlan>),
    /// A file of weights.
    Weights {
        file: PathBuf,
        filters: Filters,
        out: Option<PathBuf>,
        threads: usize,
        json: bool,
    },
}

/// A run, and how to look at it.
pub struct RunPlan {
    trained: Trained,
    summary: Summary,
    name: String,
    source: Source,
    split: Split,
    extent: Extent,
    out: PathBuf,
    kernels: Kernels,
    threads: usize,
    json: bool,
}

impl Plan {
    /// Reads the run.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let options = arguments.options;
        let threads = machine::threads(options.threads)?;
        let check = |out: &Path| match arguments.force {
            true => Ok(()),
            false => folder::check_new(out).context("without --force nothing is replaced"),
        };
        let Some(run) = arguments.run else {
            arguments.out.as_deref().map_or(Ok(()), check)?;
            return Ok(Self::Weights {
                file: arguments.weights.context("neither a run nor --weights")?,
                filters: arguments.filters,
                out: arguments.out,
                threads,
                json: options.json,
            });
        };
        let trained = subject::run_as_it_is(&run)?;
        let directory = match subject::is_checkpoint(&run) {
            true => run.parent().unwrap_or(Path::new("")).to_owned(),
            false => run,
        };
        let out = arguments.out.unwrap_or_else(|| directory.join("geometry"));
        check(&out)?;
        let own = &trained.recipe.data.source;
        let name = directory.file_name().unwrap_or(directory.as_os_str());
        Ok(Self::Run(Box::new(RunPlan {
            source: images::source(options.data.as_deref(), Some(own))?,
            name: name.to_string_lossy().into_owned(),
            summary: Summary::read(&directory)?,
            trained,
            split: options.split,
            extent: arguments.extent,
            out,
            kernels: machine::kernels()?,
            threads,
            json: options.json,
        })))
    }
}

/// Looks.
pub fn run(plan: Plan) -> Result<Answer> {
    match plan {
        Plan::Run(plan) => of_run(&plan),
        Plan::Weights {
            file,
            filters,
            out,
            threads,
            json,
        } => machine::pool(threads)?.install(|| of_weights(&file, filters, out.as_deref(), json)),
    }
}

fn of_run(plan: &RunPlan) -> Result<Answer> {
    let data = Dataset::open(&plan.source)?;
    let network = plan.trained.model.network();
    images::check(plan.split.of(&data), network.input)?;
    if data.hash() != plan.trained.header.data_hash {
        note("warning: the data are not the ones that the run was trained on");
    }
    let pool = machine::pool(plan.threads)?;
    let found = pool.install(|| {
        let analyst = Analyst {
            kernels: plan.kernels,
            trained: &plan.trained,
            history: plan.summary.metrics.clone(),
            data: &data,
            split: plan.split,
            extent: plan.extent,
        };
        analyst.analyse()
    })?;
    let mut all = Vec::new();
    if plan.extent.vectors > 0 {
        let checks = checks::random(plan.extent.seed);
        all.push(pool.install(|| random_vectors(&plan.extent, checks)));
    }
    all.extend(chapters(&found, network)?);
    all.push(layer_expectations(&found, network));
    let page = all.iter().fold(cover(plan, &data), |page, chapter| {
        page.with_section(chapter.section())
    });
    let mut report = json!({ "run": provenance(plan, &data) });
    let fields = report
        .as_object_mut()
        .zip(found.json().as_object().cloned());
    if let Some((report, found)) = fields {
        report.extend(found);
    }
    write(&plan.out, &all, &page, &report)?;
    match plan.json {
        true => writeln!(output(), "{report:#}")?,
        false => summary(&found)?,
    }
    note(format_args!("written to {}", plan.out.display()));
    for obstacle in &found.obstacles {
        let layer = obstacle.layer.as_deref().unwrap_or("all layers");
        note(format_args!(
            "{layer}: {}: {}",
            obstacle.analysis, obstacle.what
        ));
    }
    Ok(match found.obstacles.is_empty() {
        true => Answer::Yes,
        false => Answer::No,
    })
}

/// Writes chapters, page and numbers.
pub fn write(out: &Path, chapters: &[Chapter], page: &Page, report: &Value) -> Result<()> {
    for chapter in chapters {
        chapter.write(out)?;
    }
    folder::write(out, "report.html", page.to_html().as_bytes())?;
    folder::write(out, "geometry.json", format!("{report:#}\n").as_bytes())
}

/// What the numbers come from.
fn provenance(plan: &RunPlan, data: &Dataset) -> Value {
    let header = &plan.trained.header;
    json!({
        "name": plan.name,
        "epoch": header.epoch,
        "seed": plan.trained.recipe.training.seed,
        "recipe_hash": plan.summary.stamp.recipe_hash,
        "data": data.name(),
        "data_hash": data.hash(),
        "split": plan.split.name(),
        "analysis_seed": plan.extent.seed,
        "version": env!("CARGO_PKG_VERSION"),
        "isa": plan.kernels.isa().name(),
        "machine": Machine::here(),
    })
}

fn cover(plan: &RunPlan, data: &Dataset) -> Page {
    let header = &plan.trained.header;
    let here = Machine::here();
    let accuracy = plan
        .summary
        .metrics
        .iter()
        .rev()
        .find_map(|line| line.test_accuracy);
    let accuracy = accuracy.map_or(String::new(), |share| {
        format!(" Its test accuracy is {:.2} %.", 100.0 * share)
    });
    let summary = format!(
        "Why ±1 is enough, shown on {}, trained for {} epoch(s) on {}: quantized filters keep the \
         directions of the latent ones, and dot products stay in proportion.{accuracy}",
        plan.name,
        header.epoch,
        data.name(),
    );
    Page::new(format!("The geometry of {}", plan.name), summary)
        .with_provenance("data", format!("{}, {}", data.name(), data.hash()))
        .with_provenance("images", format!("{} split", plan.split.name()))
        .with_provenance("recipe", &plan.summary.stamp.recipe_hash)
        .with_provenance(
            "seed of the run",
            plan.trained.recipe.training.seed.to_string(),
        )
        .with_provenance("seed of the analyses", plan.extent.seed.to_string())
        .with_provenance("version", env!("CARGO_PKG_VERSION"))
        .with_provenance(
            "machine",
            format!("{}, {}", here.processor.unwrap_or_default(), here.system),
        )
}

/// The main numbers of every layer, for people.
fn summary(found: &Analysis) -> Result<()> {
    let header = [
        "layer",
        "d",
        "angle, °",
        "theory, °",
        "r",
        "law",
        "shuffled",
        "sign lost",
    ];
    let rows = found.weights.iter().map(|layer| {
        let products = found.products_of(&layer.name);
        let number = |number: Option<f64>| number.map_or("-".to_owned(), |n| format!("{n:.3}"));
        vec![
            layer.name.clone(),
            layer.d.to_string(),
            format!("{:.2} ± {:.2}", layer.angle_mean_deg, layer.angle_sd_deg),
            format!("{:.2} ± {:.2}", layer.theory_mean_deg, layer.theory_sd_deg),
            number(products.and_then(|found| found.weights.r)),
            number(products.and_then(|found| found.r_predicted)),
            number(products.and_then(|found| found.r_permuted)),
            number(products.and_then(|found| found.weights.off_quadrant_share)),
        ]
    });
    let rows = rows.collect();
    let mut out = output();
    writeln!(out, "{}", table(&header, |column| column > 0, rows))?;
    writeln!(
        out,
        "angle and theory: mean ± deviation over filters; theory of independent draws from the \
         layer's weights"
    )?;
    Ok(())
}

fn of_weights(file: &Path, filters: Filters, out: Option<&Path>, json: bool) -> Result<Answer> {
    let found = Tensors::read(file, filters)?;
    let report = json!({
        "tensors": found.keeps,
        "left_out": found.left_out,
        "problems": found.obstacles,
        "note": NOT_ESTABLISHED,
    });
    if let Some(out) = out {
        let name = file
            .file_name()
            .unwrap_or(file.as_os_str())
            .to_string_lossy();
        let title = format!("Binarizability of {name}");
        let mut all = vec![Chapter::new("Tensors").table(sheets::binarizability(&found.keeps))];
        all.extend(page::problems(&found.obstacles));
        let page =
            Page::new(title, NOT_ESTABLISHED).with_provenance("version", env!("CARGO_PKG_VERSION"));
        let page = all
            .iter()
            .fold(page, |page, chapter| page.with_section(chapter.section()));
        write(out, &all, &page, &report)?;
        note(format_args!("written to {}", out.display()));
    }
    let mut standard = output();
    match json {
        true => writeln!(standard, "{report:#}")?,
        false => writeln!(standard, "{}", sheets::binarizability(&found.keeps).text())?,
    }
    for obstacle in &found.obstacles {
        let tensor = obstacle.layer.as_deref().unwrap_or_default();
        note(format_args!("{tensor}: {}", obstacle.what));
    }
    Ok(match found.obstacles.is_empty() {
        true => Answer::Yes,
        false => Answer::No,
    })
}

const NOT_ESTABLISHED: &str = "These angles say how well each tensor keeps its direction when it is \
quantized as it is. Their link to a network's accuracy, before or after training, is not established.";
