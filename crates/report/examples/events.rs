//! A run for TensorBoard: `metrics.jsonl` to an event file beside it, or in another directory.
//!
//!     cargo run -p orthant-report --example events -- RUN/metrics.jsonl DIRECTORY
//!     tensorboard --logdir DIRECTORY
//!
//! The step is the epoch. Times are those at which the lines are read: the file has none.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use orthant_report::{EventFile, unix_seconds};
use serde_json::Value;

/// The tag of a key.
const TAGS: [(&str, &str); 8] = [
    ("train/loss", "train_loss"),
    ("train/accuracy", "train_accuracy"),
    ("valid/loss", "valid_loss"),
    ("valid/accuracy", "valid_accuracy"),
    ("test/loss", "test_loss"),
    ("test/accuracy", "test_accuracy"),
    ("lr", "lr"),
    ("images_per_second", "images_per_second"),
];

/// The numbers of an epoch, each under its tag.
fn numbers(epoch: &Value) -> Vec<(String, f32)> {
    let number = |value: &Value| value.as_f64().map(|number| number as f32);
    let tagged = |(tag, key): (&str, &str)| Some((tag.to_owned(), number(&epoch[key])?));
    let mut numbers: Vec<_> = TAGS.into_iter().filter_map(tagged).collect();
    for layer in epoch["layers"].as_array().into_iter().flatten() {
        let name = layer["name"].as_str().unwrap_or_default();
        for key in ["flip_ratio", "angle_deg"] {
            let found = number(&layer[key]).map(|number| (format!("{key}/{name}"), number));
            numbers.extend(found);
        }
    }
    numbers
}

fn main() -> Result<(), Box<dyn Error>> {
    let [metrics, directory] = &env::args().skip(1).collect::<Vec<_>>()[..] else {
        return Err("expected METRICS.jsonl DIRECTORY".into());
    };
    let mut events = EventFile::create(Path::new(directory), SystemTime::now())?;
    for line in fs::read_to_string(metrics)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        if let Some(epoch) = line["epoch"].as_i64() {
            let numbers = numbers(&line);
            let numbers: Vec<_> = numbers.iter().map(|(tag, n)| (tag.as_str(), *n)).collect();
            events.scalar(epoch, unix_seconds(SystemTime::now()), &numbers)?;
        }
    }
    println!("{}", events.path().display());
    Ok(())
}
