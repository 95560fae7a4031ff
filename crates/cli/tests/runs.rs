//! `orthant runs` and `orthant rerun`, and what a run leaves to be looked at.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn orthant(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory);
    command
}

/// What a command prints that ends with a code, and what it says beside that.
fn ends_with(directory: &Path, code: i32, arguments: &[&str]) -> [String; 2] {
    let output = orthant(directory).args(arguments).assert().code(code);
    let output = output.get_output().clone();
    [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
}

fn train(directory: &Path, out: &str, seed: &str) {
    let small = "train binarynet-digits --set width=0.05 --epochs 2 --set data.validation=50 --out";
    let mut arguments: Vec<_> = small.split(' ').collect();
    arguments.extend([out, "--seed", seed]);
    orthant(directory).args(arguments).assert().success();
}

fn stamp(run: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(run.join("run.json")).unwrap()).unwrap()
}

#[test]
fn a_run_made_again_agrees_and_one_that_was_tampered_with_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "run", "3");
    let check = ["rerun", "run", "--check", "--threads", "1"];
    let [text, _] = ends_with(at, 0, &check);
    let hash = stamp(&at.join("run"))["result"]["weights_hash"].clone();
    let expected = format!(
        "the bits agree: 2 epoch(s), weights {}",
        hash.as_str().unwrap()
    );
    assert!(text.ends_with(&format!("{expected}\n")), "{text}");
    assert!(!at.join("run-again").exists(), "what agrees is not kept");

    // A number of the first epoch that is another.
    let path = at.join("run/metrics.jsonl");
    let metrics = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        metrics.replacen("\"train_loss\":1", "\"train_loss\":2", 1),
    )
    .unwrap();
    let [text, _] = ends_with(at, 1, &[&check[..], &["--json"]].concat());
    let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(report["agrees"], false);
    let difference = report["differences"][0].as_str().unwrap();
    assert!(
        difference.starts_with("epoch 1 is the first that differs: train_loss 2."),
        "{difference}"
    );
    assert_eq!(report["weights_hash"][0], report["weights_hash"][1]);
    let [_, error] = ends_with(at, 2, &check);
    assert!(error.contains("run-again is a finished run"), "{error}");
}

#[test]
fn weights_and_recipes_that_are_not_the_run_s_are_not_compared() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "run", "1");
    train(at, "other", "2");
    let checkpoint = |run: &str| at.join(run).join("checkpoint.safetensors");
    let own = fs::read(checkpoint("run")).unwrap();
    fs::copy(checkpoint("other"), checkpoint("run")).unwrap();
    let [_, error] = ends_with(at, 2, &["rerun", "run", "--check"]);
    assert!(
        error.contains("are not the ones that it ended with"),
        "{error}"
    );
    fs::write(checkpoint("run"), own).unwrap();
    let recipe = at.join("run/recipe.toml");
    let text = fs::read_to_string(&recipe).unwrap();
    fs::write(&recipe, text.replace("seed = 1", "seed = 3")).unwrap();
    let [_, error] = ends_with(at, 2, &["rerun", "run", "--check"]);
    assert!(error.contains("recipe.toml is not the one"), "{error}");
    let [_, error] = ends_with(at, 2, &["train", "run", "--resume"]);
    assert!(
        error.contains("training.seed: 1 in the run, 3 now"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_made_again_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "run", "0");
    let path = at.join("run/run.json");
    let whole = fs::read_to_string(&path).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut stamp: Value = serde_json::from_str(&whole).unwrap();
        change(&mut stamp);
        fs::write(&path, stamp.to_string()).unwrap();
        ends_with(at, 2, &["rerun", "run", "--check"])[1].clone()
    };
    let error = with(&|stamp| stamp["data_hash"] = "0".repeat(64).into());
    assert!(
        error.contains("not the ones that it was trained on"),
        "{error}"
    );
    let error = with(&|stamp| stamp["result"] = Value::Null);
    assert!(error.contains("run is not finished"), "{error}");
    let error = with(&|stamp| stamp["forced"] = vec!["training.epochs: 1 there, 2 here"].into());
    assert!(error.contains("was changed by --force"), "{error}");
    fs::write(&path, "{").unwrap();
    let [_, error] = ends_with(at, 2, &["rerun", "run"]);
    assert!(
        error.contains("run.json: no stamp of a run: EOF"),
        "{error}"
    );
}

