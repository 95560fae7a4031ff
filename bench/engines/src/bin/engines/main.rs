//! The binary matrix product of `orthant-kernels` beside that of `numkong`, on one thread.
//!
//! ```text
//! orthant   sum[i, j]        = k − 2 · popcount(x[i] xor w[j])     x : [m, k]  w : [n, k]
//! numkong   mismatches[i, j] =         popcount(x[i] xor w[j])
//! ```
#![forbid(unsafe_code)]

mod case;
mod orthant;
mod peer;
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use orthant_engines::{Call, alternate};
use orthant_kernels::Kernels;

use case::{CASES, Case};
use orthant::Orthant;
use peer::Peer;
use report::Pairs;

/// The shortest slice.
const SLICE: Duration = Duration::from_millis(4);

const HELP: &str = "\
Times the binary matrix product of orthant-kernels beside that of numkong, on one thread.

Usage: engines [CASE]...

Arguments:
  [CASE]...   run the cases whose name contains one of these; all without any

Options:
  -h, --help  print this

ORTHANT_ISA forces the instruction set of orthant-kernels. numkong takes the best one of the CPU.
Exit codes: 0 done, 1 the two sides disagree, 2 error.";

/// How the run ended, where nothing failed.
enum Outcome {
    Done,
    Disagreement,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a == "-h" || a == "--help") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Disagreement) => ExitCode::from(1),
        Err(error) => {
            eprintln!("engines: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs the cases that `names` choose and prints a row for each.
fn run(names: &[String]) -> Result<Outcome, Box<dyn Error>> {
    let cases = chosen(names)?;
    let kernels = Kernels::detect()?;
    let peer_isa = peer::configure();
    report::heading(kernels.isa(), peer_isa);
    for case in cases {
        let Some(pairs) = measure(kernels, case)? else {
            eprintln!("engines: {}: the two sides disagree", case.name);
            return Ok(Outcome::Disagreement);
        };
        report::row(case, kernels.isa(), &pairs);
    }
    Ok(Outcome::Done)
}

/// The cases whose name contains one of `names`; all without any.
fn chosen(names: &[String]) -> Result<Vec<&'static Case>, String> {
    if let Some(unknown) = names.iter().find(|n| !CASES.iter().any(|c| c.is_called(n))) {
        return Err(format!("no case is called {unknown:?}"));
    }
    let is_chosen = |case: &&Case| names.is_empty() || names.iter().any(|n| case.is_called(n));
    Ok(CASES.iter().filter(is_chosen).collect())
}

/// Times both sides on one case; `None` if they give different integers.
fn measure(kernels: Kernels, case: &Case) -> Result<Option<Pairs>, Box<dyn Error>> {
    let activations = case.random_matrix(case.m, 1);
    let weights = case.random_matrix(case.n, 2);
    let mut ours = Orthant::new(kernels, activations.clone(), &weights)?;
    let mut theirs = Peer::new(&activations, &weights)?;
    ours.multiply()?;
    theirs.multiply()?;
    if !agree(case.k, ours.sums(), theirs.mismatches()) {
        return Ok(None);
    }
    let mut sides: [Call<'_>; 2] = [Box::new(|| ours.multiply()), Box::new(|| theirs.multiply())];
    let times = alternate(case.slices, SLICE, &mut sides)?;
    let Ok([ours, theirs]) = <[_; 2]>::try_from(times) else {
        unreachable!("every side has its times");
    };
    Ok(Some(Pairs {
        ours: ours.wall_ns,
        theirs: theirs.wall_ns,
    }))
}

/// Whether `sum = k − 2 · mismatches` everywhere.
fn agree(k: usize, sums: &[i32], mismatches: &[u32]) -> bool {
    let sum = |mismatches: u32| k as i64 - 2 * i64::from(mismatches);
    sums.len() == mismatches.len()
        && sums
            .iter()
            .zip(mismatches)
            .all(|(&ours, &theirs)| i64::from(ours) == sum(theirs))
}
