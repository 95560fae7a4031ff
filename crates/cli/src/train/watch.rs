//! What a run writes for those who watch it: TensorBoard's events while it trains, curves at its end.
//!
//! Both are made of `metrics.jsonl`, which is the run's own; where they cannot be written, the run
//! goes on without them and says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use orthant_report::{EventFile, unix_seconds};
use orthant_train::{EpochMetrics, Run, Summary, file};

use crate::curves;

/// The curves in a run's directory.
pub const CURVES: &str = "curves.svg";

/// The files for those who watch.
pub struct Watch {
    directory: PathBuf,
    events: EventFile,
}

impl Watch {
    /// Begins an event file of its own for this process.
    pub fn begin(directory: &Path, run: &Run) -> Result<Self> {
        let now = SystemTime::now();
        let mut events = EventFile::create(directory, now)?;
        let (epochs, _) = run.position();
        // What came after the checkpoint comes again.
        events.restart(epochs as i64 + 1, unix_seconds(now))?;
        Ok(Self {
            directory: directory.to_owned(),
            events,
        })
    }

    /// Writes an epoch.
    pub fn line(&mut self, line: &EpochMetrics) -> Result<()> {
        let numbers = curves::tagged(line);
        let numbers: Vec<_> = numbers.iter().map(|(tag, n)| (tag.as_str(), *n)).collect();
        let now = unix_seconds(SystemTime::now());
        Ok(self.events.scalar(line.epoch as i64, now, &numbers)?)
    }

    /// Draws the curves.
    pub fn end(self) -> Result<()> {
        let lines = Summary::read(&self.directory)?.metrics;
        if lines.is_empty() {
            return Ok(());
        }
        let name = self
            .directory
            .file_name()
            .unwrap_or(self.directory.as_os_str());
        let svg = curves::of_run(&name.to_string_lossy(), &lines);
        let path = self.directory.join(CURVES);
        Ok(file::replace(&path, "write the curves", |part| {
            fs::write(part, &svg)
        })?)
    }
}
