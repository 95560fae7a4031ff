//! `orthant bench kernels` as a user runs it.

use assert_cmd::Command;
use serde_json::Value;

fn orthant(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.args(["bench", "kernels"]).args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is UTF-8")
}

#[test]
fn json_has_every_figure_of_a_case() {
    let arguments = [
        "--json", "--slices", "2", "--case", "conv-512", "--batch", "1",
    ];
    let output = orthant(&arguments).output().expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let [row] = &rows.as_array().expect("an array")[..] else {
        panic!("one case: {rows}")
    };
    assert_eq!(row["case"], "conv-512-512-8");
    assert_eq!((&row["batch"], &row["threads"]), (&1.into(), &1.into()));
    for key in [
        "gmacs",
        "limit_gmacs",
        "share_of_limit",
        "f32_gmacs",
        "speedup_vs_f32",
    ] {
        assert!(
            row[key].as_f64().is_some_and(|figure| figure > 0.0),
            "{key} in {row}"
        );
    }
    assert!(row["gbytes_per_s"].is_number() && row["isa"].is_string());
}

#[test]
fn every_instruction_set_of_the_machine_can_be_forced() {
    for kernels in orthant_kernels::Kernels::available() {
        let isa = kernels.isa().name();
        let output = orthant(&[
            "--csv",
            "--slices",
            "1",
            "--case",
            "dense-1024",
            "--batch",
            "1",
        ])
        .env("ORTHANT_ISA", isa)
        .output()
        .expect("it runs");
        let text = text(&output.stdout);
        assert!(text.starts_with("case,batch,isa,threads,gmacs,"), "{text}");
        assert!(
            text.contains(&format!("\ndense-1024-1024,1,{isa},1,")),
            "{text}"
        );
    }
}

#[test]
fn every_case_runs() {
    let output = orthant(&["--csv", "--slices", "1"])
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 1 + 20);
}

#[test]
fn two_threads_share_the_rows() {
    let arguments = [
        "--threads",
        "2",
        "--slices",
        "1",
        "--case",
        "conv-512",
        "--batch",
        "1",
    ];
    let output = orthant(&arguments).output().expect("it runs");
    assert!(text(&output.stdout).contains("2 thread(s)"));
}

#[test]
fn wrong_arguments_end_with_2_and_say_what_was_expected() {
    let wrong: [(&[&str], &str); 4] = [
        (
            &["--threads", "0"],
            "error: --threads is 0, expected 1 to 1024",
        ),
        (
            &["--slices", "0"],
            "error: --slices is 0, expected at least 1",
        ),
        (
            &["--case", "conv-7"],
            "error: no case fits --case, --batch and --threads",
        ),
        (
            &["--json", "--csv"],
            "error: the argument '--json' cannot be used with '--csv'",
        ),
    ];
    for (arguments, expected) in wrong {
        let output = orthant(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2));
        let text = text(&output.stderr);
        assert!(text.starts_with(expected), "{text}");
    }
    let output = orthant(&[])
        .env("ORTHANT_ISA", "sse9")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let expected = "error: ORTHANT_ISA=sse9: unknown instruction set, expected one of scalar";
    assert!(text(&output.stderr).starts_with(expected));
}

#[test]
fn the_help_shows_an_example() {
    let output = orthant(&["--help"]).output().expect("it runs");
    assert!(text(&output.stdout).contains("ORTHANT_ISA=avx2 orthant bench kernels --json"));
}
