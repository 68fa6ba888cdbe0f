//! Documents, put together and checked for what is missing.

use std::collections::BTreeMap;

use geno_core::Digest;
use geno_eval::{
    BaselineValue, ClassRule, Evaluation, EvaluationReport, Gate, LabelRule, Lack, MergeError,
    MetricRow, MetricsDocument, NamedDocument, ReportIdentity,
};
use geno_provenance::{PublicPath, Timestamp};

use super::files::{Files, compared, label, options};

fn document(split: &str) -> MetricsDocument {
    let rule = LabelRule::Class(ClassRule::default());
    let join = compared(&Files::new());
    let evaluation = Evaluation::of(&join, &rule, &options(split, 20)).unwrap();
    let identity = ReportIdentity {
        model_id: Some(Digest::of(b"model")),
        model_release: Some(label("m-1")),
        dataset_snapshot: Some(label("d-1")),
        commit: Some(label("0123abc")),
        hardware: Some(label("a machine")),
    };
    let keys = [
        "checkpoint",
        "config",
        "dataset_manifest",
        "eval_config",
        "efficiency_report",
        "scores",
    ];
    let artifacts = keys.map(|key| (label(key), PublicPath::new(key).unwrap()));
    let now = Timestamp::from_unix_seconds(1_767_225_600).unwrap();
    evaluation.document(now, identity, artifacts.into())
}

fn named(name: &str, document: MetricsDocument) -> NamedDocument {
    let path = PublicPath::new(name).unwrap();
    NamedDocument { path, document }
}

#[test]
fn a_document_reads_what_it_wrote() {
    let files = Files::new();
    let rule = LabelRule::Class(ClassRule::default());
    let evaluation = Evaluation::of(&compared(&files), &rule, &options("made_up", 50)).unwrap();
    let now = Timestamp::from_unix_seconds(1_767_225_600).unwrap();
    let document = evaluation.document(now, ReportIdentity::default(), BTreeMap::new());
    let text = document.to_json();
    let read = MetricsDocument::parse(text.as_bytes()).unwrap();
    assert_eq!(read, document);
    // As readers of the Python package ask for it, each metric is concluded about.
    let said = document
        .conclusions
        .iter()
        .map(|text| text.as_str())
        .collect::<String>();
    for row in &document.metrics {
        assert!(said.contains(row.name.as_str()), "{}", row.name);
    }
    for (from, to) in [
        ("\"ci_low\"", "\"ci_lows\""),
        ("\"verdict\": \"improved\"", "\"verdict\": \"worse\""),
        ("\"n\": 60", "\"n\": 0"),
        ("\"limitations\"", "\"limitation\""),
        ("\"geno-lewm-eval\"", "\"me\""),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert!(MetricsDocument::parse(changed.as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn documents_are_put_together_once() {
    let (a, b) = (document("a"), document("b"));
    let inputs = vec![named("a.json", a.clone()), named("b.json", b)];
    let merged = MetricsDocument::merge(inputs).unwrap();
    assert_eq!(merged.metrics.len(), 12);
    assert_eq!(merged.coverage.len(), 2);
    let keys: Vec<&str> = merged.artifacts.keys().map(|key| key.as_str()).collect();
    for key in [
        "checkpoint",
        "metrics_input_2",
        "input_1.scores",
        "input_2.eval_config",
    ] {
        assert!(keys.contains(&key), "{key}: {keys:?}");
    }
    let said = |text| {
        merged
            .negative_findings
            .iter()
            .filter(|said| said.contains(text))
            .count()
    };
    assert_eq!(said("clinical use"), 1);
    assert_eq!(
        MetricsDocument::parse(merged.to_json().as_bytes()).unwrap(),
        merged
    );
    let report = EvaluationReport(&merged).to_string();
    for row in &merged.metrics {
        let cells = format!("| {} | {} |", row.name, row.split);
        assert_eq!(
            report.matches(&cells).count(),
            if row.baseline.is_some() { 2 } else { 1 }
        );
    }

    let with = |change: fn(&mut MetricsDocument)| {
        let mut changed = document("b");
        change(&mut changed);
        let inputs = vec![named("a.json", a.clone()), named("b.json", changed)];
        MetricsDocument::merge(inputs).unwrap_err()
    };
    let other = with(|document| document.identity.commit = None);
    assert!(matches!(
        other,
        MergeError::OtherIdentity {
            field: "commit",
            ..
        }
    ));
    let other = with(|document| {
        document.artifacts.remove(&label("config"));
    });
    assert!(matches!(
        other,
        MergeError::OtherArtifact { key: "config", .. }
    ));
    let other = with(|document| document.limitations.push(label("Coming soon: more.")));
    assert!(matches!(
        other,
        MergeError::Placeholder {
            word: "coming soon",
            ..
        }
    ));
    let twice = vec![named("a.json", a.clone()), named("b.json", a)];
    let error = MetricsDocument::merge(twice).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`auroc` on `a` is in `b.json` and in one before it"
    );
}

/// A document with all that the gate of variant effects asks for.
fn complete() -> MetricsDocument {
    let mut complete = document("a");
    let row = complete.metrics[0].clone();
    let classes = [
        "auroc",
        "average_precision",
        "balanced_accuracy",
        "accuracy",
    ];
    let all = ["clinvar_coding", "clinvar_noncoding"]
        .iter()
        .flat_map(|split| classes.map(|name| (*split, name)));
    let ranks = ["brca2", "traitgym_mendelian"].map(|split| (split, "spearman_rho"));
    complete.metrics = all
        .chain(ranks)
        .map(|(split, name)| MetricRow {
            name: label(name),
            split: label(split),
            baseline: Some(BaselineValue {
                name: label("carbon_zero_shot"),
                value: 0.0,
                delta: row.value,
            }),
            ..row.clone()
        })
        .collect();
    complete
}

#[test]
fn a_gate_lists_all_that_is_missing() {
    Gate::V02Vep.check(&complete()).unwrap();
    let mut lacking = complete();
    lacking.identity.hardware = None;
    lacking.artifacts.remove(&label("checkpoint"));
    lacking.metrics[0].interval = None;
    lacking.metrics[1].baseline.as_mut().unwrap().name = label("cadd");
    lacking.metrics.pop();
    let (split, metric) = ("clinvar_coding", "auroc");
    let expected = [
        Lack::Identity("hardware"),
        Lack::Artifact("checkpoint"),
        Lack::Interval { split, metric },
        Lack::Baseline {
            split,
            metric: "average_precision",
            baseline: "carbon_zero_shot",
        },
        Lack::Metric {
            split: "traitgym_mendelian",
            metric: "spearman_rho",
        },
    ];
    assert_eq!(Gate::V02Vep.check(&lacking).unwrap_err().lacks, expected);
    // A name may carry its split.
    let mut prefixed = complete();
    prefixed.metrics[0].name = label("clinvar_coding_auroc");
    Gate::V02Vep.check(&prefixed).unwrap();
    assert_eq!(
        Gate::V02Rollout.check(&complete()).unwrap_err().lacks.len(),
        6
    );
}
