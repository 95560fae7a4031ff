//! `orthant geometry` as a user runs it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize_to_file};
use serde_json::Value;

fn orthant(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory);
    command
}

/// A small network of nine layers, trained for an epoch.
fn train(directory: &Path, recipe: &str, out: &str) {
    let arguments = [
        "train",
        recipe,
        "--set",
        "width=0.1",
        "--epochs",
        "1",
        "--out",
        out,
    ];
    orthant(directory).args(arguments).assert().success();
}

/// The report of a run, on few images.
fn report(directory: &Path, arguments: &[&str]) -> Value {
    let few = [
        "--json",
        "--images",
        "60",
        "--dynamics",
        "50",
        "--vectors",
        "0",
    ];
    let all = [&["geometry"], arguments, &few].concat();
    let done = orthant(directory).args(all).assert().success();
    serde_json::from_slice(&done.get_output().stdout).expect("it prints JSON")
}

#[test]
fn a_report_holds_every_number_figure_and_table() {
    let directory = tempfile::tempdir().unwrap();
    for (recipe, run) in [
        ("binarynet-digits", "binary"),
        ("ternary-digits", "ternary"),
    ] {
        train(directory.path(), recipe, run);
        let printed = report(directory.path(), &[run]);
        let out = directory.path().join(run).join("geometry");
        let written = fs::read(out.join("geometry.json")).unwrap();
        assert_eq!(printed, serde_json::from_slice::<Value>(&written).unwrap());
        let layers = printed["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 9);
        for layer in layers {
            for key in [
                "d",
                "angle_mean_deg",
                "angle_sd_deg",
                "theory_mean_deg",
                "r",
                "r_permuted",
                "r_predicted",
                "gain",
                "off_quadrant_share",
            ] {
                assert!(layer[key].is_number(), "{run}: {}: {key}", layer["name"]);
            }
            let cosine = layer["r_white"].as_f64().unwrap();
            let shuffled = layer["permuted"]["r_within_filters"].as_f64().unwrap();
            // Few patches of few images, in the smallest layers.
            assert!(
                (shuffled - cosine).abs() < 0.08,
                "{}: {shuffled} {cosine}",
                layer["name"]
            );
        }
        for name in [
            "angles",
            "products",
            "products-shuffled",
            "activations",
            "weights",
        ] {
            for ending in ["svg", "png", "csv"] {
                let file = out.join(format!("{name}.{ending}"));
                assert!(
                    fs::metadata(&file).unwrap().len() > 200,
                    "{}",
                    file.display()
                );
            }
        }
        let page = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(page.contains("Dot products stay proportional"));
        // Names of XML's own vocabularies are no addresses that anything is fetched from.
        let fetched = page.replace("http://www.w3.org/", "");
        assert!(!fetched.contains("http") && !fetched.contains("<script"));
    }
}

#[test]
fn threads_change_no_number() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), "binarynet-digits", "run");
    let [one, three] = ["1", "3"].map(|threads| {
        report(
            directory.path(),
            &["run", "--threads", threads, "--out", threads],
        )
    });
    assert_eq!(one, three);
}

#[test]
fn what_stands_in_the_way_is_named_and_the_rest_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), "binarynet-digits", "run");
    let arguments = [
        "geometry",
        "run",
        "--vectors",
        "0",
        "--images",
        "400",
        "--dynamics",
        "0",
        "--json",
    ];
    let done = orthant(directory.path()).args(arguments).assert().code(1);
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(
        said.contains("conv1: products: 360 images were seen, expected 400"),
        "{said}"
    );
    assert!(report["problems"].as_array().unwrap().len() >= 9);
    assert!(report["layers"][0]["r"].is_number());
}

