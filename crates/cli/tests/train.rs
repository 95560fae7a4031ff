//! `orthant train` and `orthant eval`, as a user runs them.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn orthant(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory);
    command
}

/// Runs a command that must fail with exit code 2, and returns what it says.
fn refusal(directory: &Path, arguments: &[&str]) -> String {
    let output = orthant(directory)
        .args(arguments)
        .assert()
        .code(2)
        .get_output()
        .clone();
    assert!(
        output.stdout.is_empty(),
        "{arguments:?} prints nothing but the error"
    );
    String::from_utf8(output.stderr).unwrap()
}

const SMALL: [&str; 6] = [
    "train",
    "binarynet-digits",
    "--set",
    "width=0.1",
    "--epochs",
    "2",
];

#[test]
fn a_run_is_trained_and_evaluated_to_the_same_accuracy() {
    let directory = tempfile::tempdir().unwrap();
    let output = orthant(directory.path())
        .args(SMALL)
        .arg("--json")
        .assert()
        .success();
    let lines = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let run = directory.path().join("runs/binarynet-digits");
    assert_eq!(
        lines,
        fs::read_to_string(run.join("metrics.jsonl")).unwrap()
    );
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    for key in [
        "epoch",
        "seconds",
        "images_per_second",
        "lr",
        "train_loss",
        "train_accuracy",
    ] {
        assert!(lines[0][key].is_number(), "{key}");
    }
    assert!(lines[0]["layers"][1]["flip_ratio"].as_f64().unwrap() > 0.0);
    let angle = lines[0]["layers"][1]["angle_deg"].as_f64().unwrap();
    assert!((20.0..60.0).contains(&angle));
    assert!(lines[0].get("test_accuracy").is_none());

    let arguments = ["eval", "runs/binarynet-digits", "--json"];
    let output = orthant(directory.path()).args(arguments).assert().success();
    let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(report["accuracy"], lines[1]["test_accuracy"]);
    assert_eq!(
        (&report["images"], &report["epoch"]),
        (&360.into(), &2.into())
    );

    let stamp: Value =
        serde_json::from_str(&fs::read_to_string(run.join("run.json")).unwrap()).unwrap();
    assert_eq!(stamp["data_hash"], report["data_hash"]);
    // The recipe in the directory repeats the run.
    let recipe = run.join("recipe.toml");
    let again = [
        "train",
        recipe.to_str().unwrap(),
        "--out",
        "again",
        "--threads",
        "1",
    ];
    orthant(directory.path()).args(again).assert().success();
    let file = "checkpoint.safetensors";
    let bytes = |run: &Path| fs::read(run.join(file)).unwrap();
    assert!(bytes(&run) == bytes(&directory.path().join("again")));
}

#[test]
fn a_run_that_is_there_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = [
        "train",
        "binarynet-digits",
        "--set",
        "width=0.02",
        "--epochs",
        "0",
    ];
    let output = orthant(directory.path()).args(arguments).assert().success();
    let text = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        text.contains("warning: 0 epochs; the run holds the initial weights"),
        "{text}"
    );
    let checkpoint = directory
        .path()
        .join("runs/binarynet-digits/checkpoint.safetensors");
    let before = fs::read(&checkpoint).unwrap();
    let text = refusal(directory.path(), &arguments);
    assert_eq!(
        text,
        "error: runs/binarynet-digits exists and is not empty; name another directory with --out, or \
         go on with the run that it holds with --resume\n"
    );
    assert_eq!(fs::read(&checkpoint).unwrap(), before);
    orthant(directory.path())
        .args(["eval", "runs/binarynet-digits"])
        .assert()
        .success();
}

#[test]
fn what_is_shown_is_a_recipe_that_can_be_read() {
    let directory = tempfile::tempdir().unwrap();
    for recipe in ["binarynet-cifar10", "binarynet-mlp", "residual-digits"] {
        let shown = orthant(directory.path())
            .args(["train", recipe, "--show"])
            .assert()
            .success();
        fs::write(
            directory.path().join("mine.toml"),
            &shown.get_output().stdout,
        )
        .unwrap();
        let again = ["train", "mine.toml", "--show"];
        let again = orthant(directory.path()).args(again).assert().success();
        assert_eq!(again.get_output().stdout, shown.get_output().stdout);
    }
    assert!(!directory.path().join("runs").exists());
}

