//! What follows from metrics.

use geno_eval::{
    ClassRule, EvaluateError, Evaluation, EvaluationOptions, LabelRule, MetricKind, Verdict,
};

use super::files::{Files, compared, options};

#[test]
fn verdicts_and_findings_follow_from_intervals() {
    let files = Files::new();
    let join = compared(&files);
    let rule = LabelRule::Class(ClassRule::default());
    let evaluation = Evaluation::of(&join, &rule, &options("made_up", 200)).unwrap();
    let names: Vec<&str> = evaluation
        .metrics
        .iter()
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "auroc",
            "average_precision",
            "balanced_accuracy",
            "accuracy",
            "average_precision_by_chromosome",
            "auroc_within_consequence"
        ]
    );
    let primary: Vec<_> = evaluation
        .comparisons
        .iter()
        .filter(|one| one.is_primary)
        .collect();
    let [primary] = primary[..] else {
        panic!("{primary:?}");
    };
    assert_eq!(primary.verdict(), Some(Verdict::Improved));
    assert!(primary.p_value.unwrap() < 0.01);
    // The baseline has no threshold, so what needs one is not compared to it.
    let accuracy = &evaluation.metrics[3];
    assert_eq!(
        (accuracy.name.as_str(), &accuracy.baseline),
        ("accuracy", &None)
    );
    let strata: Vec<(&str, &str)> = evaluation
        .strata
        .iter()
        .map(|row| (row.kind.as_str(), row.class.as_str()))
        .collect();
    assert!(
        strata.contains(&("consequence", "missense_variant")),
        "{strata:?}"
    );
    assert!(strata.contains(&("edit_type", "INS")), "{strata:?}");
    let n: u64 = evaluation
        .strata
        .iter()
        .filter(|row| row.kind.as_str() == "consequence")
        .map(|row| row.n)
        .sum();
    assert_eq!(n, 60);

    // The other way round the same interval speaks against the scores.
    let mut turned = join.clone();
    turned.columns.reverse();
    let turned = Evaluation::of(&turned, &rule, &options("made_up", 200)).unwrap();
    let other = turned
        .comparisons
        .iter()
        .find(|one| one.is_primary)
        .unwrap();
    assert_eq!(other.verdict(), Some(Verdict::Worse));
    let [low, high] = primary.interval.unwrap();
    let [other_low, other_high] = other.interval.unwrap();
    assert!((low + other_high).abs() < 1e-12 && (high + other_low).abs() < 1e-12);
    let found = turned
        .negative_findings
        .iter()
        .any(|text| text.contains("is worse than that of"));
    assert!(found, "{:?}", turned.negative_findings);
    let chance = turned
        .negative_findings
        .iter()
        .any(|text| text.contains("does not exclude"));
    assert!(chance, "{:?}", turned.negative_findings);
}

#[test]
fn a_primary_metric_is_there_or_an_error() {
    let files = Files::new();
    let join = compared(&files);
    let rule = LabelRule::Class(ClassRule::default());
    let with = |primary| EvaluationOptions {
        primary: Some(primary),
        ..options("made_up", 50)
    };
    let evaluation =
        Evaluation::of(&join, &rule, &with(MetricKind::PrecisionByChromosome)).unwrap();
    let primary = evaluation
        .comparisons
        .iter()
        .find(|one| one.is_primary)
        .unwrap();
    assert_eq!(primary.metric.as_str(), "average_precision_by_chromosome");
    let error = Evaluation::of(&join, &rule, &with(MetricKind::SpearmanRho)).unwrap_err();
    let metric = MetricKind::SpearmanRho;
    assert_eq!(error, EvaluateError::NoPrimary { metric });
}
