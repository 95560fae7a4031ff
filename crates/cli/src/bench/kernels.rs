//! `orthant bench kernels`: every layer of the CIFAR-10 network against its limits.

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use orthant_kernels::Kernels;
use rayon::ThreadPool;

use super::case::{Bench, Case, Work};
use super::float::Product;
use super::report::{Format, Row, print};
use super::slices::{Side, Spread};
use crate::machine;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Print JSON instead of a table.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print comma-separated values instead of a table.
    #[arg(long)]
    csv: bool,
    /// Threads that share a case's rows.
    #[arg(long, default_value_t = 1, value_name = "N")]
    threads: usize,
    /// Only cases whose name starts with one of these.
    #[arg(long, value_name = "NAME")]
    case: Vec<String>,
    /// Only cases of this batch size; squares have their own.
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Slices of each side; the table shows their medians.
    #[arg(long, default_value_t = 31, value_name = "N")]
    slices: usize,
}

const EXAMPLES: &str = "Examples:
  orthant bench kernels
  orthant bench kernels --case conv --batch 64 --threads 2
  ORTHANT_ISA=avx2 orthant bench kernels --json

A case takes packed activations and prepared weights to thresholded bits (squares: to sums), the
first layer pixels to bits. Multiply-accumulates are nominal: taps outside the image count. The
limit runs in registers alone; float32 is the product alone, of patches that are gathered already.
The three take turns in slices of about 1.5 ms, or of one step where that is longer. The limit of
GB/s, for layers that reading their weights bounds, is a plain XOR of the same words.";

/// What will be measured.
pub struct Plan {
    kernels: Kernels,
    cases: Vec<Case>,
    threads: usize,
    slices: usize,
    format: Format,
}

impl Plan {
    /// Checks the arguments and finds the CPU's kernels.
    pub fn new(arguments: &Arguments) -> Result<Self> {
        let kernels = machine::kernels()?;
        let threads = machine::threads(Some(arguments.threads))?;
        if arguments.slices == 0 {
            bail!("--slices is 0, expected at least 1");
        }
        let named = |case: &Case| {
            arguments.case.is_empty() || arguments.case.iter().any(|n| case.name.starts_with(n))
        };
        let sized = |case: &Case| arguments.batch.is_none_or(|batch| batch == case.batch);
        let cases: Vec<_> = Case::all()
            .into_iter()
            .filter(|case| named(case) && sized(case) && case.rows() >= threads)
            .collect();
        if cases.is_empty() {
            bail!("no case fits --case, --batch and --threads; `--case conv` is one that does");
        }
        let format = match (arguments.json, arguments.csv) {
            (true, _) => Format::Json,
            (_, true) => Format::Csv,
            _ => Format::Table,
        };
        Ok(Self {
            kernels,
            cases,
            threads,
            slices: arguments.slices,
            format,
        })
    }
}

/// Measures every case and prints the rows.
pub fn run(plan: &Plan) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("warning: this is a debug build; its speeds mean nothing, use --release");
    }
    let pool = machine::pool(plan.threads)?;
    let style = ProgressStyle::with_template("{pos}/{len} {wide_bar} {msg}")?;
    let progress = ProgressBar::new(plan.cases.len() as u64).with_style(style);
    let mut rows = Vec::new();
    for case in &plan.cases {
        progress.set_message(case.name.clone());
        rows.push(measure(plan, case, &pool).with_context(|| case.name.clone())?);
        progress.inc(1);
    }
    progress.finish_and_clear();
    print(&rows, plan.format)
}

/// One case: the three sides in turns.
fn measure(plan: &Plan, case: &Case, pool: &ThreadPool) -> Result<Row> {
    let threads = plan.threads;
    let bench = Bench::new(plan.kernels, case, threads)?;
    let mut binary = Side::new(pool, bench.workers(threads)?, |worker| bench.step(worker))?;

    let rounds = 1000;
    let limit_macs = (plan.kernels.limit(rounds) * threads as u64) as f64;
    let mut limit = Side::new(pool, vec![(); threads], |()| {
        plan.kernels.limit(rounds);
        Ok(())
    })?;

    let product = bench.product().map(Product::fastest);
    let float_crate = product.as_ref().map(Product::name);
    let products = product.map_or_else(Vec::new, |product| vec![product; threads]);
    let has_float = !products.is_empty();
    let mut float = Side::new(pool, products, |product| {
        product.run();
        Ok(())
    })?;

    let stream = bench.stream();
    let is_bound_by_memory =
        matches!(case.work, Work::Bits(shape) if shape.height == 1 && case.batch == 1);
    let mut memory = Side::new(
        pool,
        vec![0; if is_bound_by_memory { 1 } else { 0 }],
        |sum: &mut u64| {
            *sum = stream.iter().fold(*sum, |sum, word| sum ^ word);
            Ok(())
        },
    )?;

    let (mut binary_s, mut limit_s, mut float_s, mut memory_s) = (vec![], vec![], vec![], vec![]);
    for _ in 0..plan.slices {
        binary_s.push(binary.step_seconds(pool)?);
        limit_s.push(limit.step_seconds(pool)?);
        if has_float {
            float_s.push(float.step_seconds(pool)?);
        }
        if is_bound_by_memory {
            memory_s.push(memory.step_seconds(pool)?);
        }
    }
    let macs = (bench.macs() * threads as u64) as f64;
    let rate = |work: f64, seconds: &[f64]| {
        let rates = seconds.iter().map(|seconds| work / seconds / 1e9);
        (work > 0.0 && !seconds.is_empty()).then(|| Spread::of(rates))
    };
    // Ratios are taken slice by slice, so that a slow moment of the machine cancels.
    let ratio = |others: &[f64], factor: f64| {
        let ratios = binary_s
            .iter()
            .zip(others)
            .map(|(ours, other)| factor * other / ours);
        (macs > 0.0 && !others.is_empty()).then(|| Spread::of(ratios).median)
    };
    Ok(Row {
        case: case.name.clone(),
        batch: case.batch,
        isa: plan.kernels.isa().name(),
        threads,
        gmacs: rate(macs, &binary_s),
        limit_gmacs: rate(limit_macs, &limit_s).filter(|_| macs > 0.0),
        share_of_limit: ratio(&limit_s, macs / limit_macs),
        f32_gmacs: rate(macs, &float_s),
        f32_crate: float_crate,
        speedup_vs_f32: ratio(&float_s, 1.0),
        gbytes_per_s: rate((bench.bytes() * threads as u64) as f64, &binary_s),
        limit_gbytes_per_s: rate(8.0 * stream.len() as f64, &memory_s),
        slices: plan.slices,
    })
}
