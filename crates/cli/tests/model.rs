//! `orthant pack`, `verify`, `diff` and `bench MODEL`, as a user runs them.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use assert_cmd::Command;
use orthant_data::{Dataset, Source};
use serde_json::Value;

fn orthant(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory);
    command
}

/// Runs a command that must end with `code`, and returns what it prints and what it says.
fn ends_with(directory: &Path, code: i32, arguments: &[&str]) -> [String; 2] {
    let assert = orthant(directory).args(arguments).assert().code(code);
    let output = assert.get_output().clone();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A run of a recipe on the digits, narrow and trained for an epoch or none.
fn train(directory: &Path, recipe: &str, epochs: &str, out: &str) {
    train_with(directory, recipe, epochs, out, &[]);
}

fn train_with(directory: &Path, recipe: &str, epochs: &str, out: &str, settings: &[&str]) {
    let mut command = orthant(directory);
    command.args(["train", recipe, "--set", "width=0.1", "--epochs", epochs]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.args(["--out", out]).assert().success();
}

#[test]
fn a_run_of_every_family_is_packed_and_verified() {
    let directory = tempfile::tempdir().unwrap();
    let scaled = "network.weights={ quantizer = \"sign-scaled\" }";
    let border = "network.border=minus-one";
    let recipes: [(&str, &[&str]); 6] = [
        ("binarynet-digits", &[]),
        ("ternary-digits", &[]),
        ("float-digits", &[]),
        ("residual-digits", &[]),
        (
            "binarynet-fashion",
            &["data.source=digits", "data.validation=10", scaled, border],
        ),
        (
            "binarynet-mlp",
            &["data.source=digits", "data.validation=10"],
        ),
    ];
    for (recipe, settings) in recipes {
        let at = directory.path();
        train_with(at, recipe, "1", recipe, settings);
        let model = format!("{recipe}.orth");
        let [report, _] = ends_with(at, 0, &["pack", recipe, "-o", &model, "--json"]);
        let report = json(&report);
        let len = fs::metadata(at.join(&model)).unwrap().len();
        assert_eq!(report["bytes"], len, "{recipe}");
        let [report, _] = ends_with(at, 0, &["verify", recipe, &model, "--json"]);
        let report = json(&report);
        assert_eq!(report["equal"], true, "{recipe}");
        assert_eq!(report["images"], 360);
        assert!(report["comparisons"].as_u64().unwrap() > 360 * 10);
        let [same, _] = ends_with(at, 0, &["diff", &model, recipe]);
        assert!(same.starts_with("equal: 360 images through "), "{same}");
        let [table, _] = ends_with(at, 0, &["bench", &model, "--runs", "2", "--batch", "3"]);
        assert!(table.contains("batch 3, 1 thread(s), "), "{table}");
    }
}

#[test]
fn an_initialised_run_is_packed_too() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), "binarynet-digits", "0", "run");
    let [said, _] = ends_with(directory.path(), 0, &["pack", "run"]);
    assert!(said.starts_with("run/model.orth: "), "{said}");
    ends_with(directory.path(), 0, &["verify", "run", "run/model.orth"]);
}

#[test]
fn a_model_is_not_overwritten_unasked() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "0", "run");
    fs::write(at.join("model.orth"), "mine").unwrap();
    let [_, error] = ends_with(at, 2, &["pack", "run", "-o", "model.orth"]);
    assert_eq!(error, "error: model.orth exists; --force replaces it\n");
    assert_eq!(fs::read(at.join("model.orth")).unwrap(), b"mine");
    ends_with(at, 0, &["pack", "run", "-o", "model.orth", "--force"]);
    ends_with(at, 0, &["verify", "run", "model.orth"]);
    let [_, error] = ends_with(at, 2, &["pack", "run", "-o", "run"]);
    assert_eq!(error, "error: run is a directory, expected a file's name\n");
    let [_, error] = ends_with(at, 2, &["pack", "run", "-o", "nowhere/model.orth"]);
    assert!(
        error.starts_with("error: cannot write the model nowhere/model.orth"),
        "{error}"
    );
}

