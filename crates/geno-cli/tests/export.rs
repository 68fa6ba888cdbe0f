//! From weights to a finished model and verified scores, through the program.

#[path = "support/program.rs"]
mod program;

use geno_tests::fixture;

use crate::program::succeed;

#[test]
fn an_exported_model_is_calibrated_and_its_scores_verify() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = |name: &str| fixture(name).to_str().unwrap().to_owned();
    let [checkpoint, encoder, config, report] = [
        "demo/model",
        "demo/model/encoder",
        "demo/model/config.yaml",
        "demo/model/eval_report.md",
    ]
    .map(path);
    let [background, variants, fasta] = [
        "demo/background.vcf.gz",
        "demo/variants.vcf",
        "demo/GRCh37.20.fa.gz",
    ]
    .map(path);

    let mut export = vec!["export", &checkpoint, "--training-config", &config];
    export.extend(["--encoder-dir", &encoder, "--output", "model"]);
    export.extend(["--model-name", "mine", "--model-version", "0.1.0"]);
    export.extend(["--release-id", "mine-r1", "--dataset-snapshot", "none"]);
    export.extend(["--eval-report", &report, "--allow-missing-evidence"]);
    let exported = succeed(folder, &export);
    assert!(
        exported.contains(r#""placeholder_evidence": ["calibration"]"#),
        "{exported}"
    );

    // The variants that are scored afterwards are the labels: the background has none of them.
    let mut calibrate = vec!["calibrate", "--model-dir", "model", "--vcf", &background];
    calibrate.extend(["--fasta", &fasta, "--disjoint-from", &variants]);
    calibrate.extend(["--strict", "--into-model"]);
    let calibrated = succeed(folder, &calibrate);
    assert!(calibrated.contains(r#""examples": 1883"#), "{calibrated}");
    assert!(
        calibrated.contains(r#""shared": 0, "variants": 120"#),
        "{calibrated}"
    );

    let mut score = vec!["score", "--model-dir", "model", "--vcf", &variants];
    score.extend(["--fasta", &fasta, "--output", "scores.jsonl"]);
    score.extend(["--receipt", "receipts.jsonl"]);
    succeed(folder, &score);
    let verified = succeed(
        folder,
        &["verify", "receipts.jsonl", "--model-dir", "model"],
    );
    assert!(verified.contains("receipts  ok  120"), "{verified}");
}
