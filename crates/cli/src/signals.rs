//! Signals: the first asks to stop, the second stops at once.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown, register_usize};
use signal_hook::low_level::unregister;

/// What a shell adds to the number of the signal that ended a command.
const ENDED_BY: i32 = 128;

/// What ends the process at a signal while nobody watches, since the system's own way is gone once
/// somebody has.
static UNWATCHED: Mutex<Vec<SigId>> = Mutex::new(Vec::new());

/// The signals that a process was sent, until it is dropped; from then on a signal ends the process.
pub struct Signals {
    watched: Vec<SigId>,
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
        let mut watched = Vec::new();
        for signal in heard() {
            let mut set = || {
                // A terminal that closes says so more than once.
                if signal != hang_up() {
                    let armed = Arc::clone(&is_armed);
                    watched.push(register_conditional_shutdown(
                        signal,
                        ENDED_BY + signal,
                        armed,
                    )?);
                }
                watched.push(register_usize(signal, Arc::clone(&last), signal as usize)?);
                watched.push(register(signal, Arc::clone(&stop))?);
                std::io::Result::Ok(())
            };
            set().with_context(|| format!("cannot wait for signal {signal}"))?;
        }
        forget(&mut unwatched());
        Ok(Self {
            watched,
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

impl Drop for Signals {
    fn drop(&mut self) {
        let end = |signal| {
            let always = Arc::new(AtomicBool::new(true));
            register_conditional_shutdown(signal, ENDED_BY + signal, always).ok()
        };
        unwatched().extend(heard().filter_map(end));
        forget(&mut self.watched);
    }
}

fn unwatched() -> MutexGuard<'static, Vec<SigId>> {
    UNWATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forget(actions: &mut Vec<SigId>) {
    for action in actions.drain(..) {
        unregister(action);
    }
}

/// Signals that the process does not ignore.
fn heard() -> impl Iterator<Item = i32> {
    let signals = [SIGINT, SIGTERM, hang_up()];
    signals
        .into_iter()
        .filter(|signal| *signal != 0 && !is_ignored(*signal))
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
