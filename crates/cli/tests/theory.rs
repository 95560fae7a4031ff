//! `orthant theory` as a user runs it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

/// Few and small vectors.
const SMALL: [&str; 5] = ["theory", "--dims", "3,27", "--samples", "500"];

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

/// What a command says that must fail with exit code 2.
fn refusal(directory: &Path, arguments: &[&str]) -> String {
    let done = orthant(directory).args(arguments).assert().code(2);
    assert!(done.get_output().stdout.is_empty(), "{arguments:?}");
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn tables_are_printed_whole_and_threads_change_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let expected = include_str!("theory/small.txt");
    for threads in ["1", "3"] {
        let arguments = [&SMALL[..], &["--threads", threads]].concat();
        assert_eq!(output(directory.path(), &arguments), expected);
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    let other = [&SMALL[..], &["--seed", "1"]].concat();
    assert_ne!(output(directory.path(), &other), expected);
}

#[test]
fn json_has_theory_and_measurements_that_agree() {
    let directory = tempfile::tempdir().unwrap();
    // Dimensions come in their order, each once.
    let arguments = [
        "theory",
        "--json",
        "--samples",
        "2000",
        "--dims",
        "100,10,100",
    ];
    let report: Value = serde_json::from_str(&output(directory.path(), &arguments)).unwrap();
    assert_eq!(report["dims"], json!([10, 100]));
    assert_eq!(
        (&report["samples"], &report["seed"]),
        (&json!(2000), &json!(0))
    );
    let tables = report["tables"].as_object().unwrap();
    let mut compared = 0;
    // The first order of 1/d leaves some 0.02° at 10 and at 100.
    for (name, theory, measured, slack) in [
        ("signs", "cosine_mean", "measured_cosine_mean", 0.0),
        ("signs", "angle_mean_deg", "measured_mean_deg", 0.05),
        ("vectors", "angle_sd_deg", "measured_sd_deg", 0.0),
        ("ternary", "angle_mean_deg", "measured_mean_deg", 0.05),
    ] {
        for row in tables[name]["rows"].as_array().unwrap() {
            let found = &row[measured];
            let apart = (number(&found["value"]) - number(&row[theory])).abs();
            let error = number(&found["standard_error"]);
            assert!(apart < 5.0 * error + slack, "{name} {measured}: {row}");
            assert!(number(&found["samples"]) >= 1_990.0);
            compared += 1;
        }
    }
    for row in tables["distributions"]["rows"].as_array().unwrap() {
        // Without a fourth moment there is a limit, and no law at d.
        let is_heavy = row["distribution"] == "Student t, freedom 4";
        assert_eq!(row["angle_mean_deg"].is_null(), is_heavy, "{row}");
        assert!(row["limit_deg"].is_number() && row["measured_mean_deg"].is_object());
    }
    assert_eq!(compared, 2 + 2 + 2 + 11);
    let chance = number(&tables["vectors"]["rows"][1]["log10_chance"]);
    assert!((chance + 23.0645).abs() < 1e-4, "{chance}");
    let rotated = tables["rotations"]["rows"].as_array().unwrap();
    assert_eq!(rotated.len(), 9);
    assert_eq!(rotated[8]["measured_mean_deg"]["samples"], 200);
    for (at, expected) in [(3, 68.2), (4, 36.85), (5, 35.2), (6, 80.4), (7, 37.02)] {
        let found = &rotated[at]["measured_mean_deg"];
        let apart = (number(&found["value"]) - expected).abs();
        assert!(
            apart < 5.0 * number(&found["standard_error"]) + 0.1,
            "{found}"
        );
    }
}

#[test]
fn files_hold_what_is_printed_and_are_never_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("new/theory");
    let arguments = [&SMALL[..], &["--json", "--out", "new/theory"]].concat();
    let printed = output(directory.path(), &arguments);
    let names = fs::read_dir(&out).unwrap();
    let names: BTreeSet<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let report: Value = serde_json::from_str(&printed).unwrap();
    let tables = report["tables"].as_object().unwrap();
    let expected = tables.keys().map(|name| format!("{name}.csv"));
    let others = ["figures", "theory.json"].map(str::to_owned);
    assert_eq!(names, expected.chain(others).collect());
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("theory.json"), printed);
    for (name, table) in tables {
        let csv = read(&format!("{name}.csv"));
        let rows = table["rows"].as_array().unwrap();
        assert_eq!(csv.lines().count(), rows.len() + 1, "{name}");
        let columns = csv.lines().next().unwrap().split(',').count();
        // A measured number has its error in a column of its own.
        let measured = rows[0].as_object().unwrap().values();
        let measured = measured.filter(|cell| cell.is_object()).count();
        let keys = rows[0].as_object().unwrap().len();
        assert_eq!(columns, keys + measured, "{name}");
    }

    let again = refusal(directory.path(), &arguments);
    assert!(
        again.contains("is not empty, expected a new directory"),
        "{again}"
    );
    assert_eq!(read("theory.json"), printed);
}