#[test]
fn the_first_layer_that_differs_is_told_with_its_cause() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "1", "run");
    train(at, "binarynet-digits", "0", "other");
    train(at, "ternary-digits", "0", "ternary");
    ends_with(at, 0, &["pack", "other"]);
    ends_with(at, 0, &["pack", "ternary"]);
    let [report, _] = ends_with(at, 1, &["verify", "run", "other/model.orth", "--json"]);
    let report = json(&report);
    assert_eq!(report["equal"], false);
    let first = &report["first_difference"];
    assert_eq!(first["layer"], "conv1");
    assert!(first["differ"].as_u64().unwrap() > 0);
    let cause = first["cause"].as_str().unwrap();
    assert!(cause.starts_with("layer conv1: "), "{cause}");
    let [report, _] = ends_with(at, 1, &["diff", "run", "ternary/model.orth"]);
    assert!(report.contains("the networks are not the same"), "{report}");
    assert!(
        report.contains("layer conv1: the kind of weights is another one"),
        "{report}"
    );
    let [report, _] = ends_with(at, 1, &["diff", "run", "other"]);
    assert!(report.contains("  first in the "), "{report}");
}

#[test]
fn who_stops_reading_changes_no_answer() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "1", "run");
    train(at, "binarynet-digits", "0", "other");
    ends_with(at, 0, &["pack", "other"]);
    for (arguments, code) in [
        (["verify", "run", "other/model.orth"], 1),
        (["verify", "other", "other/model.orth"], 0),
        (["predict", "run", "nothing.png"], 2),
    ] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_orthant"))
            .args(arguments)
            .current_dir(at)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_threshold_that_was_changed_is_found_behind_its_layer() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "1", "run");
    ends_with(at, 0, &["pack", "run", "-o", "model.orth"]);
    let mut bytes = fs::read(at.join("model.orth")).unwrap();
    // The readouts are the fourth section; the first layer's thresholds come first.
    let entry = 32 + 3 * 24 + 8;
    let start = u64::from_le_bytes(bytes[entry..entry + 8].try_into().unwrap()) as usize;
    let at_0 = i16::from_le_bytes(bytes[start..start + 2].try_into().unwrap());
    let moved = if at_0 > 0 { at_0 - 40 } else { at_0 + 40 };
    bytes[start..start + 2].copy_from_slice(&moved.to_le_bytes());
    let [_, error] = {
        fs::write(at.join("damaged.orth"), &bytes).unwrap();
        ends_with(at, 2, &["verify", "run", "damaged.orth"])
    };
    assert!(error.contains("damaged.orth: the checksum is "), "{error}");
    let checksum = crc32fast::hash(&bytes[16..]);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    fs::write(at.join("changed.orth"), &bytes).unwrap();
    let [report, _] = ends_with(at, 1, &["verify", "run", "changed.orth", "--json"]);
    let report = json(&report);
    let first = &report["first_difference"];
    assert_eq!(
        (&first["layer"], &first["what"]),
        (&"conv2".into(), &"inputs".into())
    );
    let cause = format!(
        "layer conv1: 1 of 13 channels are compared or scaled differently; channel 0 has {moved}"
    );
    let found = first["cause"].as_str().unwrap();
    assert!(found.starts_with(&cause), "{found}");
}

#[test]
fn what_is_no_model_or_no_run_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "0", "run");
    fs::write(at.join("text"), "not a model").unwrap();
    let refusals: [(&[&str], &str); 7] = [
        (
            &["bench", "nothing.orth"],
            "nothing.orth does not exist, expected a run's directory or a model file",
        ),
        (
            &["bench", "text"],
            "the file has 11 bytes, expected at least 128",
        ),
        (&["bench"], "required arguments were not provided"),
        (
            &["bench", "run", "--batch", "0"],
            "--batch is 0, expected 1 to 65536",
        ),
        (
            &["pack", "text"],
            "text is a file, expected the directory of a run",
        ),
        (
            &["verify", "run", "run"],
            "run is a directory, expected a model file; if it is a run, pack it first: orthant \
             pack run",
        ),
        (
            &["verify", "run", "text", "--data", "digits"],
            "cannot read text: the file has 11 bytes",
        ),
    ];
    for (arguments, message) in refusals {
        let [printed, error] = ends_with(at, 2, arguments);
        assert!(error.contains(message), "{arguments:?}: {error}");
        assert!(printed.is_empty());
    }
    ends_with(at, 0, &["pack", "run", "-o", "a.orth"]);
    let [_, error] = ends_with(at, 2, &["diff", "a.orth", "a.orth"]);
    assert!(
        error.contains("no --data, and no run that knows its own"),
        "{error}"
    );
    ends_with(at, 0, &["diff", "a.orth", "a.orth", "--data", "digits"]);
}

