//! What a training run shows: a bar on a terminal, plain lines elsewhere, JSON where asked for.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::mem::{self, Discriminant};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use orthant_train::{Ended, EpochMetrics, Event, Finding, FindingKind, Run, Score};

use super::watch::Watch;
use crate::machine;
use crate::output::{note, output};
use crate::signals::Signals;

/// Without a terminal, a long epoch says where it is this often.
const EVERY: Duration = Duration::from_secs(60);

/// The log of a run.
pub struct Log {
    json: bool,
    bar: Option<ProgressBar>,
    watch: Option<Watch>,
    epochs: usize,
    epoch: usize,
    images: usize,
    /// Images of all epochs that were done when this process began.
    before: usize,
    /// Images of the epoch that were done when this process came to it.
    epoch_before: usize,
    started: Instant,
    epoch_started: Instant,
    said: Instant,
    is_stopping: bool,
    /// The largest share of channels that was told of each layer and kind of finding.
    found: HashMap<(String, Discriminant<FindingKind>), f64>,
}

impl Log {
    /// A log that begins now.
    pub fn new(json: bool) -> Self {
        let now = Instant::now();
        Self {
            json,
            bar: None,
            watch: None,
            epochs: 0,
            epoch: 0,
            images: 0,
            before: 0,
            epoch_before: 0,
            started: now,
            epoch_started: now,
            said: now,
            is_stopping: false,
            found: HashMap::new(),
        }
    }

    /// Says what is trained.
    pub fn start(&mut self, run: &Run, directory: &Path, threads: usize) {
        self.epochs = run.recipe().training.epochs;
        if std::io::stderr().is_terminal() && !run.is_finished() {
            self.bar = Some(bar());
        }
        self.watch = Some(Watch::new(directory));
        let model = run.model();
        let [quantized, real] = model.weights();
        let layers = model.plans().len();
        self.say(&format!(
            "{layers} layers, {quantized} quantized weights, {real} real ones; {}, {threads} \
             thread(s); some {} MiB of memory",
            run.isa(),
            mebibytes(run.memory())
        ));
        if let Some(available) = machine::available_bytes()
            && available < run.memory()
        {
            self.warn(&format!(
                "the machine has {} MiB to spare; a smaller training.batch needs less",
                mebibytes(available)
            ));
        }
        if self.epochs == 0 {
            self.warn("0 epochs; the run holds the initial weights");
        }
        match run.position() {
            (0, 0) => {}
            (epochs, _) if run.is_finished() => {
                self.say(&format!("the run is finished, after {epochs} epoch(s)"));
            }
            (epochs, steps) => self.say(&format!(
                "goes on after {epochs} of {} epochs and {steps} step(s)",
                self.epochs
            )),
        }
        if let [.., last, now] = &run.stamp().sittings[..]
            && !run.is_finished()
            && (&last.isa, &last.version) != (&now.isa, &now.version)
        {
            self.warn(&format!(
                "the run was trained by version {} with {}, this is {} with {}; its bits may differ \
                 from those of a run that was trained by one alone",
                last.version, last.isa, now.version, now.isa
            ));
        }
    }

    /// Follows a run.
    pub fn event(&mut self, event: Event, signals: &Signals) {
        if signals.came() && !self.is_stopping {
            self.is_stopping = true;
            // What is said is true when it is read.
            signals.arm();
            self.note("stops with a checkpoint; a second signal stops at once");
        }
        match event {
            Event::Epoch {
                epoch,
                images,
                done,
            } => {
                if self.epoch == 0 {
                    self.before = (epoch - 1) * images + done;
                }
                (self.epoch, self.images, self.epoch_before) = (epoch, images, done);
                self.epoch_started = Instant::now();
                self.said = self.epoch_started;
            }
            Event::Step { score } => self.step(score),
            Event::Evaluated { split, done, of } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(format!("evaluates the {split} images, {done} of {of}"));
                }
            }
            Event::Line(metrics) => self.epoch(metrics),
            Event::Found(finding) => self.found(finding),
        }
    }

    fn epoch(&mut self, metrics: &EpochMetrics) {
        if self.json {
            let line = serde_json::to_string(metrics).expect("metrics are plain data");
            self.print(|| print_out(&line));
        } else {
            self.say(&self.line(metrics));
        }
        if let Some(Err(error)) = self.watch.as_mut().map(Watch::epoch) {
            self.warn(&format!("{error:#}; the run goes on without"));
        }
    }

    fn step(&mut self, score: &Score) {
        let done = (self.epoch - 1) * self.images + score.images;
        let left = self.left(done);
        let images = (score.images - self.epoch_before) as f64;
        let rate = images / self.epoch_started.elapsed().as_secs_f64();
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
                bar.set_position(done as u64);
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

    /// Says what was found, once, and again where it has become half as much again.
    fn found(&mut self, finding: &Finding) {
        let key = (finding.layer.clone(), mem::discriminant(&finding.kind));
        let said = self.found.entry(key).or_insert(0.0);
        if finding.share() > 1.5 * *said {
            *said = finding.share();
            self.warn(&finding.to_string());
        }
    }

    /// The time left, from the images done of all epochs.
    fn left(&self, done: usize) -> String {
        let images_left = (self.epochs * self.images).saturating_sub(done);
        let pace = self.started.elapsed().as_secs_f64() / (done - self.before) as f64;
        let left = (pace * images_left as f64).round() as u64;
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
    ///
    /// `go_on` is the command that goes on with a run that was stopped.
    pub fn end(&mut self, run: &Run, ended: Option<&Ended>, directory: &Path, go_on: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if let Some(watch) = self.watch.take()
            && let Err(error) = watch.end()
        {
            self.warn(&format!("{error:#}"));
        }
        if let Some(Ended::Finished(Some(metrics))) = ended
            && let Some(accuracy) = metrics.test_accuracy
        {
            let seconds = self.started.elapsed().as_secs_f64();
            let memory = machine::peak_rss_mib();
            let memory = memory.map_or(String::new(), |mib| format!(", {mib:.0} MiB at most"));
            self.say(&format!(
                "test accuracy {:.2} % after {seconds:.1} s{memory}",
                100.0 * accuracy
            ));
        }
        let directory = directory.display();
        match ended {
            Some(Ended::Finished(_)) => self.say(&format!("the run is in {directory}")),
            Some(Ended::Stopped) => {
                let (epochs, steps) = run.position();
                self.note(&format!(
                    "stopped after {epochs} epoch(s) and {steps} step(s); go on with: {go_on}"
                ));
            }
            None => {}
        }
    }

    /// A line beside the results. The terminal may be closed; the run goes on.
    fn note(&self, line: &str) {
        self.print(|| note(line));
    }

    fn warn(&self, line: &str) {
        self.note(&format!("warning: {line}"));
    }

    /// A line to the user: to standard error where standard output holds JSON.
    fn say(&self, line: &str) {
        match self.json {
            true => self.note(line),
            false => self.print(|| print_out(line)),
        }
    }

    /// Prints without disturbing the bar.
    fn print(&self, print: impl Fn()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

/// The nearest number of mebibytes.
fn mebibytes(bytes: u64) -> u64 {
    (bytes + (1 << 19)) >> 20
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
