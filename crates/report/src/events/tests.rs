use std::fs;
use std::time::Duration;

use super::*;

/// By TensorBoard's own writer; `tests/tensorboard/make.py` made it.
const GOLDEN: &[u8] = include_bytes!("../../../../tests/tensorboard/golden.tfevents");

const START: f64 = 1_763_937_000.25;

fn started() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs_f64(START)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a readable directory");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("UTF-8");
    let mut names: Vec<_> = entries
        .map(|entry| name(entry.expect("a readable entry")))
        .collect();
    names.sort();
    names
}

/// Lengths of the records that a file begins with.
fn whole_records(mut bytes: &[u8]) -> Vec<usize> {
    let mut lengths = Vec::new();
    while let Some((length, _)) = bytes.split_first_chunk::<8>() {
        let length = u64::from_le_bytes(*length) as usize + 16;
        let Some(rest) = bytes.get(length..) else {
            break;
        };
        lengths.push(length);
        bytes = rest;
    }
    lengths
}

#[test]
fn the_bytes_are_those_of_tensorboards_own_writer() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut events = EventFile::create(directory.path(), started()).expect("a file");
    let angles: Vec<_> = (0..20)
        .map(|i| (format!("angle_deg/layer{i}"), 37.07 + i as f32))
        .collect();
    let angles: Vec<_> = angles
        .iter()
        .map(|(tag, angle)| (tag.as_str(), *angle))
        .collect();
    let three = [
        ("train/loss", 0.1),
        ("flip_ratio/conv1", 0.0),
        ("größe", -1e-40),
    ];
    let long = "x".repeat(200);
    events
        .scalar(0, START + 1.0, &[("train/loss", 0.5)])
        .expect("written");
    events.scalar(1, START + 2.0, &three).expect("written");
    events.scalar(300, 0.0, &angles).expect("written");
    events.restart(2, START + 3.0).expect("written");
    events
        .scalar(-1, -5.5, &[("", f32::INFINITY)])
        .expect("written");
    events
        .scalar(i64::MAX, 1e300, &[(&long, f32::NEG_INFINITY)])
        .expect("written");
    events.scalar(4, START, &[]).expect("nothing to write");

    let bytes = fs::read(events.path()).expect("a readable file");
    assert_eq!(whole_records(&bytes), whole_records(GOLDEN));
    assert_eq!(bytes, GOLDEN);
}

#[test]
fn a_file_is_read_after_those_that_are_there_whatever_the_clock_says() {
    let directory = tempfile::tempdir().expect("a directory");
    let older = "events.out.tfevents.1863937000.elsewhere.1";
    fs::write(directory.path().join(older), "older").expect("written");
    for seconds in ["1863937001", "1863937002"] {
        let events = EventFile::create(directory.path(), started()).expect("a file");
        let name = format!("events.out.tfevents.{seconds}.orthant");
        assert_eq!(events.path(), directory.path().join(name));
    }
    let text = fs::read_to_string(directory.path().join(older)).expect("a readable file");
    assert_eq!(text, "older");
    assert_eq!(names(directory.path())[0], older);
}

#[test]
fn any_clock_gives_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let epoch = SystemTime::UNIX_EPOCH;
    for (clock, name) in [
        (
            epoch - Duration::from_millis(2500),
            "events.out.tfevents.0000000000.orthant",
        ),
        (
            epoch - Duration::from_secs(1 << 60),
            "events.out.tfevents.0000000001.orthant",
        ),
        (
            epoch + Duration::from_secs(1 << 60),
            "events.out.tfevents.1152921504606846976.orthant",
        ),
    ] {
        let mut events = EventFile::create(directory.path(), clock).expect("a file");
        assert_eq!(events.path().file_name(), Some(name.as_ref()));
        events
            .scalar(1, unix_seconds(clock), &[("a", 1.0)])
            .expect("written");
    }
    assert_eq!(unix_seconds(epoch - Duration::from_millis(2500)), -2.5);
}

#[test]
fn a_call_is_in_the_file_when_it_returns() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut events = EventFile::create(directory.path(), started()).expect("a file");
    for step in 1..=3 {
        events
            .scalar(step, START, &[("a", 1.0), ("b", 2.0)])
            .expect("written");
        let bytes = fs::read(events.path()).expect("a readable file");
        let records = whole_records(&bytes);
        assert_eq!(records.len() as i64, 1 + step);
        assert_eq!(records.iter().sum::<usize>(), bytes.len());
    }
}

#[test]
fn errors_name_the_path() {
    let directory = tempfile::tempdir().expect("a directory");
    let missing = directory.path().join("missing");
    let error = EventFile::create(&missing, started()).expect_err("no directory");
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("cannot write {}: ", missing.display())),
        "{message}"
    );
}

/// `/dev/full` takes no byte.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_names_the_path() {
    let path = PathBuf::from("/dev/full");
    let file = OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("a device");
    let mut events = EventFile {
        path,
        file,
        len_bytes: 0,
    };
    let error = events.scalar(1, START, &[("a", 1.0)]).expect_err("no room");
    assert!(
        error.to_string().starts_with("cannot write /dev/full: "),
        "{error}"
    );
    assert_eq!(events.len_bytes, 0);
}
