//! What a training run shows: a bar on a terminal, plain lines elsewhere, JSON where asked for.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use orthant_kernels::Kernels;
use orthant_train::{EpochMetrics, Event, Model, Score};

use crate::machine;
use crate::output::output;

/// Without a terminal, a long epoch says where it is this often.
const EVERY: Duration = Duration::from_secs(60);

/// The log of a run.
pub struct Log {
    epochs: usize,
    json: bool,
    bar: Option<ProgressBar>,
    epoch: usize,
    images: usize,
    started: Instant,
    epoch_started: Instant,
    said: Instant,
}

impl Log {
    /// A log of so many epochs.
    pub fn new(epochs: usize, json: bool) -> Self {
        let now = Instant::now();
        Self {
            epochs,
            json,
            bar: (std::io::stderr().is_terminal() && epochs > 0).then(bar),
            epoch: 0,
            images: 0,
            started: now,
            epoch_started: now,
            said: now,
        }
    }

    /// Says what is trained.
    pub fn start(&self, model: &Model, threads: usize, kernels: Kernels) {
        let [quantized, real] = model.weights();
        let layers = model.plans().len();
        self.say(&format!(
            "{layers} layers, {quantized} quantized weights, {real} real ones; {}, {threads} \
             thread(s)",
            kernels.isa()
        ));
    }

    /// Follows a run.
    pub fn event(&mut self, event: Event) {
        match event {
            Event::Epoch { epoch, images } => {
                (self.epoch, self.images) = (epoch, images);
                self.epoch_started = Instant::now();
                self.said = self.epoch_started;
            }
            Event::Step { score, images } => self.step(score, images),
            Event::Evaluated { split, done, of } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("evaluates the {split} images, {done} of {of}"));
                }
            }
            Event::Line(metrics) if self.json => {
                let line = serde_json::to_string(metrics).expect("metrics are plain data");
                self.print(|| print_out(&line));
            }
            Event::Line(metrics) => self.say(&self.line(metrics)),
        }
    }

    fn step(&mut self, score: &Score, images: usize) {
        let done = (self.epoch - 1) * self.images + score.images;
        let left = self.left(done);
        let rate = score.images as f64 / self.epoch_started.elapsed().as_secs_f64();
        let text = format!(
            "epoch {}/{}  loss {:.4}  accuracy {:.2} %  {rate:.0} images/s  {left} left",
            self.epoch,
            self.epochs,
            score.mean_loss(),
            100.0 * score.accuracy(),
        );
        match &self.bar {
            Some(bar) => {
                bar.set_length((self.epochs * self.images) as u64);
                bar.set_message(text);
                bar.inc(images as u64);
            }
            None if !self.json && self.said.elapsed() >= EVERY => {
                self.said = Instant::now();
                self.say(&format!(
                    "{text}  ({} of {} images)",
                    score.images, self.images
                ));
            }
            None => {}
        }
    }

    /// The time left, from the images done of all epochs.
    fn left(&self, done: usize) -> String {
        let share = done as f64 / (self.epochs * self.images) as f64;
        let left = self.started.elapsed().as_secs_f64() * (1.0 - share) / share;
        let left = left.round() as u64;
        match (left / 3600, left / 60 % 60, left % 60) {
            (0, 0, seconds) => format!("{seconds} s"),
            (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
            (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
        }
    }

    fn line(&self, metrics: &EpochMetrics) -> String {
        let mut line = format!(
            "epoch {}/{}  loss {:.4}  accuracy {:.2} %",
            metrics.epoch,
            self.epochs,
            metrics.train_loss,
            100.0 * metrics.train_accuracy
        );
        if let Some(accuracy) = metrics.valid_accuracy {
            line += &format!("  validation {:.2} %", 100.0 * accuracy);
        }
        line + &format!(
            "  {:.0} images/s  lr {:.2e}",
            metrics.images_per_second, metrics.lr
        )
    }

    /// Says what the run came to.
    pub fn end(&self, last: Option<&EpochMetrics>, directory: &Path) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if let Some(accuracy) = last.and_then(|metrics| metrics.test_accuracy) {
            let seconds = self.started.elapsed().as_secs_f64();
            let memory = machine::peak_rss_mib();
            let memory = memory.map_or(String::new(), |mib| format!(", {mib:.0} MiB at most"));
            self.say(&format!(
                "test accuracy {:.2} % after {seconds:.1} s{memory}",
                100.0 * accuracy
            ));
        }
        self.say(&format!("the run is in {}", directory.display()));
    }

    /// A line to the user: to standard error where standard output holds JSON.
    fn say(&self, line: &str) {
        self.print(|| match self.json {
            true => eprintln!("{line}"),
            false => print_out(line),
        });
    }

    /// Prints without disturbing the bar.
    fn print(&self, print: impl Fn()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

/// A line to standard output. Nobody may read it any more; the run goes on.
fn print_out(line: &str) {
    let _ = writeln!(output(), "{line}");
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:20} {percent:>3} %  {msg}");
    let style = style.expect("the template is one");
    ProgressBar::new(1).with_style(style)
}