#[test]
fn a_float_run_is_told_what_it_lacks() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), "float-digits", "run");
    let done = orthant(directory.path())
        .args([
            "geometry",
            "run",
            "--images",
            "20",
            "--dynamics",
            "0",
            "--vectors",
            "0",
            "--json",
        ])
        .assert()
        .code(1);
    let report: Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(
        said.contains("the layer's weights are not quantized"),
        "{said}"
    );
    // How well they could be is told all the same.
    assert!(report["layers"][0]["binarizability"]["angle_mean_deg"].is_number());
}

#[test]
fn nothing_is_replaced_unasked() {
    let directory = tempfile::tempdir().unwrap();
    train(directory.path(), "binarynet-digits", "run");
    fs::create_dir(directory.path().join("out")).unwrap();
    fs::write(directory.path().join("out/report.html"), "mine").unwrap();
    let arguments = [
        "geometry",
        "run",
        "--out",
        "out",
        "--images",
        "20",
        "--dynamics",
        "0",
        "--vectors",
        "0",
    ];
    let done = orthant(directory.path()).args(arguments).assert().code(2);
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(
        said.contains("is not empty") && said.contains("--force"),
        "{said}"
    );
    let page = || fs::read_to_string(directory.path().join("out/report.html")).unwrap();
    assert_eq!(page(), "mine");
    let forced = [&arguments[..], &["--force"]].concat();
    orthant(directory.path()).args(forced).assert().success();
    assert!(page().starts_with("<!DOCTYPE html>"));
}

/// Writes tensors of names, kinds, shapes and bytes.
fn tensors(path: &Path, all: &[(&str, Dtype, Vec<usize>, Vec<u8>)]) {
    let views = all.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes).unwrap();
        ((*name).to_owned(), view)
    });
    serialize_to_file(views.collect::<BTreeMap<_, _>>(), None, path).unwrap();
}

/// Numbers that are spread like uniform ones.
fn numbers(count: usize) -> Vec<f32> {
    let at = |at: usize| ((at as f32 * 0.618_034).fract() - 0.5) * 2.0;
    (1..=count).map(at).collect()
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn of_weights(directory: &Path, file: &str, more: &[&str], code: i32) -> Value {
    let arguments = [&["geometry", "--weights", file, "--json"], more].concat();
    let done = orthant(directory).args(arguments).assert().code(code);
    serde_json::from_slice(&done.get_output().stdout).expect("it prints JSON")
}

#[test]
fn weights_of_any_origin_are_told_how_binarizable_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let weights = numbers(8 * 36);
    let turned: Vec<f32> = (0..8 * 36)
        .map(|at| weights[at % 8 * 36 + at / 8])
        .collect();
    let halves = weights.iter().map(|weight| half::bf16::from_f32(*weight));
    let halves = halves.flat_map(half::bf16::to_le_bytes).collect();
    tensors(
        &directory.path().join("model.safetensors"),
        &[
            ("conv.weight", Dtype::F32, vec![8, 4, 3, 3], bytes(&weights)),
            ("half.weight", Dtype::BF16, vec![8, 36], halves),
            ("conv.bias", Dtype::F32, vec![8], bytes(&weights[..8])),
            ("steps", Dtype::I64, vec![1, 1], vec![0; 8]),
        ],
    );
    tensors(
        &directory.path().join("turned.safetensors"),
        &[("kernel", Dtype::F32, vec![3, 3, 4, 8], bytes(&turned))],
    );
    let found = of_weights(directory.path(), "model.safetensors", &["--out", "out"], 0);
    let angle = |report: &Value, at: usize| report["tensors"][at]["angle_mean_deg"].as_f64();
    let angle_of = |report, at| angle(report, at).unwrap();
    // Uniform weights stand at 30 degrees.
    assert!((angle_of(&found, 0) - 30.0).abs() < 2.0);
    assert!((angle_of(&found, 0) - angle_of(&found, 1)).abs() < 0.1);
    assert_eq!(found["tensors"][0]["verdict"], "binary");
    assert_eq!(found["left_out"], serde_json::json!(["conv.bias", "steps"]));
    assert!(found["note"].as_str().unwrap().contains("not established"));
    assert!(directory.path().join("out/report.html").exists());
    let last = of_weights(
        directory.path(),
        "turned.safetensors",
        &["--filters", "last"],
        0,
    );
    assert_eq!(angle(&last, 0), angle(&found, 0));
}

