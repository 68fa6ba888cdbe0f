//! The package of a model, with what was measured of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use geno_provenance::Manifest;
use tempfile::TempDir;

use crate::{
    data::{Made, SPEC, files, told},
    efficiency::{fixtures, program, release},
};

const METADATA: &str = r#"{
  "schema_version": "1.1.0",
  "summary": "A model of tests.",
  "license": "Apache-2.0",
  "intended_use": "Tests.",
  "limitations": ["It is of no use."],
  "release_notes": ["The first."]
}"#;

/// A data set, an efficiency report, metrics and facts, to make packages of.
pub(crate) struct Measured {
    pub(crate) folder: TempDir,
    pub(crate) data: Made,
}

impl Measured {
    pub(crate) fn new() -> Self {
        let data = Made::new();
        data.spec(&SPEC.replace("made-up-r1", "GRCh37.20"));
        let output = data.snapshot(&[]);
        assert!(output.status.success(), "{}", told(&output));
        let folder = tempfile::tempdir().unwrap();
        let program = program(folder.path(), 0);
        let more = [
            "--program",
            program.to_str().unwrap(),
            "--hardware",
            "a machine",
        ];
        let output = release("measure", folder.path(), &more);
        assert!(output.status.success(), "{}", told(&output));
        let measured = Self { folder, data };
        fs::create_dir(measured.path("eval")).unwrap();
        let row = "{\"generated_by\": \"geno-lewm-score\"}\n";
        fs::write(measured.path("eval/scores.jsonl"), row).unwrap();
        fs::write(measured.path("eval/metrics.json"), measured.metrics()).unwrap();
        fs::write(measured.path("metadata.json"), METADATA).unwrap();
        measured
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A document of metrics of the demo's model.
    pub(crate) fn metrics(&self) -> String {
        let manifest = fs::read(fixtures().join("demo/model/manifest.json")).unwrap();
        let manifest = Manifest::parse(&manifest).unwrap();
        let efficiency = fs::read_to_string(self.path("report.json")).unwrap();
        let commit = efficiency.split("\"commit\": \"").nth(1).unwrap();
        format!(
            r#"{{
  "schema_version": "1.0.0",
  "generated_by": "geno-lewm-eval",
  "generated_at": "2026-01-02T03:04:05Z",
  "model_id": "{}",
  "model_release": "{}",
  "dataset_snapshot": "GRCh37.20",
  "commit": "{}",
  "hardware": "a machine",
  "metrics": [
    {{"name": "auroc", "value": 0.25, "split": "made-up", "unit": "probability",
      "higher_is_better": true, "n": 4}}
  ],
  "artifacts": {{"scores": "scores.jsonl"}},
  "limitations": ["Four labels."],
  "negative_findings": ["Scores point the other way."],
  "conclusions": ["auroc on made-up is 0.25."]
}}
"#,
            manifest.model_id(),
            manifest.release_id,
            &commit[..40],
        )
    }

    pub(crate) fn package(&self) -> Output {
        Command::new(env!("CARGO_BIN_EXE_geno-release"))
            .args([
                "model",
                "package",
                "--now",
                "2026-01-02T03:04:05Z",
                "--model-dir",
            ])
            .arg(fixtures().join("demo/model"))
            .arg("--metadata-json")
            .arg(self.path("metadata.json"))
            .arg("--eval-metrics")
            .arg(self.path("eval/metrics.json"))
            .arg("--training-run-dir")
            .arg(fixtures().join("training_run"))
            .arg("--efficiency-report")
            .arg(self.path("report.json"))
            .arg("--dataset-dir")
            .arg(self.data.package())
            .arg("--package-dir")
            .arg(self.path("model"))
            .output()
            .unwrap()
    }

    fn verify(&self) -> Output {
        verify(&self.path("model"))
    }
}

fn verify(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_geno-release"))
        .args(["model", "verify", "--package-dir"])
        .arg(folder)
        .output()
        .unwrap()
}

#[test]
fn a_package_holds_the_model_and_what_was_measured_of_it() {
    let measured = Measured::new();
    let output = measured.package();
    assert!(output.status.success(), "{}", told(&output));
    let names = files(&measured.path("model"));
    for name in [
        "SHA256SUMS",
        "calibration.parquet",
        "efficiency_report.json",
        "encoder/model.safetensors",
        "eval/eval_metrics.json",
        "eval/eval_report.md",
        "eval/scores.jsonl",
        "manifest.json",
        "model_card.md",
        "model_package.json",
        "training/training_run_manifest.json",
    ] {
        assert!(
            names.iter().any(|there| there == name),
            "{name} is not among {names:?}"
        );
    }
    let card = fs::read_to_string(measured.path("model/model_card.md")).unwrap();
    for line in [
        "- Scores point the other way.",
        "| made-up | auroc | 0.2500 |  |  |  | 4 |",
        "The encoder is part of this package.",
        "| Weights as the run left them | yes |",
        // The data are made up, and so is the program that was measured.
        "injected_runtime, made_up_data",
    ] {
        assert!(card.contains(line), "{line:?} is not in\n{card}");
    }
    for name in &names {
        let bytes = fs::read(measured.path("model").join(name)).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            !text.contains(measured.folder.path().to_str().unwrap()),
            "{name}"
        );
    }
    assert!(
        told(&measured.package()).contains("exists"),
        "nothing is replaced"
    );
}

