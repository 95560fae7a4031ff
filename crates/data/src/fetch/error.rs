//! Why a file could not be fetched.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What the network, a server or the disk refuses.
///
/// The crate's [`Error`](crate::Error) is about data that are there, this one about getting them.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// A file of that name holds other bytes.
    Different {
        /// The file.
        path: PathBuf,
        /// The published SHA-256.
        expected: &'static str,
        /// The file's.
        found: String,
    },
    /// What stands under the file's name, or its part's, is none.
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Another process fetches the same file to the same place.
    Busy {
        /// The part that it writes.
        path: PathBuf,
    },
    /// The disk refuses.
    Io {
        /// What was to be done, after "cannot".
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A URL, a proxy or the machine's certificates make any request impossible.
    Setup {
        /// What is wrong.
        reason: String,
    },
    /// No answer came, or none to the end: no network, a refusal, a proxy, TLS, a timeout.
    Network {
        /// What was asked for.
        url: String,
        /// What is wrong.
        reason: String,
        /// Whether another attempt may succeed.
        passing: bool,
    },
    /// The server answers, but not with the file.
    Status {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        found: u16,
    },
    /// The server leads to a URL without TLS although TLS was asked for.
    Downgrade {
        /// What was asked for.
        url: String,
        /// Where the server leads.
        found: String,
    },
    /// The server has, or sends, a file of another length.
    Length {
        /// What was asked for.
        url: String,
        /// The published number of bytes.
        expected_bytes: u64,
        /// The server's; where it sends more than it should, those that were taken.
        found_bytes: u64,
    },
    /// The server continues somewhere else than asked.
    Range {
        /// What was asked for.
        url: String,
        /// The byte to continue with.
        expected_first: u64,
        /// The answer's `Content-Range`, if it has one.
        found: Option<String>,
    },
    /// The server's file changed between two requests for parts of it.
    Changed {
        /// What was asked for.
        url: String,
        /// The version of the part that is there.
        expected: String,
        /// The version that the server now has.
        found: String,
    },
    /// All bytes came, and they are others than the published ones.
    Hash {
        /// Where they came from.
        url: String,
        /// The published SHA-256.
        expected: &'static str,
        /// Theirs.
        found: String,
        /// How many of them an earlier fetch had left.
        resumed_bytes: u64,
    },
}

impl FetchError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn not_a_file(path: &Path) -> Self {
        Self::NotAFile {
            path: path.to_owned(),
        }
    }

    /// Whether another attempt may succeed.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Network { passing, .. } => *passing,
            Self::Status { found, .. } => matches!(found, 408 | 416 | 429 | 500..=599),
            Self::Range { .. } | Self::Changed { .. } => true,
            _ => false,
        }
    }

    /// Whether the file may well be had elsewhere or by hand: the disk and what lies there are in
    /// order.
    pub fn is_of_the_network(&self) -> bool {
        !matches!(
            self,
            Self::Different { .. } | Self::NotAFile { .. } | Self::Busy { .. } | Self::Io { .. }
        )
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Different {
                path,
                expected,
                found,
            } => write!(
                f,
                "{} has the SHA-256 {found}, expected {expected}; move it away, or replace it \
                 with --force",
                path.display()
            ),
            Self::NotAFile { path } => {
                write!(f, "{} is no regular file, expected one", path.display())
            }
            Self::Busy { path } => write!(
                f,
                "another process writes {}; wait for it, or choose another directory",
                path.display()
            ),
            Self::Io {
                action,
                path,
                source,
            } => write!(f, "cannot {action} {}: {source}", path.display()),
            Self::Setup { reason } => f.write_str(reason),
            Self::Network { url, reason, .. } => write!(f, "cannot get {url}: {reason}"),
            Self::Status { url, found } => {
                write!(f, "{url} answers with HTTP status {found}, expected 200")
            }
            Self::Downgrade { url, found } => write!(
                f,
                "{url} leads to {found}, expected https: without it anyone may change the bytes"
            ),
            Self::Length {
                url,
                expected_bytes,
                found_bytes,
            } => write!(
                f,
                "{url} has or sends {found_bytes} bytes, expected {expected_bytes}: it is another \
                 file"
            ),
            Self::Range {
                url,
                expected_first,
                found,
            } => write!(
                f,
                "{url} continues with {}, expected byte {expected_first}",
                found.as_deref().unwrap_or("no word of where")
            ),
            Self::Changed {
                url,
                expected,
                found,
            } => write!(
                f,
                "{url} changed meanwhile: its version is {found}, expected {expected}"
            ),
            Self::Hash {
                url,
                expected,
                found,
                resumed_bytes,
            } => {
                write!(f, "{url} has the SHA-256 {found}, expected {expected}; ")?;
                match resumed_bytes {
                    0 => f.write_str("what was downloaded is removed"),
                    _ => write!(
                        f,
                        "{resumed_bytes} bytes of it were left by an earlier download and may be \
                         the cause; all is removed, fetch it again"
                    ),
                }
            }
        }
    }
}

impl error::Error for FetchError {}
