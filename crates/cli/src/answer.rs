//! What a command ends with, where nothing failed.

use std::process::ExitCode;

/// The answer to what a command was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Yes, or done.
    Yes,
    /// A check or threshold failed.
    No,
    /// A signal asked to stop before the end; the exit code says which.
    Stopped(u8),
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::SUCCESS,
            Answer::No => Self::from(1),
            Answer::Stopped(code) => Self::from(code),
        }
    }
}