#[test]
fn every_file_that_changes_is_named() {
    let measured = Measured::new();
    assert!(measured.package().status.success());
    let folder = measured.path("model");
    for name in files(&folder) {
        let path = folder.join(&name);
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for bytes in [Some(flipped), Some(whole[..whole.len() - 1].to_vec()), None] {
            match &bytes {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let output = measured.verify();
            let told = told(&output);
            assert_eq!(output.status.code(), Some(2), "{name}: {told}");
            assert!(
                told.contains(&name) || name == "SHA256SUMS",
                "{name}: {told}"
            );
            fs::write(&path, &whole).unwrap();
        }
    }
}

#[test]
fn what_is_changed_with_its_digest_is_found_too() {
    let measured = Measured::new();
    assert!(measured.package().status.success());
    let folder = measured.path("model");
    for (name, from, to, code) in [
        (
            "model_card.md",
            "other way",
            "right way",
            "model.card.stale",
        ),
        (
            "eval/eval_report.md",
            "other way",
            "right way",
            "model.eval_report.stale",
        ),
        (
            "eval/eval_metrics.json",
            "other way",
            "right way",
            "model.package.stale",
        ),
        (
            "eval/eval_metrics.json",
            "\"value\": 0.25",
            "\"value\": 0.75",
            "model.card.stale",
        ),
        (
            "eval/eval_metrics.json",
            "a machine",
            "b machine",
            "model.identity.drift",
        ),
        (
            "eval/eval_metrics.json",
            "scores.jsonl",
            "gone.jsonl",
            "model.eval.artifact_missing",
        ),
        (
            "efficiency_report.json",
            "\"weights_id\": \"sha256:3",
            "\"weights_id\": \"sha256:4",
            "model.identity.drift",
        ),
        (
            "efficiency_report.json",
            "injected_runtime",
            "skipped_check",
            "model.package.class",
        ),
        (
            "model_package.json",
            "Scores point the other way.",
            "All is well.",
            "model.package.unreadable",
        ),
        (
            "model_package.json",
            "no_clinical_use",
            "coverage_only",
            "model.package.unreadable",
        ),
        (
            "model_package.json",
            "It is of no use.",
            "TBD",
            "model.package.unreadable",
        ),
        (
            "model_package.json",
            "\"holds_encoder\": true",
            "\"holds_encoder\": false",
            "model.package.stale",
        ),
        (
            "manifest.json",
            "chr20-demo-r1",
            "chr20-demo-r2",
            "model.identity.drift",
        ),
        ("config.yaml", "2", "3", "model.artifact.drift"),
        (
            "eval/scores.jsonl",
            "geno-lewm-score",
            "geno-lewm-guess",
            "model.eval.rows",
        ),
        (
            "training/training_run_card.md",
            "skill 0.3958",
            "skill 0.9958",
            "model.package.underivable",
        ),
        (
            "model_package.json",
            "\"has_preflight\": false",
            "\"has_preflight\": true",
            "model.package.stale",
        ),
    ] {
        let path = folder.join(name);
        let whole = fs::read(&path).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        assert!(text.contains(from), "{from:?} is not in `{name}`");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let output = measured.verify();
        let told = told(&output);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{name}: {from} to {to}: {told}"
        );
        assert!(told.contains(code), "{name}: {from} to {to}: {told}");
        fs::write(&path, &whole).unwrap();
    }
    assert!(measured.verify().status.success(), "all of it was put back");
}

#[test]
fn measurements_of_something_else_are_refused_and_nothing_is_made() {
    for (from, to, expected) in [
        ("a machine", "another machine", "`hardware`"),
        ("GRCh37.20", "GRCh38.1", "`dataset_snapshot`"),
        ("chr20-demo-r1", "chr20-demo-r2", "`model_release`"),
        ("scores.jsonl", "gone.jsonl", "gone.jsonl"),
        (
            "[\"Scores point the other way.\"]",
            "[]",
            "negative_findings",
        ),
    ] {
        let measured = Measured::new();
        let metrics = measured.metrics();
        assert!(metrics.contains(from), "{from}");
        fs::write(
            measured.path("eval/metrics.json"),
            metrics.replacen(from, to, 1),
        )
        .unwrap();
        let output = measured.package();
        assert!(!output.status.success(), "{from} to {to}");
        assert!(
            told(&output).contains(expected),
            "{from}: {}",
            told(&output)
        );
        assert!(!measured.path("model").exists());
        let left = files(measured.folder.path());
        assert!(
            left.iter().all(|name| !name.starts_with(".geno")),
            "{left:?}"
        );
    }
}
