//! How far a download is: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use orthant_data::{FetchEvent, RemoteFile};

use crate::figures::megabytes;
use crate::output::note;

/// Without a terminal, a download says where it is this often.
const EVERY: Duration = Duration::from_secs(5);

/// The progress of one file.
pub struct Progress {
    file: RemoteFile,
    bar: Option<ProgressBar>,
    /// Bytes that were there at the start, once they are known.
    first: Option<u64>,
    started: Instant,
    said: Instant,
}

impl Progress {
    /// Nothing is shown before the first byte is asked for.
    pub fn new(file: &RemoteFile) -> Self {
        let now = Instant::now();
        Self {
            file: *file,
            bar: None,
            first: None,
            started: now,
            said: now,
        }
    }

    /// Follows a fetch.
    pub fn event(&mut self, event: &FetchEvent<'_>) {
        match event {
            FetchEvent::Bytes(bytes) => self.bytes(*bytes),
            FetchEvent::Retry { error, pause } => {
                self.say(&format!("{error}; again in {} s", pause.as_secs_f32()));
            }
            _ => {}
        }
    }

    fn bytes(&mut self, bytes: u64) {
        let Some(first) = self.first else {
            self.first = Some(bytes);
            if std::io::stderr().is_terminal() {
                let bar = bar(&self.file);
                // What was there before is no part of the rate.
                bar.set_position(bytes);
                bar.reset_eta();
                self.bar = Some(bar);
            }
            return;
        };
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        } else if self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            let seconds = self.started.elapsed().as_secs_f64();
            // A server without ranges starts over, below what there was.
            let rate = bytes.saturating_sub(first) as f64 / 1e6 / seconds;
            self.say(&format!(
                "{}: {} of {}, {rate:.1} MB/s",
                self.file.name,
                megabytes(bytes),
                megabytes(self.file.bytes)
            ));
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => note(line),
        }
    }

    /// Takes the bar away.
    pub fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(file: &RemoteFile) -> ProgressBar {
    let bar = ProgressBar::new(file.bytes).with_message(file.name);
    let template = "{msg} {wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    // A template that does not parse leaves the bar in its plain style.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