#[test]
fn what_cannot_be_trained_is_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (
            vec!["binarynet-digit"],
            "the nearest known name is `binarynet-digits`",
        ),
        (
            vec!["nowhere.toml"],
            "error: cannot read the recipe nowhere.toml: No such file or directory (os error 2)\n",
        ),
        (
            vec!["binarynet-digits", "--epochs=-1"],
            "invalid value '-1'",
        ),
        (
            vec!["binarynet-digits", "--threads=0"],
            "--threads is 0, expected 1 to 1024",
        ),
        (vec!["binarynet-digits", "--seed=x"], "invalid value 'x'"),
        (
            vec!["binarynet-digits", "--set", "widht=1"],
            "the nearest known name is `width`",
        ),
        (
            vec!["binarynet-digits", "--set", "batch=2000"],
            "a batch holds 2000 images, expected at most 1437",
        ),
        (
            vec!["binarynet-digits", "--set", "training.schedule.peak=0"],
            "nothing is learnt",
        ),
        (
            vec!["binarynet-digits", "--set", "training.schedule.peak=nan"],
            "NaN",
        ),
        (
            vec!["binarynet-digits", "--data", "cifar10:nowhere"],
            "nowhere",
        ),
        (vec!["binarynet-cifar10"], "cifar10:PATH"),
        (
            vec!["binarynet-digits", "--seed=9223372036854775808"],
            "is not in 0..9223372036854775808",
        ),
        (vec!["binarynet-digits", "--data", "digit"], "digits"),
        (
            vec![
                "binarynet-digits",
                "--set",
                "network.layers.0.padding=valid",
                "--set",
                "network.layers.1.padding=valid",
                "--set",
                "network.layers.2.padding=valid",
            ],
            "layer conv3: ",
        ),
    ] {
        let arguments = [vec!["train"], arguments].concat();
        let text = refusal(directory.path(), &arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    for out in ["file", "file/run", "/proc/nowhere/run"] {
        let arguments = [&SMALL[..], &["--out", out]].concat();
        let text = refusal(directory.path(), &arguments);
        assert!(text.contains(out), "{text}");
    }
    let text = refusal(directory.path(), &["eval", "file"]);
    assert!(
        text.contains("file is a file, expected the directory of a run"),
        "{text}"
    );
}

#[test]
fn diverging_runs_keep_the_last_good_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let start = [
        "train",
        "float-digits",
        "--set",
        "width=0.05",
        "--set",
        "network.norm=none",
    ];
    let start = [&start[..], &["--set", "network.activations=relu"]].concat();
    let good = [&start[..], &["--epochs=0", "--out=good"]].concat();
    orthant(directory.path()).args(good).assert().success();
    let evaluation = |run: &str| {
        let output = orthant(directory.path())
            .args(["eval", run, "--json"])
            .assert()
            .success();
        output.get_output().stdout.clone()
    };
    // In many steps, and in a single one, after which nothing but the weights can tell.
    for (batch, rate) in [("50", "1e9"), ("1437", "3e38")] {
        let settings = [
            "training.gradient-clip=1e30".to_owned(),
            "training.optimizer={ name = \"sgd\" }".to_owned(),
            format!("training.schedule={{ name = \"constant\", rate = {rate} }}"),
            format!("batch={batch}"),
        ];
        let out = format!("--out={batch}");
        let mut command = orthant(directory.path());
        command.args(&start).args(["--epochs=1", &out]);
        for setting in &settings {
            command.args(["--set", setting]);
        }
        let output = command.assert().code(2);
        let text = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert!(text.contains("training diverged at step"), "{text}");
        assert!(
            text.contains(" layer ") || text.contains("the loss "),
            "{text}"
        );
        assert_eq!(evaluation(batch), evaluation("good"), "the initial weights");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_need_read_what_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let binary = assert_cmd::cargo::cargo_bin("orthant");
    let mut train = std::process::Command::new(&binary);
    train
        .current_dir(directory.path())
        .args(SMALL)
        .stdout(full.try_clone().unwrap());
    assert!(train.status().unwrap().success(), "a run goes on");
    let mut eval = std::process::Command::new(&binary);
    eval.current_dir(directory.path())
        .args(["eval", "runs/binarynet-digits"])
        .stdout(full);
    assert_eq!(
        eval.status().unwrap().code(),
        Some(2),
        "an answer that is lost is an error"
    );
}

#[test]
fn foreign_data_is_evaluated_with_a_warning_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = [
        "train",
        "binarynet-digits",
        "--set",
        "width=0.02",
        "--epochs=0",
        "--out=run",
    ];
    orthant(directory.path()).args(arguments).assert().success();
    // A tiny set in MNIST's files.
    let mnist = directory.path().join("mnist");
    fs::create_dir(&mnist).unwrap();
    for (split, images) in [("train", 3u8), ("t10k", 2)] {
        let header = [0, 0, 8, 3, 0, 0, 0, images, 0, 0, 0, 28, 0, 0, 0, 28];
        let pixels = [header.to_vec(), vec![9; 784 * usize::from(images)]].concat();
        fs::write(mnist.join(format!("{split}-images-idx3-ubyte")), pixels).unwrap();
        let labels = [
            vec![0, 0, 8, 1, 0, 0, 0, images],
            vec![1; usize::from(images)],
        ]
        .concat();
        fs::write(mnist.join(format!("{split}-labels-idx1-ubyte")), labels).unwrap();
    }
    let text = refusal(directory.path(), &["eval", "run", "--data", "mnist:mnist"]);
    assert!(
        text.contains("the images are 28 x 28 x 1, expected 8 x 8 x 1"),
        "{text}"
    );
}
