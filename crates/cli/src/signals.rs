//! Signals: the first asks to stop, the second stops at once.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown, register_usize};

/// What a shell adds to the number of the signal that ended a command.
const ENDED_BY: i32 = 128;

/// The signals that a process was sent.
pub struct Signals {
    stop: Arc<AtomicBool>,
    last: Arc<AtomicUsize>,
    is_armed: Arc<AtomicBool>,
}

impl Signals {
    /// From now on, Ctrl-C, a request to terminate and a terminal that closes set `stop`.
    ///
    /// What the process was told to ignore, as by `nohup`, stays ignored, where the system tells.
    pub fn watch(stop: Arc<AtomicBool>) -> Result<Self> {
        let last = Arc::new(AtomicUsize::new(0));
        let is_armed = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, hang_up()] {
            if signal == 0 || is_ignored(signal) {
                continue;
            }
            let set = || {
                // A terminal that closes says so more than once.
                if signal != hang_up() {
                    let armed = Arc::clone(&is_armed);
                    register_conditional_shutdown(signal, ENDED_BY + signal, armed)?;
                }
                register_usize(signal, Arc::clone(&last), signal as usize)?;
                register(signal, Arc::clone(&stop))
            };
            set().with_context(|| format!("cannot wait for signal {signal}"))?;
        }
        Ok(Self {
            stop,
            last,
            is_armed,
        })
    }

    /// From now on, another Ctrl-C or request to terminate ends the process at once.
    ///
    /// Not from the first on: some programs send a signal twice to make sure.
    pub fn arm(&self) {
        self.is_armed.store(true, Ordering::Relaxed);
    }

    /// Whether one came.
    pub fn came(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The exit code of a process that one of them ended.
    pub fn exit_code(&self) -> u8 {
        let signal = self.last.load(Ordering::Relaxed) as i32;
        u8::try_from(ENDED_BY + signal).unwrap_or(u8::MAX)
    }
}

/// The signal of a terminal that closes, 0 where there is none.
fn hang_up() -> i32 {
    #[cfg(unix)]
    return signal_hook::consts::SIGHUP;
    #[cfg(not(unix))]
    0
}

/// Whether the process ignores a signal, where the system tells.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
