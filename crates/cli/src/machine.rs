//! What a command uses of the machine: instruction set, threads, memory.

use anyhow::{Context, Result, bail};
use orthant_kernels::Kernels;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Most threads that are believed.
const MAX_THREADS: usize = 1024;

/// The kernels of this CPU, or of `ORTHANT_ISA`.
pub fn kernels() -> Result<Kernels> {
    Kernels::detect().with_context(|| match std::env::var_os("ORTHANT_ISA") {
        Some(name) => format!("ORTHANT_ISA={}", name.display()),
        None => "cannot choose kernels".to_owned(),
    })
}

/// The number of threads asked for, or of those that the machine has.
pub fn threads(asked: Option<usize>) -> Result<usize> {
    match asked {
        Some(threads) if threads == 0 || threads > MAX_THREADS => {
            bail!("--threads is {threads}, expected 1 to {MAX_THREADS}")
        }
        Some(threads) => Ok(threads),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// A pool of threads.
pub fn pool(threads: usize) -> Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.with_context(|| format!("cannot start {threads} threads"))
}

/// The most memory that this process has held, where the system tells.
pub fn peak_rss_mib() -> Option<f64> {
    kibibytes("/proc/self/status", "VmHWM:").map(|kib| kib as f64 / 1024.0)
}

/// Bytes that this process can hold, those that it holds already among them, where the system tells.
pub fn available_bytes() -> Option<u64> {
    let free = kibibytes("/proc/meminfo", "MemAvailable:")?;
    let held = kibibytes("/proc/self/status", "VmRSS:")?;
    Some((free + held) << 10)
}

/// The number behind a word in one of the system's tables.
fn kibibytes(table: &str, word: &str) -> Option<u64> {
    let table = std::fs::read_to_string(table).ok()?;
    let line = table.lines().find_map(|line| line.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}
