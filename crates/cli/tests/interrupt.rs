//! Runs that are stopped and killed, as users and machines do it.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A small run, whose epochs take some tenths of a second.
const SMALL: [&str; 7] = [
    "train",
    "binarynet-digits",
    "--set",
    "width=0.1",
    "--set",
    "data.validation=100",
    "--resume",
];

fn orthant(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orthant"));
    command.current_dir(directory).args(arguments);
    command
}

/// Five epochs, or as many as `more` says.
fn train(directory: &Path, out: &str, more: &[&str]) -> Command {
    let epochs: &[&str] = match more {
        ["--epochs", ..] => &[],
        _ => &["--epochs", "5"],
    };
    orthant(
        directory,
        &[&SMALL[..], &["--out", out], epochs, more].concat(),
    )
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    text
}

/// The weights' hash of a finished run.
fn weights(run: &Path) -> Value {
    let stamp = fs::read_to_string(run.join("run.json")).unwrap();
    let stamp: Value = serde_json::from_str(&stamp).unwrap();
    stamp["result"]["weights_hash"].clone()
}

/// Waits until something is so, a minute at most.
fn wait_for(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never came");
        sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status();
    assert!(done.unwrap().success());
}

#[test]
fn a_run_killed_a_hundred_times_ends_with_the_weights_of_one_that_was_not() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    succeed(&mut train(at, "whole", &[]));
    let mut random = 88_172_645_463_325_252_u64;
    let mut killed = 0;
    while killed < 100 {
        // A checkpoint after every step, so that kills meet many of them, and now and then the
        // directory of a run that has hardly begun.
        let mut child = train(at, "killed", &["--checkpoint-every", "0", "--threads", "2"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        sleep(Duration::from_millis(random % 120));
        let is_over = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        if is_over {
            // It came to its end; the kills go on with another.
            assert_eq!(weights(&at.join("killed")), weights(&at.join("whole")));
            fs::remove_dir_all(at.join("killed")).unwrap();
        }
        killed += usize::from(!is_over);
        if let Ok(bytes) = fs::read(at.join("killed/checkpoint.safetensors")) {
            assert!(bytes.len() > 1000, "a checkpoint is whole or not there");
            let evaluated = orthant(at, &["eval", "killed", "--threads", "1"]).output();
            // The recipe and the stamp came before it.
            assert!(evaluated.unwrap().status.success(), "after {killed} kills");
        }
    }
    succeed(&mut train(at, "killed", &[]));
    assert_eq!(weights(&at.join("killed")), weights(&at.join("whole")));
    for file in ["checkpoint.safetensors", "best.safetensors"] {
        let [a, b] = ["whole", "killed"].map(|run| fs::read(at.join(run).join(file)).unwrap());
        assert!(a == b, "{file}");
    }
}

#[test]
fn a_signal_stops_with_a_checkpoint_and_a_code() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    succeed(&mut train(at, "whole", &[]));
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let out = format!("run-{name}");
        let child = train(at, &out, &[])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let metrics = at.join(&out).join("metrics.jsonl");
        wait_for(|| metrics.exists());
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(
            text.contains(&format!("go on with: orthant train {out} --resume")),
            "{text}"
        );
        // Whatever was done is kept, and the line that it printed goes on.
        succeed(&mut orthant(at, &["train", &out, "--resume"]));
        assert_eq!(
            weights(&at.join(&out)),
            weights(&at.join("whole")),
            "{name}"
        );
    }
}

#[test]
fn a_terminal_that_closes_may_say_so_twice() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let child = train(at, "run", &["--epochs", "500"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(|| at.join("run/metrics.jsonl").exists());
    signal(&child, "HUP");
    signal(&child, "HUP");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(129));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("go on with: orthant train run --resume"),
        "{text}"
    );
}

#[test]
fn a_second_signal_stops_at_once() {
    use std::io::{BufRead, BufReader};
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let mut child = train(
        at,
        "run",
        &["--epochs", "500", "--checkpoint-every", "1000"],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    wait_for(|| at.join("run/checkpoint.safetensors").exists());
    // A pipe that nobody reads: the checkpoint behind the first signal is never written.
    let mut mkfifo = Command::new("mkfifo");
    mkfifo.arg(at.join("run/checkpoint.safetensors.part"));
    succeed(&mut mkfifo);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    signal(&child, "INT");
    let first = lines.next().unwrap().unwrap();
    assert!(first.starts_with("stops with a checkpoint"), "{first}");
    signal(&child, "INT");
    wait_for(|| child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert!(
        rest.is_empty(),
        "it does not wait for its checkpoint: {rest:?}"
    );
}

#[test]
fn what_nohup_ignores_stays_ignored() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let arguments = train(at, "run", &[]);
    let mut nohup = Command::new("nohup");
    nohup
        .current_dir(at)
        .arg(arguments.get_program())
        .args(arguments.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = nohup.spawn().unwrap();
    wait_for(|| at.join("run/metrics.jsonl").exists());
    signal(&child, "HUP");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_process_is_refused_while_the_first_trains() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let mut first = train(at, "run", &["--epochs", "500"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(|| at.join("run/checkpoint.safetensors").exists());
    let second = train(at, "run", &["--epochs", "500"]).output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    let text = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(2), "{text}");
    assert!(text.contains("another process trains in run"), "{text}");
    // A process that is gone holds no lock.
    succeed(&mut orthant(at, &["eval", "run"]));
    let arguments = ["train", "run", "--resume", "--force", "--epochs", "0"];
    succeed(&mut orthant(at, &arguments));
}

#[test]
fn a_directory_that_vanishes_is_an_error_that_names_it() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let child = train(
        at,
        "run",
        &["--epochs", "500", "--checkpoint-every", "0.01"],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    wait_for(|| at.join("run/metrics.jsonl").exists());
    // A file may appear between the listing and the removal.
    wait_for(|| fs::remove_dir_all(at.join("run")).is_ok() || !at.join("run").exists());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("error: cannot write ") && text.contains("run/"),
        "{text}"
    );
}

#[test]
fn names_that_are_not_utf8_are_names() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let out = OsStr::from_bytes(b"r\xffn \n1");
    let run = |more: &[&str]| {
        let mut command = orthant(at, &SMALL);
        command
            .args(["--epochs", "1"])
            .arg("--out")
            .arg(out)
            .args(more);
        command
    };
    succeed(&mut run(&[]));
    succeed(&mut run(&[]));
    let mut eval = orthant(at, &["eval"]);
    succeed(eval.arg(out));
    let mut go_on = orthant(at, &["train", "--resume"]);
    succeed(go_on.arg(out));
}
