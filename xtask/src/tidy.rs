//! `cargo xtask tidy`: check the form of sources and manifests that no lint sees.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::{self, files, metadata, report};

/// Lines a source file may have. The norm is 60 to 150: past 400 it holds more than one idea.
const MAX_LINES: usize = 400;

/// What no source file may contain, and why. Written in two parts, so that this file passes.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("#[", "allow("), "expect a lint, with a reason"),
    (concat!("#![", "allow("), "expect a lint, with a reason"),
    (concat!("#[", "ignore"), "a test runs or does not exist"),
    (concat!("FIX", "ME"), "mend it, or put it in ROADMAP.md"),
    (concat!("TO", "DO"), "do it, or put it in ROADMAP.md"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
];

pub(crate) fn check() -> Result<()> {
    let mut violations = sources()?;
    violations.extend(manifests(&metadata()?)?);
    report(&violations, "untidy places")
}

fn sources() -> Result<BTreeSet<String>> {
    let mut violations = BTreeSet::new();
    for path in files(".rs")? {
        let path = path.display().to_string();
        let source = fs::read_to_string(workspace::root().join(&path))
            .with_context(|| format!("cannot read `{path}`"))?;
        violations.extend(in_source(&path, &source));
    }
    Ok(violations)
}

fn in_source(path: &str, source: &str) -> BTreeSet<String> {
    let mut violations = BTreeSet::new();

    if !source.starts_with("//! ") {
        violations.insert(format!("`{path}` does not begin by saying what it holds"));
    }
    if path.ends_with("/mod.rs") {
        violations.insert(format!("`{path}` should stand beside its folder"));
    }
    let n_lines = source.lines().count();
    if n_lines > MAX_LINES {
        violations.insert(format!("`{path}` has {n_lines} lines, {MAX_LINES} at most"));
    }
    for (i, line) in source.lines().enumerate() {
        for (text, why) in FORBIDDEN {
            if line.contains(text) {
                violations.insert(format!("`{path}`, line {}: `{text}`: {why}", i + 1));
            }
        }
    }

    violations
}

/// The one crate with `unsafe` code, which Cargo lets no package except from a lint that is forbidden.
const UNSAFE_CRATE: &str = "geno-kernels";

/// The workspace's lints but that one, and two about what it forbids.
const UNSAFE_LINTS: &str = "\
[lints.rust]
missing_docs = \"warn\"
unreachable_pub = \"warn\"
unsafe_op_in_unsafe_fn = \"deny\"

[lints.clippy]
dbg_macro = \"warn\"
print_stdout = \"warn\"
print_stderr = \"warn\"
todo = \"warn\"
unimplemented = \"warn\"
undocumented_unsafe_blocks = \"warn\"
";

/// Checks that every package takes the workspace's lints and licence, and every published one
/// its version.
fn manifests(metadata: &Value) -> Result<BTreeSet<String>> {
    let mut violations = BTreeSet::new();

    for package in metadata["packages"].as_array().into_iter().flatten() {
        let path = package["manifest_path"].as_str().unwrap_or_default();
        let name = package["name"].as_str().unwrap_or_default();
        let manifest =
            fs::read_to_string(path).with_context(|| format!("cannot read `{name}`'s manifest"))?;

        // `publish = false` reads as an empty list of registries.
        let is_published = package["publish"].is_null();
        violations.extend(in_manifest(name, &manifest, is_published));
    }

    Ok(violations)
}

fn in_manifest(name: &str, manifest: &str, is_published: bool) -> BTreeSet<String> {
    let has = |line: &str| manifest.lines().any(|other| other == line);
    let mut violations = BTreeSet::new();

    let takes_lints = match name {
        UNSAFE_CRATE => manifest.contains(UNSAFE_LINTS),
        _ => manifest.contains("[lints]\nworkspace = true\n"),
    };
    if !takes_lints {
        violations.insert(format!("`{name}` does not take the workspace's lints"));
    }
    if !has("license.workspace = true") {
        violations.insert(format!("`{name}` does not take the workspace's licence"));
    }
    if is_published && !has("version.workspace = true") {
        violations.insert(format!("`{name}` does not take the workspace's version"));
    }
    if is_published && !manifest.contains("\ndescription = ") {
        violations.insert(format!("`{name}` does not say what it is"));
    }

    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_tidy() {
        assert_eq!(sources().unwrap(), BTreeSet::new());
    }

    #[test]
    fn manifests_are_tidy() {
        let metadata = metadata().unwrap();
        assert_eq!(manifests(&metadata).unwrap(), BTreeSet::new());
    }

    #[test]
    fn what_is_untidy_in_a_source_is_named() {
        let source = format!("fn f() {{}}\n#[{}(dead_code)]\n", "allow");
        let source = source + &"\n".repeat(MAX_LINES);
        let found = in_source("src/edit/mod.rs", &source);

        let starts = [
            format!("`src/edit/mod.rs` has {} lines", MAX_LINES + 2),
            "`src/edit/mod.rs` does not begin".to_owned(),
            "`src/edit/mod.rs` should stand".to_owned(),
            "`src/edit/mod.rs`, line 2: ".to_owned(),
        ];
        assert_eq!(found.len(), starts.len(), "{found:?}");
        for start in starts {
            assert!(found.iter().any(|text| text.starts_with(&start)), "{start}");
        }
    }

    #[test]
    fn what_is_untidy_in_a_manifest_is_named() {
        let manifest = "[package]\nname = \"geno-x\"\nversion = \"0.1.0\"\n";
        assert_eq!(in_manifest("geno-x", manifest, true).len(), 4);
        assert_eq!(in_manifest("geno-x", manifest, false).len(), 2);
    }
}
