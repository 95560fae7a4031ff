//! One thread, also for engines that start a pool of their own.

use std::io;
use std::process::{Command, ExitCode};

/// What engines read when they first need threads; a program cannot change it for itself.
const COUNTS: [&str; 3] = [
    "RAYON_NUM_THREADS",
    "RTEN_NUM_THREADS",
    "CANDLE_NUM_THREADS",
];

/// Starts this program again with a single thread for every engine; `None` if it has that already.
///
/// # Errors
/// Where the program cannot be started.
pub fn restart_with_one() -> io::Result<Option<ExitCode>> {
    let is_one = |name: &&str| std::env::var(name).is_ok_and(|count| count == "1");
    if COUNTS.iter().all(is_one) {
        return Ok(None);
    }
    let status = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .envs(COUNTS.map(|name| (name, "1")))
        .status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(Some(ExitCode::from(code.unwrap_or(2))))
}
