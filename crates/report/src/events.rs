//! Event files, which TensorBoard draws while a run goes on.

mod record;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::Error;

/// What the name of an event file begins with.
const PREFIX: &str = "events.out.tfevents.";

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
    /// `started`; a clock before 1970 counts as 1970.
    ///
    /// Readers take files in the order of their names, so SECONDS are later than those of every
    /// file that is there, whatever the clock says.
    ///
    /// # Errors
    /// `Io` if the system refuses.
    pub fn create(directory: &Path, started: SystemTime) -> Result<Self, Error> {
        let now = unix_seconds(started);
        let latest = latest(directory).map_err(|source| Error::io(directory, source))?;
        // A negative number becomes 0.
        let mut seconds = (now as u64).max(latest.map_or(0, |latest| latest.saturating_add(1)));
        loop {
            let path = directory.join(format!("{PREFIX}{seconds:010}.orthant"));
            // Appending, so that what follows a failed write begins where it began.
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    let mut events = Self {
                        path,
                        file,
                        len_bytes: 0,
                    };
                    events.write(&record::version(now))?;
                    return Ok(events);
                }
                // Another process took the name since.
                Err(source) if source.kind() == ErrorKind::AlreadyExists && seconds < u64::MAX => {
                    seconds += 1;
                }
                Err(source) => return Err(Error::io(&path, source)),
            }
        }
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

/// The latest seconds in the names of a directory's event files.
fn latest(directory: &Path) -> io::Result<Option<u64>> {
    let mut latest = None;
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let seconds = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('.').next());
        latest = latest.max(seconds.and_then(|seconds| seconds.parse().ok()));
    }
    Ok(latest)
}

/// Seconds from 1970 to `time`, negative before.
pub fn unix_seconds(time: SystemTime) -> f64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}
