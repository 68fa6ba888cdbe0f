//! A whole release: locked, and every change of it found.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::{
    data::{files, sum_again, told},
    demo::{Shown, doctor},
};

/// A release in a folder of its own.
pub(crate) struct Released {
    folder: TempDir,
}

impl Released {
    pub(crate) fn new() -> Self {
        let shown = Shown::new();
        let output = shown.run(&doctor(), 0);
        assert!(output.status.success(), "{}", told(&output));
        let released = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let from = [
            ("dataset", shown.measured.data.package()),
            ("model", shown.measured.path("model")),
            ("demo", shown.folder()),
        ];
        for (part, from) in from {
            for name in files(&from) {
                let to = released.path(part).join(&name);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from.join(&name), to).unwrap();
            }
        }
        released
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn verify(&self, more: &[&str]) -> Output {
        verify(self.folder.path(), more)
    }
}

fn verify(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_geno-release"))
        .args([
            "release",
            "verify",
            "--now",
            "2026-01-02T03:04:05Z",
            "--release-dir",
        ])
        .arg(folder)
        .args(more)
        .output()
        .unwrap()
}

const ALLOWED: &[&str] = &["--allow-fixture"];

#[test]
fn a_release_of_made_up_data_is_locked_only_on_request() {
    let released = Released::new();
    let output = released.verify(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("release.class"), "{}", told(&output));
    assert!(!released.path("release.lock.json").exists());

    let output = released.verify(ALLOWED);
    assert!(output.status.success(), "{}", told(&output));
    let lock = fs::read_to_string(released.path("release.lock.json")).unwrap();
    for part in ["dataset", "model", "demo"] {
        for name in files(&released.path(part)) {
            assert!(
                lock.contains(&format!("\"path\": \"{part}/{name}\"")),
                "{part}/{name}"
            );
        }
    }
    assert!(lock.contains("made_up_data") && lock.contains("model.training.preflight"));
    assert!(!lock.contains(released.path("").to_str().unwrap()));
    // Another time gives another file of the same digest.
    let digest = |text: &str| text.split("lock_digest").nth(1).unwrap()[..80].to_owned();
    fs::remove_file(released.path("release.lock.json")).unwrap();
    assert!(released.verify(ALLOWED).status.success());
    let again = fs::read_to_string(released.path("release.lock.json")).unwrap();
    assert_eq!(digest(&again), digest(&lock));
}

#[test]
fn every_file_that_changes_is_named() {
    let released = Released::new();
    let all: Vec<String> = ["dataset", "model", "demo"]
        .iter()
        .flat_map(|part| {
            let names = files(&released.path(part)).into_iter();
            names.map(move |name| format!("{part}/{name}"))
        })
        .collect();
    let other = fs::read(released.path("demo/variants.vcf")).unwrap();
    for (i, name) in all.iter().enumerate() {
        let path = released.path(name);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        // Each file suffers one change, and neighbours different ones.
        let removed = match i % 5 {
            0 if !whole.is_empty() => {
                changed[whole.len() / 2] ^= 1;
                false
            }
            1 if !whole.is_empty() => {
                changed.pop();
                false
            }
            2 if whole != other => {
                changed = other.clone();
                false
            }
            3 => {
                fs::rename(&path, released.path(&format!("{name}.moved"))).unwrap();
                true
            }
            _ => true,
        };
        match removed {
            true => fs::remove_file(&path).unwrap_or_default(),
            false => fs::write(&path, &changed).unwrap(),
        }
        let output = released.verify(ALLOWED);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {told}");
        let is_named = told.contains(name) || name.ends_with("SHA256SUMS");
        assert!(is_named, "{name}: {told}");
        fs::remove_file(released.path(&format!("{name}.moved"))).unwrap_or_default();
        fs::write(&path, &whole).unwrap();
    }
    let output = released.verify(ALLOWED);
    assert!(
        output.status.success(),
        "all of it was put back: {}",
        told(&output)
    );
}

#[test]
fn what_binds_the_packages_is_compared() {
    let released = Released::new();
    // A report may not be made of what its row does not name.
    let path = released.path("demo/batch_receipt_report.json");
    let whole = fs::read_to_string(&path).unwrap();
    let card = fs::read(released.path("model/model_card.md")).unwrap();
    let named = format!(
        "\"inputs\": [\n    {{\n      \"path\": \"dataset/data_card.md\",\n      \"sha256\": \"{}\",\n      \"size_bytes\": {}\n    }},",
        geno_core::Digest::of(&card),
        card.len(),
    );
    assert!(whole.contains("\"inputs\": ["));
    fs::write(&path, whole.replacen("\"inputs\": [", &named, 1)).unwrap();
    sum_again(&released.path("demo"));
    let found = told(&released.verify(ALLOWED));
    assert!(found.contains("release.edge.undeclared"), "{found}");
    assert!(found.contains("release.edge.drift"), "{found}");
    fs::write(&path, &whole).unwrap();
    sum_again(&released.path("demo"));

    // The data set of another release.
    let path = released.path("dataset/dataset_manifest.json");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("GRCh37.20", "GRCh37.21")).unwrap();
    sum_again(&released.path("dataset"));
    let found = told(&released.verify(ALLOWED));
    assert!(found.contains("release.identity.drift"), "{found}");
    fs::write(&path, &whole).unwrap();

    fs::remove_dir_all(released.path("demo")).unwrap();
    let found = told(&released.verify(ALLOWED));
    assert!(found.contains("release.part.missing"), "{found}");
}

#[test]
fn the_graph_is_a_picture_of_the_table() {
    let output = Command::new(env!("CARGO_BIN_EXE_geno-release"))
        .args(["release", "graph"])
        .output()
        .unwrap();
    let dot = String::from_utf8(output.stdout).unwrap();
    assert!(
        dot.contains("\"model.manifest\" -> \"demo.scores\";"),
        "{dot}"
    );
}
