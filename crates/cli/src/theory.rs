//! `orthant theory`: random vectors beside what is known of them, without a network or data.

mod angles;
mod densities;
mod distributions;
mod files;
mod levels;
mod rotations;
mod ternary;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use indicatif::ProgressBar;
use orthant_report::Figure;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::chapter::Chapter;
use crate::folder;
use crate::machine;
use crate::output::{note, output};
use crate::progress;
use crate::sheet::Sheet;

/// Dimensions and samples where nothing else is said.
const DIMENSIONS: [usize; 5] = [3, 10, 27, 100, 1152];
const SAMPLES: usize = 10_000;

/// The most dimensions of a vector.
const MOST_DIMENSIONS: usize = 1_000_000;

/// The most samples of a row.
const MOST_SAMPLES: usize = 10_000_000;

/// Arguments as typed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Dimensions of the vectors; what is measured at one number of them takes the largest.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "D,D",
        default_values_t = DIMENSIONS
    )]
    dims: Vec<usize>,
    /// Vectors drawn for each row of a table; a tenth of them where each has a rotation of its own.
    #[arg(long, value_name = "N", default_value_t = SAMPLES)]
    samples: usize,
    /// The seed of all that is drawn.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Threads [default: as many as the machine has]; they change no number.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Write theory.json, each table as CSV, and figures as SVG, PNG and CSV; a new directory or an
    /// empty one.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "Examples:
  orthant theory
  orthant theory --dims 27,1152,2304,4608 --samples 100000
  orthant theory --seed 1 --out theory --json

Measured numbers stand with their standard errors (±). docs/theory.md derives the formulas.

Exit codes: 0 done, 2 error.";

/// What will be computed and drawn.
pub struct Plan {
    /// Rising, each once.
    dims: Vec<usize>,
    samples: usize,
    seed: u64,
    threads: usize,
    out: Option<PathBuf>,
    json: bool,
}

impl Plan {
    /// Checks the arguments.
    pub fn new(arguments: Arguments) -> Result<Self> {
        let mut dims = arguments.dims;
        let within = 2..=MOST_DIMENSIONS;
        if let Some(d) = dims.iter().find(|d| !within.contains(d)) {
            bail!("--dims has {d}, expected numbers from 2 to {MOST_DIMENSIONS}");
        }
        dims.sort_unstable();
        dims.dedup();
        let samples = arguments.samples;
        if !(2..=MOST_SAMPLES).contains(&samples) {
            bail!("--samples is {samples}, expected 2 to {MOST_SAMPLES}");
        }
        if let Some(out) = arguments.out.as_deref() {
            folder::check_new(out)?;
        }
        Ok(Self {
            dims,
            samples,
            seed: arguments.seed,
            threads: machine::threads(arguments.threads)?,
            out: arguments.out,
            json: arguments.json,
        })
    }

    /// Dimensions where one number of them has to do.
    fn largest(&self) -> usize {
        self.dims.iter().copied().fold(2, usize::max)
    }

    /// Samples where each has a rotation of its own.
    fn rotations(&self) -> usize {
        (self.samples / 10).max(2)
    }

    /// Rows that are measured.
    fn measurements(&self) -> usize {
        2 * self.dims.len()
            + distributions::DISTRIBUTIONS.len()
            + ternary::THRESHOLDS
            + rotations::MEASUREMENTS
    }
}

/// Everything found.
struct Found {
    dims: Vec<usize>,
    samples: usize,
    seed: u64,
    sheets: Vec<Sheet>,
    /// Each with the name of its files, and what it shows.
    figures: Vec<(&'static str, Figure, &'static str)>,
}

