//! `orthant data` as a user runs it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

fn orthant(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory).arg("data").args(arguments);
    command.env("ORTHANT_DATA", directory.join("store"));
    command
}

/// Standard output of a command that must succeed.
fn output(directory: &Path, arguments: &[&str]) -> String {
    let done = orthant(directory, arguments).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

fn parsed(directory: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&output(directory, arguments)).unwrap()
}

/// What a command says that must fail with exit code 2.
fn refusal(mut command: Command) -> String {
    let done = command.assert().code(2);
    assert!(done.get_output().stdout.is_empty());
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

#[test]
fn the_list_names_every_data_set_and_what_is_here() {
    let directory = tempfile::tempdir().unwrap();
    let rows = parsed(directory.path(), &["list", "--json"]);
    let find = |rows: &Value, name: &str| {
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["name"] == name).unwrap().clone()
    };
    let digits = find(&rows, "digits");
    assert_eq!(digits["images"], json!([1437, 360]));
    assert_eq!(
        (&digits["fetch"], &digits["here"]),
        (&json!(false), &json!("digits"))
    );
    let mnist = find(&rows, "mnist");
    assert_eq!(
        (&mnist["fetch"], &mnist["here"]),
        (&json!(true), &json!(null))
    );
    // Files of the published lengths count as there.
    let place = directory.path().join("store/mnist");
    fs::create_dir_all(&place).unwrap();
    for (name, len) in [
        ("train-images-idx3-ubyte.gz", 9_912_422),
        ("train-labels-idx1-ubyte.gz", 28_881),
        ("t10k-images-idx3-ubyte.gz", 1_648_877),
        ("t10k-labels-idx1-ubyte.gz", 4_542),
    ] {
        let rows = parsed(directory.path(), &["list", "--json"]);
        assert_eq!(
            find(&rows, "mnist")["here"],
            json!(null),
            "{name} is missing"
        );
        fs::File::create(place.join(name))
            .unwrap()
            .set_len(len)
            .unwrap();
    }
    let rows = parsed(directory.path(), &["list", "--json"]);
    assert_eq!(
        find(&rows, "mnist")["here"],
        json!(format!("mnist:{}", place.display()))
    );
    let table = output(directory.path(), &["list"]);
    for row in rows.as_array().unwrap() {
        assert!(
            table.contains(row["spec"].as_str().unwrap()),
            "{row} in\n{table}"
        );
    }
}

#[test]
fn the_digits_are_described_whole() {
    let directory = tempfile::tempdir().unwrap();
    let text = output(directory.path(), &["info", "digits"]);
    assert_eq!(text, include_str!("data/digits.txt"));
    let info = parsed(directory.path(), &["info", "digits", "--json"]);
    let hash = info["data_hash"].as_str().unwrap();
    assert!(text.contains(hash));
    assert_eq!(info["splits"]["train"]["images"], 1437);
    assert_eq!(info["splits"]["test"]["per_class"][3], 37);
    assert_eq!(info["contract"], json!({ "a": 1, "b": [8], "unit": 8 }));
    assert_eq!(info["duplicates"][2]["images"], 0);
    assert_eq!(info["sheet"], json!(null));
}

#[test]
fn a_contact_sheet_is_a_picture_and_replaces_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let sheet = ["info", "digits", "--sheet", "digits.png"];
    let text = output(directory.path(), &sheet);
    assert!(
        text.ends_with("in the order of labels: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n"),
        "{text}"
    );
    let path = directory.path().join("digits.png");
    let page = image::open(&path).unwrap();
    // Ten rows of ten images of 8 x 8, eight times as large, 4 pixels around each.
    assert_eq!((page.width(), page.height()), (10 * 68 + 4, 10 * 68 + 4));
    fs::write(&path, b"mine").unwrap();
    let text = refusal(orthant(directory.path(), &sheet));
    assert!(
        text.contains("digits.png exists; --force replaces it"),
        "{text}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    output(directory.path(), &[&sheet[..], &["--force"]].concat());
    assert_eq!(image::open(&path).unwrap(), page);
}

