//! The table, and the same as JSON.

use orthant_engines::{Entry, Precision, Summary, Times, cpu, ratios};

/// What is said of an engine at one batch.
pub struct Row {
    /// The engine.
    pub entry: &'static Entry,
    /// Images per call.
    pub batch: usize,
    /// Milliseconds per image on the wall.
    pub ms: Summary,
    /// Milliseconds per image of the processor.
    pub cpu_ms: Summary,
    /// Processor time over wall time, the median of slices: more than 1 is more than one thread.
    pub cpu_per_wall: f64,
    /// How many times as long as ours it takes, slice by slice; `None` without ours.
    pub times_ours: Option<Summary>,
}

impl Row {
    /// Rows of `entries` in order, with their times.
    pub fn all(entries: &[&'static Entry], batch: usize, times: Vec<Times>) -> Vec<Self> {
        let is_ours = |entry: &&Entry| entry.precision == Precision::Binary;
        let ours = entries
            .iter()
            .position(is_ours)
            .map(|index| times[index].wall_ns.clone());
        let rows = entries.iter().zip(times);
        rows.map(|(&entry, times)| {
            let ms = |ns: &[f64]| ns.iter().map(|ns| ns / 1e6 / batch as f64).collect();
            Self {
                entry,
                batch,
                ms: Summary::of(ms(&times.wall_ns)),
                cpu_ms: Summary::of(ms(&times.cpu_ns)),
                cpu_per_wall: Summary::of(ratios(&times.wall_ns, &times.cpu_ns)).median,
                times_ours: ours
                    .as_ref()
                    .map(|ours| Summary::of(ratios(ours, &times.wall_ns))),
            }
        })
        .collect()
    }
}

/// Prints the machine and the names of the columns.
pub fn heading(rounds: usize) {
    println!("cpu      {}", cpu());
    println!("threads  1");
    println!("values   medians of {rounds} slices, lowest and highest; cpu is processor time");
    println!();
    println!(
        "{:<14} {:<9} {:>5} {:>10} {:>18} {:>10} {:>20}",
        "engine", "precision", "batch", "ms/image", "range", "cpu ms", "times ours"
    );
}

/// Prints one engine.
pub fn row(row: &Row) {
    let Row { entry, ms, .. } = row;
    let times = row.times_ours.as_ref().map_or("-".to_owned(), |times| {
        let (median, low, high) = (times.median, times.low, times.high);
        format!("{median:.2} ({low:.2}–{high:.2})")
    });
    println!(
        "{:<14} {:<9} {:>5} {:>10.3} {:>18} {:>10.3} {times:>20}",
        entry.name,
        entry.precision,
        row.batch,
        ms.median,
        format!("{:.3}–{:.3}", ms.low, ms.high),
        row.cpu_ms.median,
    );
}

/// Prints everything as one object.
pub fn json(rounds: usize, rows: &[Row]) {
    let rows: Vec<String> = rows.iter().map(object).collect();
    println!(
        "{{\"cpu\": {:?}, \"threads\": 1, \"rounds\": {rounds}, \"rows\": [\n  {}\n]}}",
        cpu(),
        rows.join(",\n  ")
    );
}

fn object(row: &Row) -> String {
    let Row { entry, ms, .. } = row;
    let times = row.times_ours.as_ref();
    let times = times.map_or("null".to_owned(), |times| format!("{:.4}", times.median));
    format!(
        "{{\"engine\": {:?}, \"precision\": \"{}\", \"batch\": {}, \"ms_per_image\": {:.4}, \
         \"min\": {:.4}, \"max\": {:.4}, \"cpu_ms_per_image\": {:.4}, \"times_ours\": {times}}}",
        entry.name, entry.precision, row.batch, ms.median, ms.low, ms.high, row.cpu_ms.median,
    )
}
