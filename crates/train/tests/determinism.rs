//! One seed gives the same bits, whatever the number of threads.

mod runs;

use std::fs;

use orthant_train::Ended;
use runs::{RUNS, create, recipe, with_threads};

#[test]
fn a_seed_gives_the_same_bits_at_any_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    for (kind, (name, _)) in RUNS.into_iter().enumerate() {
        let recipe = recipe(kind, 2);
        let mut checkpoints = Vec::new();
        let mut lines = Vec::new();
        for threads in 1..=3 {
            let out = directory.path().join(format!("{kind}-{threads}"));
            let mut run = create(&out, &recipe).unwrap();
            let Ended::Finished(Some(last)) =
                with_threads(threads, || run.train(&mut |_| {})).unwrap()
            else {
                panic!("{name} is not finished");
            };
            checkpoints.push(fs::read(out.join("checkpoint.safetensors")).unwrap());
            lines.push((last.train_loss, last.test_accuracy));
        }
        assert!(
            checkpoints[0] == checkpoints[1] && checkpoints[0] == checkpoints[2],
            "{name}"
        );
        assert!(lines[0] == lines[1] && lines[0] == lines[2], "{name}");
    }
}
