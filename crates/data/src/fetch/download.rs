//! From the first request to the last byte: attempts, and what each answer means for the part.

use std::io::{ErrorKind, Read};
use std::thread;

use super::client::{Answer, Client};
use super::part::Part;
use super::{FetchError, FetchEvent, FetchOptions};
use crate::RemoteFile;

/// An attempt that brings as much more than any before it is no failure, however it ends.
const PROGRESS_BYTES: u64 = 1 << 20;

/// Fills the part to the published length.
pub(super) fn download(
    client: &Client,
    file: &RemoteFile,
    part: &mut Part,
    options: &FetchOptions,
    watch: &mut dyn FnMut(FetchEvent<'_>),
) -> Result<(), FetchError> {
    watch(FetchEvent::Bytes(part.len()));
    // What was there, even if it was thrown away since: to bring it again is no progress.
    let (mut failed, mut most) = (0, part.len());
    while part.len() < file.bytes {
        let Err(error) = attempt(client, file, part, watch) else {
            continue;
        };
        if part.len() >= most + PROGRESS_BYTES {
            (failed, most) = (0, part.len());
        }
        failed += 1;
        if !error.may_pass() || failed >= options.attempts {
            return Err(error);
        }
        let doublings = (failed - 1).min(10);
        let pause = options.pause * (1 << doublings);
        watch(FetchEvent::Retry {
            error: &error,
            pause,
        });
        thread::sleep(pause);
    }
    Ok(())
}

/// One request and as much of its body as comes.
fn attempt(
    client: &Client,
    file: &RemoteFile,
    part: &mut Part,
    watch: &mut dyn FnMut(FetchEvent<'_>),
) -> Result<(), FetchError> {
    let first = part.len();
    let version = part.version();
    let answer = client.get(first, version.as_deref())?;
    match answer.status {
        200 => {
            check_len(client, answer.len, file.bytes)?;
            part.restart(answer.version.as_deref())?;
        }
        206 if first > 0 => {
            if let Err(error) = check_range(client, file, first, version.as_deref(), &answer) {
                // What is there does not fit what the server has.
                part.restart(None)?;
                return Err(error);
            }
        }
        found => {
            if found == 416 {
                part.restart(None)?;
            }
            return Err(FetchError::Status {
                url: client.url().to_owned(),
                found,
            });
        }
    }
    receive(client, file, part, answer, watch)
}

/// A server that announces another length has another file.
fn check_len(client: &Client, found: Option<u64>, expected_bytes: u64) -> Result<(), FetchError> {
    match found {
        Some(found_bytes) if found_bytes != expected_bytes => Err(FetchError::Length {
            url: client.url().to_owned(),
            expected_bytes,
            found_bytes,
        }),
        _ => Ok(()),
    }
}

/// The answer must continue where the part ends, in a file of the same length and version.
fn check_range(
    client: &Client,
    file: &RemoteFile,
    first: u64,
    version: Option<&str>,
    answer: &Answer,
) -> Result<(), FetchError> {
    let url = || client.url().to_owned();
    let Some(range) = answer.content_range().filter(|range| range.first == first) else {
        return Err(FetchError::Range {
            url: url(),
            expected_first: first,
            found: answer.range.clone(),
        });
    };
    check_len(client, range.total, file.bytes)?;
    match (version, &answer.version) {
        (Some(expected), Some(found)) if expected != found => Err(FetchError::Changed {
            url: url(),
            expected: expected.to_owned(),
            found: found.clone(),
        }),
        _ => Ok(()),
    }
}

/// Appends a body, up to the published length.
fn receive(
    client: &Client,
    file: &RemoteFile,
    part: &mut Part,
    mut answer: Answer,
    watch: &mut dyn FnMut(FetchEvent<'_>),
) -> Result<(), FetchError> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let len = match answer.body.read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(client.error(&answer.uri, error.into())),
        };
        let found_bytes = part.len() + len as u64;
        if found_bytes > file.bytes {
            part.restart(None)?;
            return Err(FetchError::Length {
                url: client.url().to_owned(),
                expected_bytes: file.bytes,
                found_bytes,
            });
        }
        part.append(&buffer[..len])?;
        watch(FetchEvent::Bytes(part.len()));
    }
    match part.len() < file.bytes {
        true => Err(client.network(
            format!("it ends after {} of {} bytes", part.len(), file.bytes),
            true,
        )),
        false => Ok(()),
    }
}
