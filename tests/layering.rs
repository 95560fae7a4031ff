//! Data flows down the map of crates and never up: the manifests say so.

use std::fs;
use std::path::Path;

/// What each crate may use of ours, and whether it may use others at all.
const ALLOWED: [(&str, &[&str], bool); 10] = [
    ("bits", &[], false),
    ("kernels", &["orthant-bits"], false),
    ("gemm", &[], true),
    ("model", &["orthant-bits"], false),
    (
        "infer",
        &["orthant-bits", "orthant-kernels", "orthant-model"],
        false,
    ),
    ("data", &["orthant-bits"], true),
    (
        "train",
        &[
            "orthant-bits",
            "orthant-data",
            "orthant-gemm",
            "orthant-kernels",
            "orthant-model",
        ],
        true,
    ),
    (
        "geometry",
        &[
            "orthant-bits",
            "orthant-gemm",
            "orthant-kernels",
            "orthant-model",
        ],
        true,
    ),
    ("report", &[], true),
    (
        "cli",
        &[
            "orthant-bits",
            "orthant-data",
            "orthant-gemm",
            "orthant-geometry",
            "orthant-infer",
            "orthant-kernels",
            "orthant-model",
            "orthant-report",
            "orthant-train",
        ],
        true,
    ),
];

/// Dependencies of a manifest, those of builds and of single targets among them.
fn dependencies(manifest: &Path) -> Vec<String> {
    let text = fs::read_to_string(manifest).expect("every crate has a manifest");
    let manifest: toml::Table = toml::from_str(&text).expect("it is TOML");
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(toml::Table::values);
    let tables = targets.filter_map(toml::Value::as_table).chain([&manifest]);
    tables
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|key| table.get(key)))
        .filter_map(|dependencies| dependencies?.as_table())
        .flat_map(|dependencies| dependencies.keys().cloned())
        .collect()
}

#[test]
fn no_crate_uses_one_that_it_may_not() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut found: Vec<_> = fs::read_dir(&crates)
        .expect("the crates lie in crates/")
        .map(|entry| {
            entry
                .expect("a readable entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    found.sort();
    let mut expected = ALLOWED.map(|(name, ..)| name);
    expected.sort_unstable();
    assert_eq!(found, expected, "a new crate needs its place in the map");
    for (name, ours, others) in ALLOWED {
        for dependency in dependencies(&crates.join(name).join("Cargo.toml")) {
            let allowed = match dependency.starts_with("orthant") {
                true => ours.contains(&dependency.as_str()),
                false => others,
            };
            assert!(allowed, "crates/{name} uses {dependency}");
        }
    }
}
