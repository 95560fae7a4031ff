//! The table: medians, and the quartiles around them.

use orthant_kernels::Isa;

use crate::case::Case;
use crate::timing::Pairs;

/// A median and how far the quartiles lie from it.
struct Summary {
    median: f64,
    /// Half the distance of the quartiles, in percent of the median.
    spread_percent: f64,
}

impl Summary {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let median = quantile(&values, 0.5);
        let quartiles = quantile(&values, 0.75) - quantile(&values, 0.25);
        Self {
            median,
            spread_percent: 50.0 * quartiles / median,
        }
    }
}

/// The value below which the part `at` of sorted values lies, between two of them by their line.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let position = at * (sorted.len() - 1) as f64;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * position.fract()
}

/// Prints the machine and the names of the columns.
pub fn heading(isa: Isa, peer_isa: &str) {
    println!("cpu      {}", cpu());
    println!("isa      orthant {isa}, numkong 7.8.7 {peer_isa}");
    println!("threads  1");
    println!(
        "values   G MAC/s (m * n * k / time), median of slices ± half the interquartile range"
    );
    println!();
    println!(
        "{:<19} {:>5} {:>5} {:>5}  {:<8} {:>15} {:>15} {:>15}",
        "case", "m", "n", "k", "isa", "orthant", "numkong", "ratio"
    );
}

/// Prints one case.
pub fn row(case: &Case, isa: Isa, pairs: &Pairs) {
    let rates = |times: &[f64]| times.iter().map(|ns| case.macs() / ns).collect();
    println!(
        "{:<19} {:>5} {:>5} {:>5}  {:<8} {} {} {}",
        case.name,
        case.m,
        case.n,
        case.k,
        isa,
        cell(rates(&pairs.ours), 1),
        cell(rates(&pairs.theirs), 1),
        cell(pairs.ratios(), 2),
    );
}

fn cell(values: Vec<f64>, decimals: usize) -> String {
    let Summary {
        median,
        spread_percent,
    } = Summary::of(values);
    format!("{median:>8.decimals$} ±{spread_percent:>4.1}%")
}

/// The name of the CPU where the system tells it.
fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find(|line| line.starts_with("model name"));
    let name = name.and_then(|line| line.split(':').nth(1));
    name.unwrap_or("unknown").trim().to_owned()
}