#[test]
fn figures_have_pictures_and_the_numbers_in_them() {
    let directory = tempfile::tempdir().unwrap();
    output(directory.path(), &[&SMALL[..], &["--out", "out"]].concat());
    let figures = directory.path().join("out/figures");
    let tables = [
        ("densities", 1),
        ("spread", 2),
        ("distributions", 2),
        ("ternary", 2),
        ("bits", 2),
        ("rotations", 1),
    ];
    let mut expected = BTreeSet::new();
    for (name, tables) in tables {
        expected.extend(["svg", "png", "csv"].map(|ending| format!("{name}.{ending}")));
        expected.extend((2..=tables).map(|table| format!("{name}-{table}.csv")));
        let svg = fs::read_to_string(figures.join(format!("{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg ") && !svg.contains("no values to draw"));
        assert!(!svg.contains("have no place here"), "{name}");
        let png = fs::read(figures.join(format!("{name}.png"))).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
    }
    let names = fs::read_dir(&figures).unwrap();
    let names: BTreeSet<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, expected);

    // Each density, measured or of theory, has an area of 1.
    for (name, panels) in [("densities", 2), ("rotations", 3)] {
        let text = fs::read_to_string(figures.join(format!("{name}.csv"))).unwrap();
        let head = "panel,curve,angle (degrees),density (1 / degree),";
        assert!(text.starts_with(head), "{name}");
        let rows = text.lines().skip(1);
        let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
        assert_eq!(rows.len(), panels * 4 * 401, "{name}");
        for curve in rows.chunks(401) {
            let at = |row: usize, column: usize| curve[row][column].parse::<f64>().unwrap();
            let step = at(1, 2) - at(0, 2);
            let area: f64 = (0..401).map(|row| at(row, 3) * step).sum();
            assert!((area - 1.0).abs() < 0.01, "{:?}: {area}", &curve[0][..2]);
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, expected) in [
        (["--dims", "3,1"], "--dims has 1, expected numbers from 2"),
        (["--dims", "3,x"], "invalid value 'x'"),
        (["--samples", "1"], "--samples is 1, expected 2 to"),
        (["--threads", "0"], "--threads is 0"),
    ] {
        let error = refusal(directory.path(), &[&["theory"], &arguments[..]].concat());
        assert!(error.contains(expected), "{error}");
    }
    fs::write(directory.path().join("file"), "").unwrap();
    let error = refusal(directory.path(), &["theory", "--out", "file"]);
    assert!(error.contains("cannot look into file"), "{error}");
    // A single number of dimensions has no line to fit.
    let one = output(
        directory.path(),
        &["theory", "--dims=9", "--samples=20", "--json"],
    );
    let report: Value = serde_json::from_str(&one).unwrap();
    assert!(report["tables"].get("spread_law").is_none());
}
