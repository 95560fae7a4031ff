//! Downloads of published files: resumed, bounded, and kept only with the right SHA-256.
//!
//! A file grows as `NAME.part` beside its final name, which it gets by a rename once its hash is
//! right: nothing else ever stands there. What tells a server's versions apart lies in
//! `NAME.part.version`, so that a download that is resumed tomorrow does not mix two of them.

mod client;
mod download;
mod error;
mod part;
mod range;
mod redirect;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::Client;
pub use error::FetchError;
use part::Part;

use crate::RemoteFile;

/// How a file is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOptions {
    /// Base URL of a mirror, in place of the published one; the SHA-256 stays the check.
    pub mirror: Option<String>,
    /// Whether a file with another hash is replaced.
    pub replaces: bool,
    /// Whether the proxies of `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are used.
    pub proxies: bool,
    /// Until a connection stands, with TLS.
    pub connect_timeout: Duration,
    /// The longest silence of a server before and between its bytes.
    pub stall_timeout: Duration,
    /// Attempts in a row, none of which brings a mebibyte more, until it is given up.
    pub attempts: u32,
    /// The pause after the first attempt that fails; each further one doubles it.
    pub pause: Duration,
}

impl Default for FetchOptions {
    /// Half a minute for each timeout, five attempts, pauses of 1, 2, 4 and 8 seconds.
    fn default() -> Self {
        Self {
            mirror: None,
            replaces: false,
            proxies: true,
            connect_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(30),
            attempts: 5,
            pause: Duration::from_secs(1),
        }
    }
}

/// What happens during a fetch.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchEvent<'a> {
    /// So many bytes stand in the part, be it new or left by an earlier fetch.
    Bytes(u64),
    /// An attempt failed and the next one follows.
    Retry {
        /// Why it failed.
        error: &'a FetchError,
        /// The pause before the next one.
        pause: Duration,
    },
}

/// How a file came to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// It was there with the right hash; nothing was asked of the network.
    Present,
    /// It was downloaded, after so many bytes of an earlier download.
    Downloaded {
        /// Bytes that were there at the start of this fetch.
        resumed_bytes: u64,
    },
}

/// Fetches one file into a directory, which is made if it is wanting.
///
/// `watch` hears of progress, some 16 times a mebibyte.
///
/// # Errors
/// A file of that name with another hash, another fetch of it at the same time, a network or
/// server that does not give it, other bytes than the published ones, a disk that does not take
/// it. Under the final name stands nothing then, or what stood there before.
pub fn fetch(
    file: &RemoteFile,
    directory: &Path,
    options: &FetchOptions,
    watch: &mut dyn FnMut(FetchEvent<'_>),
) -> Result<Fetched, FetchError> {
    fs::create_dir_all(directory).map_err(|source| FetchError::io("make", directory, source))?;
    let path = directory.join(file.name);
    let mut part = loop {
        if is_right(&path, file, options.replaces)? {
            return Ok(Fetched::Present);
        }
        // None if the part got its final name, or was removed, between looking and locking.
        if let Some(part) = Part::lock(&path)? {
            break part;
        }
    };
    let resumed_bytes = part.resume(file.bytes)?;
    let client = Client::new(&file.url(options.mirror.as_deref()), options);
    let done = client.and_then(|client| {
        download::download(&client, file, &mut part, options, watch).map(|()| client)
    });
    let client = match done {
        Err(error) if part.len() == 0 => {
            // An empty part helps nobody; that it may stay does not change the error.
            let _ = part.remove();
            return Err(error);
        }
        done => done?,
    };
    let found = part.sha256();
    if found != file.sha256 {
        part.remove()?;
        return Err(FetchError::Hash {
            url: client.url().to_owned(),
            expected: file.sha256,
            found,
            resumed_bytes,
        });
    }
    // It may have appeared since; whose it is, the one that was there first stays.
    if is_right(&path, file, options.replaces)? {
        part.remove()?;
        return Ok(Fetched::Present);
    }
    part.publish()?;
    Ok(Fetched::Downloaded { resumed_bytes })
}

/// Whether the file stands there with its hash; with another one that is an error or, where it is
/// to be replaced, a no.
fn is_right(path: &Path, file: &RemoteFile, replaces: bool) -> Result<bool, FetchError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(FetchError::io("look at", path, source)),
        // A link may lead to a file, or nowhere; opening tells.
        Ok(there) if there.is_dir() => return Err(FetchError::not_a_file(path)),
        Ok(_) => {}
    }
    let there = fs::metadata(path).map_err(|source| FetchError::io("look at", path, source))?;
    if !there.is_file() {
        return Err(FetchError::not_a_file(path));
    }
    let found = part::sha256_of(path)?;
    match found == file.sha256 {
        true => Ok(true),
        false if replaces => Ok(false),
        false => Err(FetchError::Different {
            path: PathBuf::from(path),
            expected: file.sha256,
            found,
        }),
    }
}

#[cfg(test)]
mod tests;
