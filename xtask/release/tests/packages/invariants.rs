//! What is said to hold of every release is held by tests that are there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::data::files;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

#[test]
fn every_test_and_type_that_the_page_names_is_there() {
    let folders = [
        "xtask/release/src",
        "xtask/release/tests",
        "crates/geno-provenance/src",
        "crates/geno-provenance/tests",
    ];
    let sources: String = folders
        .iter()
        .flat_map(|folder| {
            let sources = files(&root(folder)).into_iter();
            sources
                .filter(|name| name.ends_with(".rs"))
                .map(|name| fs::read_to_string(root(folder).join(name)).unwrap())
        })
        .collect();
    let page = fs::read_to_string(root("docs/src/release-invariants.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| rule"));
    let mut named = BTreeSet::new();
    for row in rows {
        let how = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let names: Vec<_> = how.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing holds this: {row}");
        named.extend(names);
    }
    for name in named {
        let declared = match name.split_once("::") {
            Some((_, item)) => vec![format!("fn {item}("), format!("const {item}:")],
            None if name.starts_with(char::is_uppercase) => ["struct", "enum"]
                .map(|kind| format!("{kind} {name}"))
                .into(),
            None => vec![format!("fn {name}()")],
        };
        let is_there = declared.iter().any(|text| sources.contains(text));
        assert!(is_there, "`{name}` is named and not there");
    }
}
