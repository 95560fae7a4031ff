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
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