#[test]
fn pictures_are_answered_as_the_evaluation_answers() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "3", "run");
    ends_with(at, 0, &["pack", "run", "-o", "model.orth"]);
    let data = Dataset::open(&Source::Digits).unwrap();
    let trained = orthant_train::Trained::read(&at.join("run")).unwrap();
    let kernels = orthant_kernels::Kernels::detect().unwrap();
    let evaluator = orthant_train::Evaluator::new(kernels, &trained.model).unwrap();
    let mut arguments = vec!["predict".to_owned(), "model.orth".to_owned()];
    let mut expected = Vec::new();
    for index in 0..20 {
        let pixels = data.test().image(index);
        let logits = evaluator.logits(pixels.to_vec(), &mut |_| {}).unwrap();
        expected.push((orthant_train::class_of(&logits), logits));
        // 16 is white.
        let shown = pixels
            .iter()
            .map(|&pixel| (f32::from(pixel) * 255.0 / 16.0).round() as u8);
        let name = format!("{index}.png");
        let picture = image::GrayImage::from_raw(8, 8, shown.collect()).unwrap();
        picture.save(at.join(&name)).unwrap();
        arguments.push(name);
    }
    arguments.push("--json".to_owned());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [report, _] = ends_with(at, 0, &arguments);
    let report = json(&report);
    let answers = report.as_array().unwrap();
    assert_eq!(answers.len(), expected.len());
    for (answer, (class, logits)) in answers.iter().zip(&expected) {
        assert_eq!(answer["index"], *class);
        assert_eq!(answer["label"], class.to_string());
        let logit = answer["top"][0]["logit"].as_f64().unwrap();
        assert_eq!(logit as f32, logits[*class]);
    }
    // From standard input, and from the run itself.
    let picture = fs::read(at.join("3.png")).unwrap();
    let by = |arguments: &[&str]| {
        let mut command = orthant(at);
        let assert = command.args(arguments).write_stdin(picture.clone());
        let output = assert.assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    };
    let [named, _] = ends_with(at, 0, &["predict", "run", "3.png"]);
    let piped = by(&["predict", "model.orth", "-"]);
    assert_eq!(
        named.split_once(": ").unwrap().1,
        piped.split_once(": ").unwrap().1
    );

    let wide = image::GrayImage::new(9, 8);
    wide.save(at.join("wide.png")).unwrap();
    let [_, error] = ends_with(at, 2, &["predict", "model.orth", "wide.png"]);
    assert_eq!(
        error,
        "error: wide.png: picture is 9x8 gray, expected 8x8 gray; --resize resizes it\n"
    );
    ends_with(at, 0, &["predict", "model.orth", "wide.png", "--resize"]);
}

#[test]
fn bench_gives_its_keys() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "binarynet-digits", "0", "run");
    let arguments = [
        "bench",
        "run",
        "--runs",
        "3",
        "--batch",
        "5",
        "--threads",
        "2",
    ];
    let [report, _] = ends_with(at, 0, &[&arguments[..], &["--json"]].concat());
    let report = json(&report);
    for key in [
        "latency_ms_median",
        "latency_ms_p99",
        "ms_per_image",
        "limit_gmacs",
    ] {
        assert!(report[key].as_f64().unwrap() > 0.0, "{key}");
    }
    assert_eq!(
        (&report["batch"], &report["threads"]),
        (&5.into(), &2.into())
    );
    let layers = report["layers"].as_array().unwrap();
    let isa = orthant_kernels::Kernels::detect().unwrap().isa();
    assert_eq!(report["isa"], isa.name());
    assert_eq!(layers.len(), 9);
    assert_eq!(layers[0]["kind"], "pixels");
    assert!(layers[0]["share_of_limit"].is_null());
    assert!(layers[1]["share_of_limit"].as_f64().unwrap() > 0.0);
}