#[test]
fn runs_are_listed_with_what_they_differ_in() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "runs/first", "1");
    train(at, "runs/deeper/second", "2");
    let [text, _] = ends_with(at, 0, &["runs", "--curves", "all.svg"]);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(
        lines[1].starts_with("runs/deeper/second  finished     2/2     2"),
        "{text}"
    );
    assert!(
        lines[2].starts_with("runs/first          finished     2/2     1"),
        "{text}"
    );
    assert_eq!(lines[4], "Settings that differ");
    assert_eq!(
        lines[6].split_whitespace().collect::<Vec<_>>(),
        ["run", "training.seed"]
    );
    let svg = fs::read_to_string(at.join("all.svg")).unwrap();
    assert!(svg.contains("Validation accuracy") && svg.contains("runs/deeper/second"));
    let [_, error] = ends_with(at, 2, &["runs", "--curves", "all.svg"]);
    assert!(error.contains("all.svg exists"), "{error}");

    // One that cannot be read does not hide the others.
    fs::write(at.join("runs/first/run.json"), "no stamp").unwrap();
    let [text, warning] = ends_with(at, 0, &["runs", "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["runs"].as_array().unwrap().len(), 1);
    assert_eq!(report["runs"][0]["seed"], 2);
    assert!(report["runs"][0]["best_epoch"].is_number());
    assert!(
        warning.contains("warning: runs/first is left out: "),
        "{warning}"
    );
    let [_, error] = ends_with(at, 2, &["runs", "runs/first/nowhere"]);
    assert!(error.contains("cannot look into"), "{error}");
    // A recipe of the user's own is no run, and hides none.
    fs::write(at.join("recipe.toml"), "").unwrap();
    let [text, _] = ends_with(at, 0, &["runs", "."]);
    assert!(text.contains("runs/deeper/second"), "{text}");
    fs::create_dir(at.join("empty")).unwrap();
    let [_, error] = ends_with(at, 2, &["runs", "empty"]);
    assert!(error.contains("empty holds no run"), "{error}");
}

#[test]
fn a_run_leaves_curves_and_events() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    train(at, "run", "0");
    let svg = fs::read_to_string(at.join("run/curves.svg")).unwrap();
    for title in ["Loss", "Accuracy", "Flip ratio", "Angle", "Learning rate"] {
        assert!(svg.contains(title), "{title}");
    }
    let names = fs::read_dir(at.join("run")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let events = names.filter(|name| name.starts_with("events.out.tfevents."));
    assert_eq!(events.count(), 1);
}

/// A run whose checkpoint, stamp or curves have no room: `/dev/full` refuses every byte.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_names_the_file_and_leaves_the_last_checkpoint() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let start = "train binarynet-digits --set width=0.05 --epochs 0 --out run";
    orthant(at).args(start.split(' ')).assert().success();
    let go_on = "train run --resume --force --epochs 2";
    let go_on: Vec<_> = go_on.split(' ').collect();
    let before = fs::read(at.join("run/checkpoint.safetensors")).unwrap();
    for name in ["checkpoint.safetensors.part", "run.json.part"] {
        let part = at.join("run").join(name);
        symlink("/dev/full", &part).unwrap();
        let [_, error] = ends_with(at, 2, &go_on);
        assert!(error.contains("No space left on device"), "{error}");
        assert!(error.contains(name.trim_end_matches(".part")), "{error}");
        if name.starts_with("checkpoint") {
            assert!(fs::read(at.join("run/checkpoint.safetensors")).unwrap() == before);
        }
        orthant(at).args(["eval", "run"]).assert().success();
        let _ = fs::remove_file(&part);
    }
    let curves = at.join("run/curves.svg.part");
    symlink("/dev/full", &curves).unwrap();
    let [_, warning] = ends_with(at, 0, &go_on);
    assert!(
        warning.contains("warning: cannot write the curves"),
        "{warning}"
    );
}