impl Found {
    fn by(plan: &Plan, bar: &ProgressBar) -> Self {
        let d = plan.largest();
        let angles = angles::measure(plan, bar);
        let distributions = distributions::measure(plan, bar);
        let thresholds = ternary::measure(plan, bar);
        let rotations = rotations::measure(plan, bar);
        let mut sheets = vec![angles::to_signs(&angles), angles::between(&angles)];
        sheets.extend(angles::spread_law(&angles));
        sheets.extend([
            distributions::sheet(d, &distributions),
            ternary::sheet(d, &thresholds),
            distributions::best_thresholds(),
            levels::levels(),
            levels::binaries(),
            rotations::sheet(&rotations),
            angles::between_signs(),
        ]);
        let figures = vec![
            ("densities", densities::figure(&angles), DENSITIES),
            ("spread", angles::figure(&angles), SPREAD),
            ("rotations", rotations::figure(&rotations), ROTATIONS),
            (
                "distributions",
                distributions::figure(d, &distributions),
                DISTRIBUTIONS,
            ),
            ("ternary", ternary::figure(d, &thresholds), TERNARY),
            ("bits", levels::figure(), BITS),
        ];
        Self {
            dims: plan.dims.clone(),
            samples: plan.samples,
            seed: plan.seed,
            sheets,
            figures,
        }
    }

    fn text(&self) -> String {
        let sheets: Vec<_> = self.sheets.iter().map(Sheet::text).collect();
        sheets.join("\n\n") + "\n"
    }

    fn json(&self) -> Value {
        let sheets = self.sheets.iter();
        let sheets: Map<_, _> = sheets
            .map(|one| (one.name.to_owned(), one.json()))
            .collect();
        json!({
            "dims": self.dims,
            "samples": self.samples,
            "seed": self.seed,
            "tables": sheets,
        })
    }
}

/// What the figures show.
const DENSITIES: &str = "\
Angles between two random vectors, and between a random vector and its signs, with the densities \
that theory gives. As the dimension grows, random vectors come to stand at 90°, while a vector and \
its signs stay at 37°: far closer than chance would bring them.";
const SPREAD: &str = "\
Mean and standard deviation of these angles against the dimension. The deviations fall as d to the \
power −1/2, so that in many dimensions nearly every vector has the same angle.";
const ROTATIONS: &str = "\
Angles to the signs where a few coordinates carry a vector, as it is and after a random rotation. \
Plain signs lose the direction; those of the rotated vector keep it as those of a Gaussian one.";
const DISTRIBUTIONS: &str = "\
The angle to the signs for weights of other distributions. Light tails bring a vector closer to its \
signs, heavy tails farther away.";
const TERNARY: &str = "\
The angle to the ternary vector, and the share of zeros, against the threshold. The best threshold \
is at 0.61 standard deviations; zeros there are near half.";
const BITS: &str = "\
The angle that is left at so many levels, or with a sum of so many scaled binary vectors. The first \
bit does most of the work.";

/// Random vectors as the chapter of a report, at the dimensions of the paper and some more.
pub fn chapter(samples: usize, seed: u64) -> Chapter {
    let plan = Plan {
        dims: DIMENSIONS.into(),
        samples,
        seed,
        threads: rayon::current_num_threads(),
        out: None,
        json: false,
    };
    let bar = progress::bar("random vectors", plan.measurements());
    let found = Found::by(&plan, &bar);
    bar.finish_and_clear();
    let chapter = Chapter::new("Random vectors");
    found
        .figures
        .into_iter()
        .fold(chapter, |chapter, (name, figure, caption)| {
            chapter.figure(format!("random-{name}"), figure, caption)
        })
}

/// Computes and draws.
pub fn run(plan: Plan) -> Result<Answer> {
    let bar = progress::bar("random vectors", plan.measurements());
    let found = machine::pool(plan.threads)?.install(|| Found::by(&plan, &bar));
    bar.finish_and_clear();
    if let Some(out) = &plan.out {
        files::write(&found, out)?;
        note(format_args!("written to {}", out.display()));
    }
    let text = match plan.json {
        true => format!("{:#}\n", found.json()),
        false => found.text(),
    };
    output().write_all(text.as_bytes())?;
    Ok(Answer::Yes)
}
