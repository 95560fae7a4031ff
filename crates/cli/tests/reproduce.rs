//! `orthant reproduce` as a user runs it, with small networks and few epochs.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const SMALL: [&str; 12] = [
    "reproduce",
    "--set",
    "width=0.1",
    "--epochs",
    "2",
    "--images",
    "60",
    "--dynamics",
    "50",
    "--vectors",
    "200",
    "--json",
];

fn orthant(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory);
    command
}

/// The results, which are the last line that is printed.
fn results(directory: &Path, arguments: &[&str]) -> Value {
    let done = orthant(directory).args(arguments).assert().success();
    let text = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// What a command says that must fail with exit code 2.
fn refusal(directory: &Path, arguments: &[&str]) -> String {
    let done = orthant(directory).args(arguments).assert().code(2);
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

#[test]
fn one_command_trains_analyses_packs_verifies_and_measures() {
    let directory = tempfile::tempdir().unwrap();
    let found = results(directory.path(), &SMALL);
    let out = directory.path().join("runs/reproduce-binarynet-digits");
    let written = fs::read(out.join("results.json")).unwrap();
    assert_eq!(found, serde_json::from_slice::<Value>(&written).unwrap());

    assert_eq!(found["verify"]["images"], 360);
    assert_eq!(found["verify"]["differing"], 0);
    assert!(found["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(
        found["test_accuracy"],
        found["networks"]["binary"]["test_accuracy"]
    );
    for network in ["binary", "ternary", "float"] {
        let about = &found["networks"][network]["deployed"];
        assert_eq!(about["verify"]["equal"], true, "{network}");
        assert!(about["latency"]["median_ms"].as_f64().unwrap() > 0.0);
        assert!(out.join(format!("models/{network}.orth")).exists());
    }
    assert!(found["networks"]["no-latent"]["deployed"].is_null());
    for network in ["binary", "ternary"] {
        assert_eq!(
            found["geometry"][network]["layers"]
                .as_array()
                .unwrap()
                .len(),
            9
        );
        assert!(
            out.join("geometry")
                .join(network)
                .join("geometry.json")
                .exists()
        );
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Conclusion") && page.contains("side by side"));
    let checks = found["checks"].as_array().unwrap();
    let random = checks.iter().filter(|check| check["network"].is_null());
    let wrong: Vec<_> = random
        .filter(|check| !check["claim"].as_str().unwrap().starts_with("Finding"))
        .filter(|check| check["verdict"] != "agrees")
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");

    // What is trained stays, and other settings do not pass for it.
    let again = results(directory.path(), &SMALL);
    for network in ["binary", "ternary", "float", "no-latent"] {
        let hash = |found: &Value| found["networks"][network]["weights_hash"].clone();
        assert_eq!(hash(&found), hash(&again));
        assert!(hash(&found).is_string());
    }
    let other = SMALL.map(|word| if word == "2" { "3" } else { word });
    let said = refusal(directory.path(), &other);
    assert!(
        said.contains("the binary network") && said.contains("epochs"),
        "{said}"
    );

    // Runs are taken as they are.
    let [binary, float] = ["binary", "float"].map(|kind| format!("{}/runs/{kind}", out.display()));
    let more = [
        "--images",
        "60",
        "--dynamics",
        "0",
        "--json",
        "--out",
        "taken",
    ];
    let taken = [&["reproduce", "--run", &float, "--run", &binary], &more[..]].concat();
    let taken = results(directory.path(), &taken);
    let networks = taken["networks"].as_object().unwrap();
    assert_eq!(networks.keys().collect::<Vec<_>>(), ["binary", "float"]);
    let layers = |found: &Value| found["geometry"]["binary"]["layers"].clone();
    assert_eq!(layers(&taken), layers(&found));
    assert!(!directory.path().join("taken/runs").exists());
    let twice = ["reproduce", "--run", &float, "--run", &float];
    assert!(refusal(directory.path(), &twice).contains("expected one run of a kind"));
}

#[test]
fn somebody_else_s_directory_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("mine")).unwrap();
    fs::write(directory.path().join("mine/report.html"), "mine").unwrap();
    let said = refusal(directory.path(), &[&SMALL[..], &["--out", "mine"]].concat());
    assert!(said.contains("is not empty"), "{said}");
    let kept = fs::read_to_string(directory.path().join("mine/report.html")).unwrap();
    assert_eq!(kept, "mine");
    let said = refusal(directory.path(), &["reproduce", "--data", "nothing:here"]);
    assert!(said.contains("the data"), "{said}");
}