#[test]
fn tensors_without_an_angle_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let mut broken = numbers(4 * 9);
    broken[3] = f32::NAN;
    tensors(
        &directory.path().join("model.safetensors"),
        &[
            ("constant", Dtype::F32, vec![4, 9], bytes(&[0.5; 36])),
            ("broken", Dtype::F32, vec![4, 9], bytes(&broken)),
            ("single", Dtype::F32, vec![4, 1], bytes(&numbers(4))),
        ],
    );
    let found = of_weights(directory.path(), "model.safetensors", &[], 1);
    let named: Vec<_> = found["problems"].as_array().unwrap().iter().collect();
    assert_eq!(
        [&named[0]["layer"], &named[1]["layer"]],
        ["constant", "single"]
    );
    // Three of its four filters have angles.
    assert_eq!(found["tensors"][0]["angles"], 3);
    fs::write(directory.path().join("text.safetensors"), "no tensors").unwrap();
    let arguments = ["geometry", "--weights", "text.safetensors"];
    orthant(directory.path()).args(arguments).assert().code(2);
}

/// Changes a tensor's numbers in a run's checkpoint.
fn edit(checkpoint: &Path, tensor: &str, change: impl Fn(&mut [[u8; 4]])) {
    let mut bytes = fs::read(checkpoint).unwrap();
    let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + len]).unwrap();
    let offsets = &header[tensor]["data_offsets"];
    let [start, end] = [0, 1].map(|at| 8 + len + offsets[at].as_u64().unwrap() as usize);
    change(bytes[start..end].as_chunks_mut().0);
    fs::write(checkpoint, bytes).unwrap();
}

#[test]
fn weights_that_are_no_numbers_or_all_alike_are_told_layer_by_layer() {
    let directory = tempfile::tempdir().unwrap();
    let run = directory.path().join("run");
    train(directory.path(), "binarynet-digits", "run");
    let whole = fs::read(run.join("checkpoint.safetensors")).unwrap();
    let told = |out: &str| -> (Value, String) {
        let few = ["--images", "20", "--dynamics", "0", "--vectors", "0"];
        let arguments = [&["geometry", "run", "--json", "--out", out], &few[..]].concat();
        let done = orthant(directory.path()).args(arguments).assert().code(1);
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        (
            serde_json::from_slice(&done.get_output().stdout).unwrap(),
            said,
        )
    };

    // The second layer's first filter is constant, its second one 0.
    edit(
        &run.join("checkpoint.safetensors"),
        "conv2.weight",
        |weights| {
            let filter = 9 * 13;
            weights[..filter].fill(0.25f32.to_le_bytes());
            weights[filter..2 * filter].fill([0; 4]);
        },
    );
    let (report, said) = told("alike");
    let expected = "conv2: weights: 2 of 13 filters have no angle: 1 constant, 1 0";
    assert!(said.contains(expected), "{said}");
    assert!(report["layers"][1]["r"].is_number() && report["layers"][2]["r"].is_number());

    fs::write(run.join("checkpoint.safetensors"), whole).unwrap();
    edit(
        &run.join("checkpoint.safetensors"),
        "conv3.weight",
        |weights| {
            weights[0] = f32::NAN.to_le_bytes();
        },
    );
    let (report, said) = told("broken");
    assert!(said.contains("conv3: weights: 1 of "), "{said}");
    assert!(said.contains("layer conv3: element 0 is NaN"), "{said}");
    assert!(report["layers"][4]["angle_mean_deg"].is_number());
    assert!(report["layers"][4]["r"].is_null());
    // Who wants the network itself is told that it is broken.
    orthant(directory.path())
        .args(["eval", "run"])
        .assert()
        .code(2);
}
