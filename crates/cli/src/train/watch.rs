//! What a run writes for those who watch it: TensorBoard's events while it trains, curves at its end.
//!
//! Both are made of `metrics.jsonl`, which is the run's own; where they cannot be written, the run
//! goes on without them and says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;
use orthant_report::{EventFile, unix_seconds};
use orthant_train::{EpochMetrics, Summary, file};

use crate::curves;

/// The curves in a run's directory.
const CURVES: &str = "curves.svg";

/// The files for those who watch.
pub struct Watch {
    directory: PathBuf,
    events: Events,
}

/// The event file of this process.
enum Events {
    /// None before its first epoch.
    Wanted,
    /// The file.
    Open(EventFile),
    /// It could not be written.
    Failed,
}

impl Watch {
    /// Watches the run in a directory.
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            events: Events::Wanted,
        }
    }

    /// Writes the last epoch; the first time, in a file of its own, every epoch of the run, since
    /// those after a checkpoint come again.
    pub fn epoch(&mut self) -> Result<()> {
        let done = self.write();
        if done.is_err() {
            self.events = Events::Failed;
        }
        done
    }

    fn write(&mut self) -> Result<()> {
        if matches!(self.events, Events::Failed) {
            return Ok(());
        }
        let lines = Summary::read(&self.directory)?.metrics;
        let now = SystemTime::now();
        let line = |events: &mut EventFile, line: &EpochMetrics| {
            let numbers = curves::tagged(line);
            let numbers: Vec<_> = numbers.iter().map(|(tag, n)| (tag.as_str(), *n)).collect();
            events.scalar(line.epoch as i64, unix_seconds(now), &numbers)
        };
        if let Events::Open(events) = &mut self.events {
            return Ok(lines.last().map_or(Ok(()), |last| line(events, last))?);
        }
        let mut events = EventFile::create(&self.directory, now)?;
        events.restart(0, unix_seconds(now))?;
        lines.iter().try_for_each(|one| line(&mut events, one))?;
        self.events = Events::Open(events);
        Ok(())
    }

    /// Draws the curves.
    pub fn end(self) -> Result<()> {
        let lines = Summary::read(&self.directory)?.metrics;
        if lines.is_empty() {
            return Ok(());
        }
        let own = self.directory.as_os_str();
        let name = self.directory.file_name().unwrap_or(own);
        let svg = curves::of_run(&name.to_string_lossy(), &lines);
        let path = self.directory.join(CURVES);
        Ok(file::replace(&path, "write the curves", |part| {
            fs::write(part, &svg)
        })?)
    }
}
