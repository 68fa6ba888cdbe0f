//! `cargo xtask layers`: check which crate depends on which.
//!
//! Cargo refuses cycles. This refuses edges nobody decided on: a new one needs a line in
//! [`ALLOWED`], where a reviewer sees it. `ARCHITECTURE.md` says why each edge is as it is.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::Value;

use crate::workspace::{metadata, report};

/// What each crate may depend on inside the workspace, bottom layer first.
///
/// Dev-dependencies are free.
const ALLOWED: &[(&str, &[&str])] = &[
    ("geno-core", &[]),
    ("geno-action", &["geno-core"]),
    ("geno-provenance", &["geno-core", "geno-action"]),
    (
        "geno-data",
        &["geno-core", "geno-action", "geno-provenance"],
    ),
    ("geno-weights", &["geno-core"]),
    ("geno-kernels", &[]),
    ("geno-fused", &[]),
    ("geno-plot", &[]),
    (
        "geno-encoder",
        &["geno-core", "geno-action", "geno-weights", "geno-kernels"],
    ),
    (
        "geno-predictor",
        &[
            "geno-core",
            "geno-action",
            "geno-weights",
            "geno-kernels",
            "geno-fused",
        ],
    ),
    (
        "geno-surprise",
        &["geno-core", "geno-action", "geno-encoder", "geno-predictor"],
    ),
    ("geno-planning", &["geno-core", "geno-action"]),
    (
        "geno-runtime",
        &[
            "geno-core",
            "geno-action",
            "geno-provenance",
            "geno-data",
            "geno-weights",
            "geno-kernels",
            "geno-encoder",
            "geno-predictor",
            "geno-surprise",
            "geno-planning",
        ],
    ),
    (
        "geno-eval",
        &["geno-core", "geno-action", "geno-provenance", "geno-data"],
    ),
    (
        "geno-report",
        &[
            "geno-core",
            "geno-action",
            "geno-provenance",
            "geno-data",
            "geno-plot",
            "geno-eval",
        ],
    ),
    (
        "geno-training",
        &[
            "geno-core",
            "geno-action",
            "geno-provenance",
            "geno-data",
            "geno-weights",
            "geno-kernels",
            "geno-fused",
            "geno-plot",
            "geno-encoder",
            "geno-predictor",
            "geno-surprise",
            "geno-runtime",
            "geno-eval",
        ],
    ),
    (
        "geno-app",
        &["geno-core", "geno-provenance", "geno-weights"],
    ),
    ("geno-cli", LIBRARIES),
    ("geno-tests", LIBRARIES),
    ("geno-kits", LIBRARIES),
    ("geno-browser-tests", &["geno-report"]),
    ("geno-benches", LIBRARIES),
    ("geno-model-build", LIBRARIES),
    ("geno-release", LIBRARIES),
    ("xtask", LIBRARIES),
];

/// All library crates, for the packages that stand on top of them.
const LIBRARIES: &[&str] = &[
    "geno-core",
    "geno-action",
    "geno-provenance",
    "geno-data",
    "geno-weights",
    "geno-kernels",
    "geno-fused",
    "geno-plot",
    "geno-encoder",
    "geno-predictor",
    "geno-surprise",
    "geno-planning",
    "geno-runtime",
    "geno-eval",
    "geno-report",
    "geno-training",
    "geno-app",
];

/// Outside crates that only the crates beside them may name; a last `*` stands for any ending.
///
/// An empty list keeps a crate out altogether: network code, a second tracing set-up and a
/// second table library each need a decision first.
const CONFINED: &[(&str, &[&str])] = &[
    (
        "anyhow",
        &["xtask", "geno-model-build", "geno-release", "geno-benches"],
    ),
    ("base64", &["geno-browser-tests", "geno-release"]),
    (
        "clap*",
        &["geno-cli", "xtask", "geno-model-build", "geno-release"],
    ),
    ("ctrlc", &["geno-cli"]),
    ("indicatif", &["geno-cli"]),
    (
        "noodles*",
        &["geno-data", "geno-benches", "geno-model-build"],
    ),
    ("blake3", &["geno-data"]),
    (
        "flate2",
        &["geno-data", "geno-tests", "geno-model-build", "xtask"],
    ),
    ("arrow*", &["geno-data", "geno-surprise"]),
    ("parquet", &["geno-data", "geno-surprise"]),
    ("half", &["geno-data", "geno-weights"]),
    ("memmap2", &["geno-kernels"]),
    ("safetensors", &["geno-weights"]),
    ("rand_chacha", &["geno-core"]),
    ("sha2", &["geno-core"]),
    ("minisign*", &["geno-provenance"]),
    ("getrandom", &["geno-cli"]),
    ("serde-saphyr", &["geno-runtime", "xtask"]),
    (
        "burn*",
        &[
            "geno-fused",
            "geno-encoder",
            "geno-predictor",
            "geno-surprise",
            "geno-runtime",
            "geno-training",
            "geno-tests",
            "geno-benches",
            "xtask",
        ],
    ),
    ("granit-parser", &["geno-app"]),
    ("polars*", &[]),
    ("prometheus", &["geno-app"]),
    ("reqwest", &[]),
    ("rusqlite", &["geno-data"]),
    ("rustls", &["geno-app"]),
    ("seccompiler", &["geno-app"]),
    ("public-api", &["xtask"]),
    ("tar", &["geno-model-build", "xtask"]),
    ("tracing-subscriber", &["geno-app"]),
    ("ureq", &["geno-app", "geno-model-build", "geno-release"]),
    ("url", &["geno-app", "geno-release"]),
    ("zip", &["geno-data"]),
    ("zstd", &["geno-data"]),
];

