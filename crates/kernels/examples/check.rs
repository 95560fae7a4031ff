//! Holds every instruction set of this CPU against the oracle, in one plain thread.
//!
//! The property tests do the same under a test harness; this program runs where a harness cannot,
//! such as an emulated CPU. `cargo run --release -p orthant-kernels --features oracle --example
//! check -- [CASES] [SEED]`

use std::process::ExitCode;

use orthant_kernels::Kernels;
use orthant_kernels::oracle::{Case, Random, check, check_floats, check_gradients};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse());
    let (Ok(cases), Ok(seed)) = (
        arguments.next().unwrap_or(Ok(1000)),
        arguments.next().unwrap_or(Ok(1)),
    ) else {
        eprintln!("usage: check [CASES] [SEED], both whole numbers");
        return ExitCode::from(2);
    };
    for kernels in Kernels::available() {
        let random = &mut Random::new(seed);
        let mut compared = 0;
        for done in 0..cases {
            let case = Case::random(random);
            let floats = if done % 16 == 0 {
                check_floats(&kernels, case.seed)
            } else {
                Ok(0)
            };
            let gradients = check_gradients(&kernels, &case);
            match check(&kernels, &case).and_then(|n| Ok(n + floats? + gradients?)) {
                Ok(numbers) => compared += numbers,
                Err(difference) => {
                    println!(
                        "{}: case {done} of seed {seed}: {difference}",
                        kernels.isa()
                    );
                    return ExitCode::FAILURE;
                }
            }
        }
        println!(
            "{:8}  {cases} layers, {compared} numbers equal the oracle's",
            kernels.isa()
        );
    }
    ExitCode::SUCCESS
}
