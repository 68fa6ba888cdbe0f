//! How fast the program scores: measured, reported, and checked from the samples.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::data::told;

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// A program that answers as `geno-lewm score` does, with the receipts of the parity fixtures.
pub(crate) fn program(folder: &Path, exit: i32) -> PathBuf {
    let receipts = fixtures().join("parity/receipts.jsonl");
    let script = format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --receipt ] && cp '{}' \"$2\"; shift; done\n\
         echo '{{\"data\": {{\"peak_memory_bytes\": 4096}}, \"event\": \"run.end\"}}' >&2\n\
         echo 'error[INPUT.EMPTY]: no genome' >&2\nexit {exit}\n",
        receipts.display()
    );
    let path = folder.join("program");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

pub(crate) fn release(task: &str, folder: &Path, more: &[&str]) -> Output {
    let model = fixtures().join("demo/model");
    let report = folder.join("report.json");
    let demo = |name: &str| fixtures().join("demo").join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
    command.args(["efficiency", task, "--model-dir"]).arg(model);
    match task {
        "measure" => command
            .args(["--samples", "3", "--warmup", "1", "--output-json"])
            .arg(report)
            .arg("--vcf")
            .arg(demo("variants.vcf"))
            .arg("--fasta")
            .arg(demo("GRCh37.20.fa.gz")),
        _ => command.arg("--input-json").arg(report),
    };
    command.args(more).output().unwrap()
}

#[test]
fn a_measurement_is_checked_from_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), 0);
    let output = release(
        "measure",
        folder.path(),
        &["--program", program.to_str().unwrap()],
    );
    assert!(output.status.success(), "{}", told(&output));
    let path = folder.path().join("report.json");
    let whole = fs::read_to_string(&path).unwrap();
    let receipts = fs::read_to_string(fixtures().join("parity/receipts.jsonl")).unwrap();
    assert!(
        whole.contains(&format!("\"variants\": {}", receipts.lines().count())),
        "{whole}"
    );
    assert!(whole.contains("\"peak_memory_bytes\": 4096"));
    assert!(
        whole.contains("injected_runtime"),
        "a program of unknown origin is no evidence"
    );
    // A variant is somebody's business, and so are folders.
    assert!(!whole.contains(folder.path().to_str().unwrap()));
    let output = release("check", folder.path(), &[]);
    assert!(output.status.success(), "{}", told(&output));

    for (from, to, code) in [
        (
            "\"variants\": ",
            "\"variants\": 1",
            "model.efficiency.unreadable",
        ),
        (
            "4096\n      ]",
            "8192\n      ]",
            "model.efficiency.unreadable",
        ),
        (
            "\"single_variant_latency_ms\": ",
            "\"single_variant_latency_ms\": 0",
            "model.efficiency.unreadable",
        ),
        (
            "timing_is_not_quality",
            "coverage_only",
            "model.efficiency.unreadable",
        ),
        (
            "One machine; others were not measured.",
            "TBD",
            "model.efficiency.unreadable",
        ),
        (
            "\"weights_id\": \"sha256:3",
            "\"weights_id\": \"sha256:4",
            "model.efficiency.identity",
        ),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let output = release("check", folder.path(), &[]);
        assert_eq!(output.status.code(), Some(2), "{from}: {}", told(&output));
        assert!(told(&output).contains(code), "{from}: {}", told(&output));
    }
}

#[test]
fn a_program_that_fails_leaves_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), 3);
    let output = release(
        "measure",
        folder.path(),
        &["--program", program.to_str().unwrap()],
    );
    assert!(!output.status.success());
    assert!(told(&output).contains("INPUT.EMPTY"), "{}", told(&output));
    assert!(!folder.path().join("report.json").exists());
}