pub(crate) fn check() -> Result<()> {
    report(&violations(&metadata()?), "undecided dependencies")
}

fn violations(metadata: &Value) -> BTreeSet<String> {
    let mut violations = BTreeSet::new();

    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(krate, _)| *krate == name) else {
            violations.insert(format!("`{name}` has no line in ALLOWED"));
            continue;
        };

        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["kind"] == "dev" {
                continue;
            }
            let to = dependency["name"].as_str().unwrap_or_default();

            let is_internal = !dependency["path"].is_null();
            let is_confined = CONFINED
                .iter()
                .any(|(pattern, users)| matches(pattern, to) && !users.contains(&name));
            if is_confined || is_internal && !allowed.contains(&to) {
                violations.insert(format!("`{name}` may not depend on `{to}`"));
            }
        }
    }

    violations
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn layers_hold() {
        assert_eq!(violations(&metadata().unwrap()), BTreeSet::new());
    }

    #[test]
    fn without_the_feature_update_the_program_links_no_network_code() {
        let tree = |features: &str| {
            let output = std::process::Command::new(env!("CARGO"))
                .args(["tree", "--package", "geno-cli", "--no-default-features"])
                .args([
                    "--features",
                    features,
                    "--edges",
                    "normal",
                    "--prefix",
                    "none",
                ])
                .current_dir(crate::workspace::root())
                .output()
                .unwrap();
            assert!(output.status.success(), "cargo tree fails");
            let tree = String::from_utf8(output.stdout).unwrap();
            let is_network = |line: &&str| {
                let name = line.split(' ').next().unwrap_or_default();
                ["ureq", "rustls", "ring", "reqwest", "hyper"].contains(&name)
            };
            tree.lines().filter(is_network).count()
        };
        assert_eq!(tree("cpu"), 0);
        assert!(tree("cpu,update") > 0);
    }

    #[test]
    fn an_undecided_edge_is_named() {
        let metadata = json!({ "packages": [{
            "name": "geno-action",
            "dependencies": [
                { "name": "geno-core", "kind": null, "path": "crates/geno-core" },
                { "name": "geno-data", "kind": null, "path": "crates/geno-data" },
                { "name": "noodles-vcf", "kind": "build" },
                { "name": "ureq", "kind": null },
                { "name": "thiserror", "kind": null },
                { "name": "burn", "kind": "dev" },
            ],
        }] });
        let expected = [
            "`geno-action` may not depend on `geno-data`",
            "`geno-action` may not depend on `noodles-vcf`",
            "`geno-action` may not depend on `ureq`",
        ];
        assert_eq!(violations(&metadata), expected.map(String::from).into());
    }

    #[test]
    fn a_crate_without_a_line_is_named() {
        let metadata = json!({ "packages": [{ "name": "geno-utils", "dependencies": [] }] });
        let expected = ["`geno-utils` has no line in ALLOWED".to_owned()];
        assert_eq!(violations(&metadata), expected.into());
    }

    #[test]
    fn every_line_has_a_crate() {
        let metadata = metadata().unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let stale = ALLOWED
            .iter()
            .filter(|(krate, _)| packages.iter().all(|package| package["name"] != *krate))
            .map(|(krate, _)| krate)
            .collect::<Vec<_>>();
        assert!(stale.is_empty(), "not in the workspace: {stale:?}");
    }

    #[test]
    fn an_edge_points_down() {
        for (i, (krate, allowed)) in ALLOWED.iter().enumerate() {
            for to in *allowed {
                let below = ALLOWED[..i].iter().any(|(name, _)| name == to);
                assert!(below, "`{krate}` stands on `{to}`, which is not below it");
            }
        }
    }
}
