//! Standard output, which may be closed at any time.

use std::fmt::Display;
use std::io::{self, ErrorKind, Stdout, Write};

/// Standard output; a reader who has seen enough, as `head` has, is no error and changes no answer.
pub struct Output(Stdout);

/// Where commands print.
pub fn output() -> Output {
    Output(io::stdout())
}

/// A line beside the results, to standard error; where that is closed nobody reads it.
pub fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            done => done,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }
}
