//! `orthant inspect` as a user runs it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

fn orthant(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory);
    command
}

/// Standard output of a command that must succeed.
fn output(directory: &Path, arguments: &[&str]) -> String {
    let done = orthant(directory).args(arguments).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

/// The JSON of an inspection.
fn inspected(directory: &Path, arguments: &[&str]) -> Value {
    let arguments = [&["inspect", "--json"], arguments].concat();
    serde_json::from_str(&output(directory, &arguments)).unwrap()
}

/// What a command says that must fail with exit code 2.
fn refusal(directory: &Path, arguments: &[&str]) -> String {
    let done = orthant(directory).args(arguments).assert().code(2);
    assert!(done.get_output().stdout.is_empty(), "{arguments:?}");
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

/// A run of initial weights.
fn train(directory: &Path, recipe: &str, settings: &[&str]) {
    let mut command = orthant(directory);
    command.args(["train", recipe, "--epochs=0", "--out=run"]);
    for setting in settings {
        command.args(["--set", setting]);
    }
    command.assert().success();
}

#[test]
fn a_network_is_printed_whole() {
    // The counts were worked out by hand where `orthant-model` tests them; these files hold what
    // is printed to them.
    let directory = tempfile::tempdir().unwrap();
    for (name, expected) in [
        ("alexnet", include_str!("inspect/alexnet.txt")),
        (
            "binarynet-cifar10",
            include_str!("inspect/binarynet-cifar10.txt"),
        ),
        (
            "residual-digits",
            include_str!("inspect/residual-digits.txt"),
        ),
    ] {
        let found = output(directory.path(), &["inspect", "--network", name]);
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn alexnet_has_the_well_known_counts() {
    let directory = tempfile::tempdir().unwrap();
    let total = &inspected(directory.path(), &["--network", "alexnet"])["total"];
    assert_eq!(total["parameters"], 60_954_656);
    assert_eq!(total["macs"]["total"], 724_406_816);
    assert_eq!(total["operations"], 1_448_813_632);
    // 1,448,813,632 / (227 · 227)
    let per_pixel = total["operations_per_pixel"].as_f64().unwrap();
    assert_eq!((per_pixel * 10.0).round(), 281_165.0);
    assert_eq!(total["weight_bytes"]["float32"], 4 * 60_954_656);
    assert_eq!(total["ops"], 724_406_816.0);
}

#[test]
fn json_has_what_the_tables_print() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--network", "binarynet-cifar10"];
    let report = inspected(directory.path(), &arguments);
    assert_eq!(report["kind"], "network");
    assert_eq!(report["input"], json!([32, 32, 3]));
    let layers = report["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 9);
    let second = &layers[1];
    assert_eq!(second["operation"], "conv 3, pool 2");
    assert_eq!(second["input"], json!([32, 32, 128]));
    assert_eq!(second["output"], json!([16, 16, 128]));
    assert_eq!(
        (&second["input_bits"], &second["weight_bits"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(second["truly_1_bit"], true);
    assert_eq!(layers[0]["truly_1_bit"], false);
    // 16,384 bytes of bits in, 4,096 out, 18,432 of weights, 128 thresholds and their directions.
    let accesses = json!({ "packed": 16_384 + 4_096 + 18_432 + 272, "float32": 1_246_208 });
    assert_eq!(second["access_bytes"], accesses);
    assert_eq!(
        second["energy_pj"]["packed"]["memory"],
        51_200.0 + 18_704.0 / 8.0 * 1300.0
    );
    let total = &report["total"];
    assert_eq!(total["macs"]["binary"], 613_427_200);
    assert_eq!(total["macs"]["pixels"], 3_538_944);
    assert_eq!(total["ops"], 10_027_168.0);
    let peak = json!({ "packed": 20_480, "float32": 655_360 });
    assert_eq!(total["peak_activation_bytes"], peak);
    // The sentences are those of the text.
    let text = output(directory.path(), &[&["inspect"], &arguments[..]].concat());
    let notes = report["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 4);
    for note in notes {
        assert!(text.contains(&format!("\n- {}\n", note.as_str().unwrap())));
    }
}

#[test]
fn a_run_s_bytes_are_those_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    for (recipe, has_gamma, optimizer) in [
        ("binarynet-digits", true, "{ name = \"adam\" }"),
        ("ternary-digits", true, "{ name = \"sgd\", momentum = 0.9 }"),
        ("residual-digits", true, "{ name = \"adam\" }"),
        ("float-digits", false, "{ name = \"adam\" }"),
    ] {
        let settings = [
            "width=0.1".to_owned(),
            format!("training.optimizer={optimizer}"),
            format!("network.norm.gamma={has_gamma}"),
        ];
        train(directory, recipe, &settings.each_ref().map(String::as_str));
        let report = inspected(directory, &["run"]);
        let (total, on_disk) = (&report["total"], &report["on_disk"]);
        let size = fs::metadata(directory.join("run/checkpoint.safetensors"))
            .unwrap()
            .len();
        assert_eq!(on_disk["bytes"], size, "{recipe}");
        let sections = on_disk["sections"].as_array().unwrap();
        let sum: u64 = sections
            .iter()
            .map(|section| section["bytes"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, size, "{recipe}");

        let number = |value: &Value| value.as_u64().unwrap();
        let latent = sections
            .iter()
            .filter(|section| section["name"].as_str().unwrap().starts_with("weights of "));
        let latent: u64 = latent.map(|section| number(&section["bytes"])).sum();
        assert_eq!(latent, 4 * number(&total["weights"]), "{recipe}");
        assert_eq!(
            latent,
            number(&total["weight_bytes"]["float32"]),
            "{recipe}"
        );
        // Factor, shift and two moments for each channel, whether the factor is learnt or not.
        let bytes = |name: &str| {
            let found = sections.iter().find(|section| section["name"] == name);
            number(&found.unwrap()["bytes"])
        };
        let channels = number(&total["norm_running"]) / 2;
        assert_eq!(bytes("batch norm"), 16 * channels, "{recipe}");
        // Adam remembers two numbers for each that is learnt, SGD one, its momentum.
        let remembered = if optimizer.contains("adam") { 8 } else { 4 };
        let learnt = number(&total["parameters"]);
        assert_eq!(
            bytes("the optimizer's memory"),
            remembered * learnt,
            "{recipe}"
        );
        fs::remove_dir_all(directory.join("run")).unwrap();
    }
}

#[test]
fn a_run_is_shown_as_latent_packed_and_float32_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    train(directory, "binarynet-digits", &["width=0.02"]);
    let text = output(directory, &["inspect", "run"]);
    let table = text
        .split("\n\n")
        .skip_while(|part| *part != "Bytes of run/checkpoint.safetensors");
    let table = table.clone().nth(1).expect("a run has a file");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    assert_eq!(rows[0], ["section", "on disk", "packed", "as float32"]);
    assert_eq!(rows[1][0], "header");
    // 0.02 · 128 is 3 channels: 27 bits, or 3 rows of a word for each of 9 taps.
    assert_eq!(rows[2], ["weights of conv1", "108", "24", "108"]);
    assert_eq!(rows[3], ["weights of conv2", "324", "216", "324"]);
    let size = fs::metadata(directory.join("run/checkpoint.safetensors"))
        .unwrap()
        .len();
    let total = rows.last().unwrap();
    assert_eq!(total[0], "total");
    assert_eq!(total[1].replace(',', ""), size.to_string());
    let needed = total[2];
    let last = text.lines().last().unwrap();
    let expected = format!(
        "- checkpoint.safetensors has {} bytes of latent float32 weights and of what training \
         remembers; an inference needs {needed}.",
        total[1]
    );
    assert_eq!(last, expected);
}

#[test]
fn a_recipe_of_one_s_own_is_inspected_as_it_would_be_trained() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let shown = output(directory, &["train", "binarynet-digits", "--show"]);
    fs::write(directory.join("mine.toml"), shown).unwrap();
    let settings = ["--network", "mine.toml", "--set", "width=0.02"];
    let mut mine = inspected(directory, &settings);
    train(directory, "binarynet-digits", &["width=0.02"]);
    let run = inspected(directory, &["run"]);
    for key in ["layers", "total", "input", "classes"] {
        assert_eq!(mine[key], run[key], "{key}");
    }
    // A network of one's own, without data.
    let network = "input = [9, 9, 2]\nclasses = 3\n[network]\nlayers = [{ kind = \"dense\" }]\n";
    fs::write(directory.join("bare.toml"), network).unwrap();
    mine = inspected(directory, &["--network", "bare.toml"]);
    assert_eq!(mine["total"]["macs"]["pixels"], 9 * 9 * 2 * 3);
}

#[test]
fn what_cannot_be_inspected_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "text").unwrap();
    for (arguments, expected) in [
        (
            vec!["inspect"],
            "error: the following required arguments were not provided",
        ),
        (
            vec!["inspect", "nowhere"],
            "error: nowhere does not exist, expected a run's directory or a model file",
        ),
        (
            vec!["inspect", "file"],
            "error: cannot read file: the file has ",
        ),
        (
            vec!["inspect", "run", "--network", "alexnet"],
            "cannot be used with",
        ),
        (
            vec!["inspect", "run", "--set", "width=1"],
            "cannot be used with",
        ),
        (
            vec!["inspect", "--network", "alexnt"],
            "error: no network is named \"alexnt\"; the nearest known name is `alexnet`",
        ),
        (
            vec![
                "inspect",
                "--network",
                "alexnet",
                "--set",
                "input=[3, 3, 3]",
            ],
            "error: layer conv1: ",
        ),
        (
            vec!["inspect", "--network", "none.toml"],
            "error: cannot read the recipe none.toml: ",
        ),
        (
            vec!["train", "alexnet"],
            "error: alexnet is a network without data or training, expected a recipe",
        ),
    ] {
        let text = refusal(directory.path(), &arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert!(!directory.path().join("runs").exists());
}

#[test]
fn a_model_s_bytes_are_those_on_disk_and_cost_what_its_run_costs() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    for recipe in [
        "binarynet-digits",
        "ternary-digits",
        "residual-digits",
        "float-digits",
    ] {
        train(directory, recipe, &["width=0.1"]);
        output(directory, &["pack", "run", "-o", "model.orth", "--force"]);
        let inspect = |subject: &str| -> Value {
            let text = output(directory, &["inspect", subject, "--json"]);
            serde_json::from_str(&text).unwrap()
        };
        let (model, run) = (inspect("model.orth"), inspect("run"));
        assert_eq!(model["kind"], "model");
        for key in ["input", "layers", "total"] {
            assert_eq!(model[key], run[key], "{recipe}: {key}");
        }
        let on_disk = &model["on_disk"];
        let sections = on_disk["sections"].as_array().unwrap();
        let bytes = sections.iter().map(|one| one["bytes"].as_u64().unwrap());
        let len = fs::metadata(directory.join("model.orth")).unwrap().len();
        assert_eq!(bytes.sum::<u64>(), len);
        assert_eq!(on_disk["bytes"], len);
        for section in sections {
            let name = section["name"].as_str().unwrap();
            if name.starts_with("weights of ") {
                // Real weights end at a multiple of 8.
                let needed = section["packed"].as_u64().unwrap();
                assert_eq!(
                    section["bytes"],
                    needed.next_multiple_of(8),
                    "{recipe}: {name}"
                );
            }
        }
        fs::remove_dir_all(directory.join("run")).unwrap();
    }
}

#[test]
fn a_checkpoint_that_is_cut_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    train(directory, "binarynet-digits", &["width=0.02"]);
    let path = directory.join("run/checkpoint.safetensors");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let text = refusal(directory, &["inspect", "run"]);
    assert!(text.contains("not a whole safetensors file"), "{text}");
}

#[test]
fn the_help_names_every_network_and_an_example() {
    let directory = tempfile::tempdir().unwrap();
    let help = output(directory.path(), &["inspect", "--help"]);
    for expected in [
        "alexnet",
        "binarynet-cifar10",
        "orthant inspect runs/binarynet-digits",
        "1.5 G over 224 x 224 are 30 k",
    ] {
        assert!(help.contains(expected), "{expected}");
    }
}
