//! The package of a training run, beside the one that the Python package makes.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    Timestamp,
    training_run::{
        PackageRunError, RUN_CARD, RUN_CHECKSUMS, RUN_MANIFEST, RUN_RECORD, RunPackage,
    },
};

fn golden(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/training");
    Path::new(folder).join(name)
}

/// The folder of a run with a package.
fn packaged() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(golden("five")).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    package(folder.path())
        .unwrap()
        .write(folder.path())
        .unwrap();
    folder
}

fn package(run_dir: &Path) -> Result<RunPackage, PackageRunError> {
    RunPackage::read(run_dir, Timestamp::from_unix_seconds(0).unwrap())
}

/// What an error says, with its causes.
fn message(error: &PackageRunError) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message += &format!(": {error}");
        cause = error.source();
    }
    message
}

fn edit(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_package_has_the_bytes_of_the_python_package_and_verifies() {
    let folder = packaged();
    for name in [RUN_MANIFEST, RUN_CARD, RUN_CHECKSUMS] {
        let found = fs::read_to_string(folder.path().join(name)).unwrap();
        let expected = fs::read_to_string(golden("package").join(name)).unwrap();
        assert_eq!(found, expected, "{name}");
    }
    let package = RunPackage::verify(folder.path(), false).unwrap();
    assert_eq!(package.artifacts().len(), 5);
}

#[test]
fn a_file_that_was_changed_is_found() {
    for (name, from, to) in [
        ("train.log", "step=1", "step=2"),
        ("config.resolved.yaml", "lr: 0.0003", "lr: 0.0004"),
        (RUN_CARD, "Completed", "Perfectly completed"),
        (RUN_CHECKSUMS, "train.log", "train.lag"),
        (RUN_MANIFEST, "exact training", "perfect training"),
        (RUN_MANIFEST, "\"size_bytes\": 425", "\"size_bytes\": 426"),
    ] {
        let folder = packaged();
        edit(folder.path().join(name), from, to);
        let error = RunPackage::verify(folder.path(), false).unwrap_err();
        assert_eq!(
            error.code(),
            ErrorCode::ProvenanceManifestHashMismatch,
            "{error}"
        );
    }
    let folder = packaged();
    fs::remove_file(folder.path().join("metrics.json")).unwrap();
    let error = RunPackage::verify(folder.path(), false).unwrap_err();
    assert!(matches!(error, PackageRunError::Read(_)));
}

#[test]
fn a_record_that_says_too_little_makes_no_package() {
    for (name, from, to, reason) in [
        (
            "metrics.json",
            "\"sample_count\": 5",
            "\"sample_count\": 0",
            "positive sample_count",
        ),
        (
            RUN_RECORD,
            "\"completed\"",
            "\"running\"",
            "`running` is neither",
        ),
        (RUN_RECORD, "Completed deter", "TBD deter", "`tbd` stands"),
        (
            RUN_RECORD,
            "\"train.log\"",
            "\"metrics.json\"",
            "is named twice",
        ),
        (
            RUN_RECORD,
            "\"train.log\"",
            "\"training_run_card.md\"",
            "is made of the record",
        ),
        (RUN_RECORD, "\"train.log\"", "\"none.log\"", "cannot read"),
    ] {
        let folder = packaged();
        edit(folder.path().join(name), from, to);
        let error = message(&package(folder.path()).unwrap_err());
        assert!(error.contains(reason), "{error}");
    }
    let empty = tempfile::tempdir().unwrap();
    let error = package(empty.path()).unwrap_err();
    assert!(matches!(error, PackageRunError::NoRecord(_)), "{error}");
    assert_eq!(error.code(), ErrorCode::InputGeneric);
}

#[test]
fn a_release_needs_a_preflight_of_the_run() {
    let error = message(&RunPackage::verify(packaged().path(), true).unwrap_err());
    assert!(error.contains("a release needs one"), "{error}");

    let folder = packaged();
    let with_report = "\"metrics\": \"metrics.json\",\n  \"training_preflight_report\": \
         \"training_preflight_report.json\",";
    let record = folder.path().join(RUN_RECORD);
    edit(record, "\"metrics\": \"metrics.json\",", with_report);
    let report = r#"{"schema_version": "1.0.0", "generated_by": "geno_lewm.training.preflight",
        "ok": true, "issues": [], "dataset_snapshot_id": "geno-lewm-fixture-snv-smoke-v1",
        "training_config": {"resolved": {}, "size_bytes": 1045, "sha256":
        "sha256:e8a8144a702672e0f8206e2c6c4715027b61d4365ee96fc751180c800a283bb2"}}"#;
    let path = folder.path().join("training_preflight_report.json");
    fs::write(&path, report).unwrap();
    package(folder.path())
        .unwrap()
        .write(folder.path())
        .unwrap();
    RunPackage::verify(folder.path(), true).unwrap();

    for (from, to, reason) in [
        ("true", "false", "`ok` is not true"),
        ("[]", r#"[{"severity": "error"}]"#, "found errors"),
        ("snv-smoke-v1", "other-v1", "other data"),
        ("1045", "1046", "another configuration"),
    ] {
        fs::write(&path, report.replace(from, to)).unwrap();
        let error = message(&package(folder.path()).unwrap_err());
        assert!(error.contains(reason), "{error}");
    }
}
