//! The Python package's numbers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use geno_eval::{ClassRule, Evaluation, JoinFiles, LabelRule, ScoreSource, Summary};
use serde_json::Value;

use super::files::{label, options, read, source};

fn parity(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/parity")
        .join(name)
}

fn golden(key: &str) -> Value {
    let text = fs::read(parity("eval_golden.json")).unwrap();
    let mut golden: Value = serde_json::from_slice(&text).unwrap();
    golden[key].take()
}

fn near(found: f64, expected: &Value, what: &str) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() < 1e-12,
        "{what}: {found}, not {expected}"
    );
}

#[test]
fn classes_are_evaluated_as_the_python_package_does() {
    let golden = golden("evaluate_binary");
    let rule = LabelRule::Class(ClassRule::default());
    let join = read(&JoinFiles {
        labels: &parity("eval_labels.jsonl"),
        rule: &rule,
        scores: &ScoreSource {
            producer: Some("geno-lewm-score"),
            ..source("scores", &parity("eval_scores.jsonl"), "sigma_calibrated")
        },
        baselines: &[],
        fasta: None,
        background: None,
    })
    .unwrap();
    let evaluation = Evaluation::of(&join, &rule, &options("eval_clinvar", 300)).unwrap();
    assert_eq!(
        evaluation.variants.to_string(),
        golden["evaluated_variant_keys_sha256"].as_str().unwrap()
    );
    assert_eq!(
        evaluation.coverage.evaluated,
        golden["evaluated_variants"].as_u64().unwrap()
    );
    let extra = evaluation.coverage.extra_scores[&label("scores")];
    assert_eq!(extra, golden["extra_score_variants"].as_u64().unwrap());
    let Summary::Classes {
        n_positive,
        n_negative,
        metrics,
        ..
    } = evaluation.summary
    else {
        panic!("labels are classes");
    };
    assert_eq!(n_positive, golden["positive_variants"].as_u64().unwrap());
    assert_eq!(n_negative, golden["negative_variants"].as_u64().unwrap());
    near(metrics.sensitivity, &golden["sensitivity"], "sensitivity");
    near(metrics.specificity, &golden["specificity"], "specificity");
    for name in [
        "auroc",
        "average_precision",
        "balanced_accuracy",
        "accuracy",
    ] {
        let mut rows = evaluation.metrics.iter();
        let row = rows.find(|row| row.name.as_str() == name).unwrap();
        near(row.value, &golden[name], name);
        let ends = &golden[format!("{name}_ci")];
        let [low, high] = row.interval.unwrap();
        near(low, &ends[0], name);
        near(high, &ends[1], name);
    }
}

#[test]
fn values_are_evaluated_as_the_python_package_does() {
    let golden = golden("evaluate_spearman");
    let rule = LabelRule::Value {
        field: "value".to_owned(),
    };
    let join = read(&JoinFiles {
        labels: &parity("eval_labels.jsonl"),
        rule: &rule,
        scores: &source("scores", &parity("eval_scores.jsonl"), "sigma_calibrated"),
        baselines: &[],
        fasta: None,
        background: None,
    })
    .unwrap();
    let evaluation = Evaluation::of(&join, &rule, &options("eval_continuous", 300)).unwrap();
    assert_eq!(
        evaluation.variants.to_string(),
        golden["evaluated_variant_keys_sha256"].as_str().unwrap()
    );
    let Summary::Values { rho, interval } = evaluation.summary else {
        panic!("labels are values");
    };
    near(rho, &golden["spearman_rho"], "rho");
    let [low, high] = interval.unwrap();
    near(low, &golden["spearman_rho_ci"][0], "low");
    near(high, &golden["spearman_rho_ci"][1], "high");
}
