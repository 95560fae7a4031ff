//! `orthant bench MODEL`: how fast a packed network answers, and where its time goes.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use indicatif::ProgressBar;
use orthant_infer::{Memory, Runner, Watch};
use orthant_kernels::Kernels;
use orthant_model::{Packed, Values};
use serde::Serialize;
use serde_json::{Value, json};

use super::slices::Spread;
use crate::machine;
use crate::output::output;
use crate::subject::Subject;
use crate::table::table;

/// Most images of a pass: their activations stay in the caches while the weights are read once.
const MOST_IMAGES: usize = 16;

/// Time that runs are repeated for, and how many there are at least and at most.
const LONG: Duration = Duration::from_secs(3);
const FEWEST: usize = 30;
const MOST: usize = 5000;

/// Most pixel values of a batch.
const MOST_PIXELS: usize = 1 << 30;

/// Rounds of one slice of the limit, about a hundred microseconds.
const LIMIT_ROUNDS: u64 = 20_000;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A model file or a run's directory.
    model: PathBuf,
    /// Images that are asked for at a time.
    #[arg(long, default_value_t = 1, value_name = "N")]
    batch: usize,
    /// Threads that share the images of a batch.
    #[arg(long, default_value_t = 1, value_name = "N")]
    threads: usize,
    /// Runs [default: as many as fit 3 seconds, 30 to 5000].
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant bench model.orth
  orthant bench model.orth --batch 64 --threads 2 --json
  orthant bench kernels

Images are random. Latency is time on the clock from pixels to logits; layers are timed one by one
on one thread, in turns with the limit of the instruction set (XOR, popcount and addition in
registers alone). Multiply-accumulates are nominal: taps outside the image count.";

/// What will be measured.
pub struct Plan {
    packed: Packed<'static>,
    kernels: Kernels,
    batch: usize,
    threads: usize,
    runs: Option<usize>,
    json: bool,
}

impl Plan {
    /// Reads the model.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let kernels = machine::kernels()?;
        if arguments.batch == 0 || arguments.batch > 1 << 16 {
            bail!("--batch is {}, expected 1 to 65536", arguments.batch);
        }
        if arguments.runs == Some(0) {
            bail!("--runs is 0, expected at least 1");
        }
        let packed = Subject::open(&arguments.model)?.packed(kernels)?;
        let image: usize = packed.network().input.iter().product();
        if image.saturating_mul(arguments.batch) > MOST_PIXELS {
            bail!(
                "--batch {} of images of {image} values is too large, expected at most \
                 {MOST_PIXELS} values",
                arguments.batch
            );
        }
        Ok(Self {
            packed,
            kernels,
            batch: arguments.batch,
            threads: machine::threads(Some(arguments.threads))?,
            runs: arguments.runs,
            json: arguments.json,
        })
    }
}

/// Time of one image on one thread.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latency {
    /// Median of the runs.
    pub median_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// Runs.
    pub runs: usize,
}

impl Latency {
    /// Measures a packed network for some 3 seconds.
    pub fn of(packed: &Packed<'static>, kernels: Kernels) -> Result<Self> {
        let figures = measure(&Plan {
            packed: packed.clone(),
            kernels,
            batch: 1,
            threads: 1,
            runs: None,
            json: false,
        })?;
        let [median_ms, p99_ms] = median_and_p99(&figures.latency_ms);
        Ok(Self {
            median_ms,
            p99_ms,
            runs: figures.latency_ms.len(),
        })
    }
}

/// One layer's figures, of one image on one thread.
struct Layer {
    name: String,
    kind: &'static str,
    macs: u64,
    ms: f64,
    /// Its products at the limit; `None` where they are not of bits alone.
    limit_ms: Option<f64>,
}

/// Everything that was measured.
struct Figures {
    latency_ms: Vec<f64>,
    layers: Vec<Layer>,
    limit_gmacs: f64,
    memory: Memory,
}

