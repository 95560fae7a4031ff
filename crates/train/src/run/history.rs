//! `metrics.jsonl`: a line for each epoch.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::{EpochMetrics, Error, file};

/// Reads the lines of a run, oldest first; none where there is no file yet.
///
/// A last line without an end is one that is being written, or was when the power went, and is
/// left out.
///
/// # Errors
/// A file that cannot be read, or a line that is none.
pub fn read(path: &Path) -> Result<Vec<EpochMetrics>, Error> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|source| Error::io("read the metrics", path, source))?,
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines().enumerate().map(|(line, text)| {
        serde_json::from_str(text).map_err(|source| Error::Metrics {
            path: path.to_owned(),
            line: line + 1,
            message: source.to_string(),
        })
    });
    lines.collect()
}

/// Keeps the lines of the first epochs: what came after the checkpoint comes again.
///
/// # Errors
/// A file that cannot be read or written.
pub fn cut(path: &Path, epochs: usize) -> Result<(), Error> {
    let lines = read(path)?;
    let kept = lines.iter().filter(|line| line.epoch <= epochs);
    let text: String = kept.map(line).collect();
    match path.try_exists() {
        Ok(false) => Ok(()),
        _ => file::replace(path, "write the metrics", |part| fs::write(part, text)),
    }
}

/// Appends an epoch.
///
/// # Errors
/// A file that cannot be written; no part of the line stays then.
pub fn append(path: &Path, metrics: &EpochMetrics) -> Result<(), Error> {
    let file = File::options().append(true).create(true).open(path);
    let done = file.and_then(|mut file| {
        let len = file.metadata()?.len();
        let written = file
            .write_all(line(metrics).as_bytes())
            .and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a line would break every reader; that it may stay does not change the error.
            let _ = file.set_len(len);
        }
        written
    });
    done.map_err(|source| Error::io("write the metrics", path, source))
}

fn line(metrics: &EpochMetrics) -> String {
    serde_json::to_string(metrics).expect("metrics are plain data") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(epoch: usize) -> EpochMetrics {
        EpochMetrics {
            epoch,
            seconds: 0.1,
            images_per_second: 1e3 / 3.0,
            lr: 1e-3,
            train_loss: 0.1 + 0.2,
            train_accuracy: 0.5,
            valid_loss: None,
            valid_accuracy: Some(1.0 / 3.0),
            test_loss: None,
            test_accuracy: None,
            layers: Vec::new(),
        }
    }

    #[test]
    fn lines_are_read_as_they_were_written_and_cut_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        cut(&path, 1).unwrap();
        assert!(read(&path).unwrap().is_empty() && !path.exists());
        for epoch in 1..=3 {
            append(&path, &metrics(epoch)).unwrap();
        }
        assert_eq!(read(&path).unwrap(), [1, 2, 3].map(metrics));
        cut(&path, 2).unwrap();
        assert_eq!(read(&path).unwrap(), [1, 2].map(metrics));
    }

    #[test]
    fn half_a_line_is_no_line_and_rubbish_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        append(&path, &metrics(1)).unwrap();
        let whole = fs::read(&path).unwrap();
        let torn = [&whole[..], &whole[..whole.len() / 2]].concat();
        fs::write(&path, torn).unwrap();
        assert_eq!(read(&path).unwrap(), [metrics(1)]);
        cut(&path, 1).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
        fs::write(&path, [&whole[..], b"rubbish\n"].concat()).unwrap();
        let text = read(&path).unwrap_err().to_string();
        assert!(text.contains("line 2"), "{text}");
    }
}
