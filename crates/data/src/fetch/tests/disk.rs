//! A fetch beside disks that do not take it.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use super::*;

/// A file system of a few pages, unmounted in the end.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    /// None where the machine lets nobody mount; the test then says so, past what hides the output
    /// of tests that succeed.
    fn mount(at: &'a Path) -> Option<Self> {
        let options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs"];
        let mounted = Command::new("mount").args(options).arg(at).output();
        match mounted {
            Ok(done) if done.status.success() => Some(Self(at)),
            done => {
                let why = done.map(|done| String::from_utf8_lossy(&done.stderr).into_owned());
                let said = "skipped: this machine lets nobody mount a small disk";
                writeln!(io::stderr(), "{said} ({why:?})").expect("it can be said");
                None
            }
        }
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_and_keeps_what_it_holds() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    let case = Case::new();
    let Some(_disk) = Small::mount(case.directory.path()) else {
        return;
    };
    let error = case.fetch(&options(&server)).expect_err("it is full");
    assert!(
        matches!(&error, FetchError::Io { source, .. } if source.kind() == ErrorKind::StorageFull),
        "{error}"
    );
    assert!(!error.is_of_the_network());
    assert_eq!(server.requests().len(), 1);
    let kept = fs::metadata(case.path(".part")).expect("it is kept").len();
    assert!(kept > 0 && kept < 300_000, "{kept}");
    // With room again, the fetch goes on from there.
    let grown = ["-o", "remount,size=4m"];
    let grown = Command::new("mount")
        .args(grown)
        .arg(case.directory.path())
        .status();
    assert!(grown.expect("mount runs").success());
    let resumed_bytes = kept;
    let done = case.fetch(&options(&server)).expect("there is room");
    assert_eq!(done, Fetched::Downloaded { resumed_bytes });
}

#[test]
fn a_disk_that_takes_nothing_is_asked_before_the_network() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    let case = Case::new();
    if let Some(_disk) = Small::mount(case.directory.path()) {
        let locked = ["-o", "remount,ro"];
        let locked = Command::new("mount")
            .args(locked)
            .arg(case.directory.path())
            .status();
        assert!(locked.expect("mount runs").success());
        let error = case.fetch(&options(&server)).expect_err("read-only");
        assert!(matches!(error, FetchError::Io { .. }), "{error}");
    }
    // A file where a directory should be, which no right opens.
    let case = case.with(".d", b"");
    let error = fetch(&case.file, &case.path(".d"), &options(&server), &mut |_| {});
    assert!(
        matches!(error, Err(FetchError::Io { action: "make", .. })),
        "{error:?}"
    );
    assert!(server.requests().is_empty());
}

#[test]
fn what_is_no_file_is_not_written_to() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    for ending in ["", ".part"] {
        let case = Case::new();
        fs::create_dir(case.path(ending)).expect("made");
        let error = case.fetch(&options(&server)).expect_err("a directory");
        assert!(matches!(error, FetchError::NotAFile { .. }), "{error}");
    }
    assert!(server.requests().is_empty());
}
