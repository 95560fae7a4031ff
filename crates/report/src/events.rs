//! Event files, which TensorBoard draws while a run goes on.

mod record;
#[cfg(test)]
mod tests;

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::Error;

/// Event files that may be begun in one directory in one second.
const NAMES: u32 = 1000;

/// An event file that is being written: numbers with a name, at a step.
///
/// Each event is a record with a checksum and reaches the file in one write, unbuffered, so that a
/// killed run leaves at most its last record torn; TensorBoard reads up to there. Numbers under the
/// same tag are a curve, and what stands before a `/` in a tag is the group it is shown in. All
/// event files of a directory are one run.
///
/// # Example
///
/// ```
/// use std::time::SystemTime;
/// use orthant_report::{EventFile, unix_seconds};
///
/// # let directory = tempfile::tempdir()?;
/// let mut events = EventFile::create(directory.path(), SystemTime::now())?;
/// for (epoch, loss, flip_ratio) in [(1, 0.58, 2.8e-3), (2, 0.12, 1.5e-3)] {
///     let now = unix_seconds(SystemTime::now());
///     events.scalar(epoch, now, &[("train/loss", loss), ("flip_ratio/conv1", flip_ratio)])?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
    /// Whole records.
    len_bytes: u64,
}

impl EventFile {
    /// Makes `events.out.tfevents.SECONDS.orthant` in an existing directory, SECONDS from 1970 to
    /// `started`; a clock before 1970 counts as 1970. Where files of this second are there
    /// already, `.1`, `.2` and so on follow.
    ///
    /// # Errors
    /// `Io` if the system refuses, `Taken` if 1000 files of this second are there.
    pub fn create(directory: &Path, started: SystemTime) -> Result<Self, Error> {
        let seconds = unix_seconds(started);
        // A negative number becomes 0.
        let first = format!("events.out.tfevents.{:010}.orthant", seconds as u64);
        let mut name = first.clone();
        for n in 1..=NAMES {
            let path = directory.join(&name);
            // Appending, so that what follows a failed write begins where it began.
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    let mut events = Self {
                        path,
                        file,
                        len_bytes: 0,
                    };
                    events.write(&record::version(seconds))?;
                    return Ok(events);
                }
                Err(source) if source.kind() != ErrorKind::AlreadyExists => {
                    return Err(Error::io(&path, source));
                }
                Err(_) if n < NAMES => name = format!("{first}.{n}"),
                Err(_) => {}
            }
        }
        Err(Error::Taken {
            directory: directory.to_owned(),
            last: name,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes numbers under their tags at `step`, `wall_time` in seconds from 1970.
    ///
    /// No number writes nothing.
    ///
    /// # Errors
    /// `Io` if the system refuses; the numbers are then left out, and the file stays whole if the
    /// system lets it.
    pub fn scalar(
        &mut self,
        step: i64,
        wall_time: f64,
        numbers: &[(&str, f32)],
    ) -> Result<(), Error> {
        match numbers {
            [] => Ok(()),
            _ => self.write(&record::scalars(step, wall_time, numbers)),
        }
    }

    /// Says that the run begins again at `step`: readers forget what older events of the directory
    /// say about this step and later ones.
    ///
    /// A resumed run repeats the steps since its last checkpoint.
    ///
    /// # Errors
    /// As [`scalar`](Self::scalar).
    pub fn restart(&mut self, step: i64, wall_time: f64) -> Result<(), Error> {
        self.write(&record::start(step, wall_time))
    }

    fn write(&mut self, record: &[u8]) -> Result<(), Error> {
        match self.file.write_all(record) {
            Ok(()) => {
                self.len_bytes += record.len() as u64;
                Ok(())
            }
            Err(source) => {
                // A torn record would hide all that follow; the first error is the one to tell.
                let _ = self.file.set_len(self.len_bytes);
                Err(Error::io(&self.path, source))
            }
        }
    }
}

/// Seconds from 1970 to `time`, negative before.
pub fn unix_seconds(time: SystemTime) -> f64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}