impl Figures {
    /// Milliseconds of an image: products of bits at the limit, what else goes to layers on bits,
    /// and to those on pixels and on real numbers.
    fn account(&self) -> [f64; 4] {
        let of = |is: fn(&Layer) -> bool| {
            let layers = self.layers.iter().filter(|layer| is(layer));
            layers.fold(0.0, |sum, layer| sum + layer.ms)
        };
        let limits = self.layers.iter().filter_map(|layer| layer.limit_ms);
        let limit = limits.fold(0.0, |sum, ms| sum + ms);
        [
            limit,
            of(|layer| layer.limit_ms.is_some()) - limit,
            of(|layer| layer.kind == "pixels"),
            of(|layer| layer.kind == "real"),
        ]
    }
}

/// Measures.
pub fn run(plan: &Plan) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("warning: this is a debug build; its speeds mean nothing, use --release");
    }
    let figures = measure(plan)?;
    match plan.json {
        true => writeln!(output(), "{:#}", to_json(plan, &figures))?,
        false => print(plan, &figures)?,
    }
    Ok(())
}

fn measure(plan: &Plan) -> Result<Figures> {
    let images = plan.batch.div_ceil(plan.threads).min(MOST_IMAGES);
    let single = Runner::new(plan.kernels, &plan.packed)?;
    let mut runner = single.with_images(images)?.with_threads(plan.threads)?;
    let len: usize = runner.image().iter().product();
    let pixels: Vec<u8> = (0..plan.batch * len)
        .map(|at| ((at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect();
    let mut logits = vec![0.0; plan.batch * runner.classes()];

    let layers = plan.packed.plans().len();
    let (mut latency, mut limit) = (Vec::new(), Vec::new());
    let mut times = vec![Vec::new(); layers];
    runner.run(&pixels, &mut logits)?;
    let bar = ProgressBar::new(plan.runs.unwrap_or(MOST) as u64);
    let start = Instant::now();
    let goes_on = |runs: usize| match plan.runs {
        Some(asked) => runs < asked,
        None => runs < FEWEST || (runs < MOST && start.elapsed() < LONG),
    };
    while goes_on(latency.len()) {
        let begin = Instant::now();
        runner.run(&pixels, &mut logits)?;
        latency.push(begin.elapsed().as_secs_f64() * 1e3);
        for (times, seconds) in
            times
                .iter_mut()
                .zip(timed(&mut runner, &pixels, &mut logits, layers)?)
        {
            times.push(seconds * 1e3 / plan.batch as f64);
        }
        let begin = Instant::now();
        let macs = plan.kernels.limit(LIMIT_ROUNDS);
        limit.push(macs as f64 / begin.elapsed().as_secs_f64() / 1e9);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let limit_gmacs = Spread::of(limit).median;
    let names = plan.packed.network().names();
    let plans = plan.packed.plans().iter();
    let layers = names.into_iter().zip(plans).zip(times);
    let layers = layers.map(|((name, layer), times)| {
        let is_bits = layer.is_packed() && layer.values != Values::Pixels;
        Layer {
            name,
            kind: kind(layer.values, layer.is_packed()),
            macs: layer.macs(),
            ms: Spread::of(times).median,
            limit_ms: is_bits.then(|| layer.macs() as f64 / limit_gmacs / 1e6),
        }
    });
    Ok(Figures {
        latency_ms: latency,
        layers: layers.collect(),
        limit_gmacs,
        memory: runner.memory(),
    })
}

/// Seconds of each layer, from one look at its input to the next.
fn timed(
    runner: &mut Runner,
    pixels: &[u8],
    logits: &mut [f32],
    layers: usize,
) -> Result<Vec<f64>> {
    let mut seconds = vec![0.0; layers];
    let mut before: Option<(usize, Instant)> = None;
    let mut close = |next: Option<usize>| {
        let now = Instant::now();
        if let Some((layer, start)) = before {
            seconds[layer] += (now - start).as_secs_f64();
        }
        before = next.map(|layer| (layer, Instant::now()));
    };
    runner.run_watched(
        pixels,
        logits,
        Watch::Inputs(&mut |layer, _| close(Some(layer))),
    )?;
    close(None);
    Ok(seconds)
}

fn kind(values: Values, is_packed: bool) -> &'static str {
    match (values, is_packed) {
        (_, false) => "real",
        (Values::Pixels, _) => "pixels",
        (Values::Ternary, _) => "ternary",
        _ => "bits",
    }
}

/// Median and 99th percentile.
fn median_and_p99(latency: &[f64]) -> [f64; 2] {
    let mut sorted = latency.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    [at(0.5), at(0.99)]
}

fn to_json(plan: &Plan, figures: &Figures) -> Value {
    let round = |value: f64| (value * 1e6).round() / 1e6;
    let [median, p99] = median_and_p99(&figures.latency_ms);
    let layers: Vec<_> = figures
        .layers
        .iter()
        .map(|layer| {
            json!({
                "layer": layer.name,
                "kind": layer.kind,
                "macs": layer.macs,
                "ms": round(layer.ms),
                "limit_ms": layer.limit_ms.map(round),
                "share_of_limit": layer.limit_ms.map(|limit| round(limit / layer.ms)),
            })
        })
        .collect();
    let [limit, bits, pixels, real] = figures.account().map(round);
    json!({
        "batch": plan.batch,
        "threads": plan.threads,
        "isa": plan.kernels.isa().name(),
        "runs": figures.latency_ms.len(),
        "latency_ms_median": round(median),
        "latency_ms_p99": round(p99),
        "ms_per_image": round(median / plan.batch as f64),
        "limit_gmacs": round(figures.limit_gmacs),
        "weight_bytes": figures.memory.weights,
        "activation_bytes": figures.memory.activations,
        "popcount_limit_ms": limit,
        "other_ms": { "bits": bits, "pixels": pixels, "real": real },
        "layers": layers,
    })
}

fn print(plan: &Plan, figures: &Figures) -> Result<()> {
    let [median, p99] = median_and_p99(&figures.latency_ms);
    let all: f64 = figures.layers.iter().map(|layer| layer.ms).sum();
    let header = [
        "layer", "kind", "M MAC", "ms", "share", "G MAC/s", "of limit",
    ];
    let row = |layer: &Layer| {
        let limit = layer
            .limit_ms
            .map(|limit| format!("{:.2}", limit / layer.ms));
        vec![
            layer.name.clone(),
            layer.kind.to_owned(),
            format!("{:.2}", layer.macs as f64 / 1e6),
            format!("{:.4}", layer.ms),
            format!("{:.1} %", 100.0 * layer.ms / all),
            format!("{:.0}", layer.macs as f64 / layer.ms / 1e6),
            limit.unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let rows = figures.layers.iter().map(row).collect();
    let mut out = output();
    writeln!(out, "{}", table(&header, |column| column > 1, rows))?;
    writeln!(
        out,
        "batch {}, {} thread(s), {}: {median:.3} ms median, {p99:.3} ms p99 of {} runs; {:.4} ms \
         an image",
        plan.batch,
        plan.threads,
        plan.kernels.isa(),
        figures.latency_ms.len(),
        median / plan.batch as f64,
    )?;
    let [limit, bits, pixels, real] = figures.account();
    writeln!(
        out,
        "of {all:.4} ms an image on one thread, {limit:.4} are its multiply-accumulates on bits at \
         the limit of {:.0} G MAC/s; {bits:.4} more go to these layers' second planes, padding, \
         loads and comparisons, {pixels:.4} to layers on pixels, {real:.4} to layers on real \
         numbers",
        figures.limit_gmacs,
    )?;
    writeln!(
        out,
        "memory: {} bytes of weights, {} of activations",
        figures.memory.weights, figures.memory.activations
    )?;
    Ok(())
}