#[test]
fn what_occurs_twice_is_found() {
    let directory = tempfile::tempdir().unwrap();
    output(directory.path(), &["convert", "digits", "mnist:twice"]);
    // The first test image becomes the second training image; its label stays.
    let file = |name: &str| directory.path().join("twice").join(name);
    let train = fs::read(file("train-images-idx3-ubyte")).unwrap();
    let mut test = fs::read(file("t10k-images-idx3-ubyte")).unwrap();
    test[16..80].copy_from_slice(&train[16 + 64..16 + 128]);
    fs::write(file("t10k-images-idx3-ubyte"), test).unwrap();
    let mut labels = fs::read(file("t10k-labels-idx1-ubyte")).unwrap();
    labels[8] = (fs::read(file("train-labels-idx1-ubyte")).unwrap()[9] + 1) % 10;
    fs::write(file("t10k-labels-idx1-ubyte"), labels).unwrap();
    let text = output(directory.path(), &["info", "mnist:twice"]);
    let expected = "test: 1 image(s) equal one of train, 1 of them with another label\n  \
                    test 0 equals train 1, with another label\n";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_converted_data_set_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let text = output(directory.path(), &["convert", "digits", "mnist:out"]);
    assert_eq!(
        text,
        "mnist:out: 1437 training and 360 test images in 4 files, 116853 bytes\n\
         note: pixels 0 to 16 are spread to 0 to 255, rounded\n"
    );
    // The same pixels and class names, so the same hash, whatever files they went through.
    let hash =
        |spec: &str| parsed(directory.path(), &["info", spec, "--json"])["data_hash"].clone();
    let report = parsed(
        directory.path(),
        &["convert", "mnist:out", "mnist:again", "--json"],
    );
    assert_eq!(
        (&report["files"], &report["notes"]),
        (&json!(4), &json!([]))
    );
    assert_eq!(hash("mnist:out"), hash("mnist:again"));
    let text = output(
        directory.path(),
        &["convert", "mnist:out", "folder:pictures"],
    );
    assert!(text.starts_with("folder:pictures: 1437 training and 360 test images in 1797 files"));
    assert!(directory.path().join("pictures/train/0").is_dir());
    for (to, expected) in [
        (
            "mnist:out",
            "out is there already, expected nothing or an empty directory",
        ),
        ("cifar10:new", "cifar10 holds 32 x 32 x 3, found 8 x 8 x 1"),
        ("tiff:new", "expected folder:OUT, mnist:OUT or cifar10:OUT"),
    ] {
        let text = refusal(orthant(directory.path(), &["convert", "digits", to]));
        assert!(text.contains(expected), "{text}");
        assert!(!directory.path().join("new").exists());
    }
}

#[test]
fn what_cannot_be_fetched_at_all_is_said() {
    let directory = tempfile::tempdir().unwrap();
    for (name, expected) in [
        ("digits", "digits is built in and needs no files"),
        ("cifar-10", "did you mean cifar10?"),
        (
            "cifar10:/data",
            "expected a name alone, such as cifar10; --to DIR names the place",
        ),
    ] {
        let text = refusal(orthant(directory.path(), &["fetch", name]));
        assert!(text.contains(expected), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let mut command = orthant(directory.path(), &["fetch", "mnist", "--to"]);
        command.arg(std::ffi::OsStr::from_bytes(b"d\xff"));
        let text = refusal(command);
        assert!(text.contains("is not UTF-8, so that no source"), "{text}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
    let mut command = orthant(directory.path(), &["fetch", "mnist"]);
    for variable in ["ORTHANT_DATA", "XDG_DATA_HOME", "HOME"] {
        command.env_remove(variable);
    }
    let text = refusal(command);
    assert!(text.contains("name one with --to DIR"), "{text}");
}

#[cfg(feature = "parquet")]
#[test]
fn a_damaged_parquet_file_is_an_error_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut bytes = include_bytes!("../../../fuzz/seeds/parquet/none.parquet").to_vec();
    fs::write(directory.path().join("test.parquet"), &bytes).unwrap();
    // The decoder panics at this one.
    bytes[584] ^= 1;
    fs::write(directory.path().join("train.parquet"), &bytes).unwrap();
    let text = refusal(orthant(directory.path(), &["info", "parquet:."]));
    assert!(text.starts_with("error: ./train.parquet"), "{text}");
    assert!(
        text.contains("contradict") && text.lines().count() == 1,
        "{text}"
    );
}
