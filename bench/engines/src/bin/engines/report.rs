//! The table: medians, and the quartiles around them.

use orthant_engines::{Summary, cpu, ratios};
use orthant_kernels::Isa;

use crate::case::Case;

/// Nanoseconds per call, one entry per pair of neighbouring slices.
pub struct Pairs {
    /// Of `orthant-kernels`.
    pub ours: Vec<f64>,
    /// Of `numkong`.
    pub theirs: Vec<f64>,
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
        cell(ratios(&pairs.ours, &pairs.theirs), 2),
    );
}

fn cell(values: Vec<f64>, decimals: usize) -> String {
    let Summary {
        median,
        spread_percent,
        ..
    } = Summary::of(values);
    format!("{median:>8.decimals$} ±{spread_percent:>4.1}%")
}
