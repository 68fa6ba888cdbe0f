//! Rows of states against what the Python package makes of them, and against sums by hand.

use std::{collections::BTreeMap, fs, path::PathBuf};

use geno_eval::{
    AddRowError, MetricsReport, ReadRowsError, ReportIdentity, RolloutMetrics, RolloutStates,
    StateRow, StateTriple, aggregate_rows,
};
use geno_provenance::{Json, Label, PublicPath, Timestamp};

fn fixture(name: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/parity/rollout");
    PathBuf::from(root).join(name)
}

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn row(id: &str, k: u32, [source, predicted, target]: [[f64; 2]; 3], ranks: [u64; 2]) -> StateRow {
    let states = StateTriple {
        source: source.into(),
        predicted: predicted.into(),
        target: target.into(),
    };
    let rollout = RolloutStates::new(label(id), label("s"), k.try_into().unwrap(), states);
    StateRow::new(rollout.unwrap(), ranks[0], ranks[1])
}

/// The document of the package's rows, and what the package made of them.
fn documents() -> (Json, Json) {
    let published = Json::parse(&fs::read(fixture("metrics.json")).unwrap()).unwrap();
    let text = |key: &str| published.get(key).and_then(Json::as_str).unwrap();
    let mut metrics = RolloutMetrics::new(10);
    aggregate_rows(&fixture("states.jsonl"), &mut metrics).unwrap();
    let identity = ReportIdentity {
        model_id: Some(text("model_id").parse().unwrap()),
        model_release: Some(label(text("model_release"))),
        dataset_snapshot: Some(label(text("dataset_snapshot"))),
        commit: Some(label(text("commit"))),
        hardware: Some(label(text("hardware"))),
    };
    let Some(Json::Object(artifacts)) = published.get("artifacts") else {
        panic!("no artifacts");
    };
    let artifact = |(key, path): (&String, &Json)| {
        let path = PublicPath::new(path.as_str().unwrap()).unwrap();
        (label(key), path)
    };
    let artifacts: BTreeMap<_, _> = artifacts.iter().map(artifact).collect();
    let generated_at: Timestamp = text("generated_at").parse().unwrap();
    let report = MetricsReport {
        generated_at,
        identity: &identity,
        artifacts: &artifacts,
        splits: &metrics.finish(),
        recall_k: 10,
        n_candidates: None,
    };
    let ours = Json::parse(report.to_json().as_bytes()).unwrap();
    (ours, published)
}

fn array<'a>(document: &'a Json, key: &str) -> &'a [Json] {
    match document.get(key) {
        Some(Json::Array(items)) => items,
        other => panic!("`{key}` is {other:?}"),
    }
}

fn without(object: &Json, left_out: &[&str]) -> Json {
    let Json::Object(fields) = object else {
        panic!("no object");
    };
    let fields = fields
        .iter()
        .filter(|(key, _)| !left_out.contains(&key.as_str()));
    Json::object(fields.map(|(key, value)| (key.clone(), value.clone())))
}

// Both add doubles up in the order of the rows, so nothing is left to rounding.
#[test]
fn every_number_of_the_published_report_is_met_to_the_bit() {
    let (ours, published) = documents();
    let of_package = |metric: &&Json| metric.get("name").unwrap().as_str() != Some("skill");
    let metrics = array(&ours, "metrics").iter().filter(of_package);
    let metrics: Vec<_> = metrics.map(|metric| without(metric, &["notes"])).collect();
    let expected = array(&published, "metrics").iter();
    let expected: Vec<_> = expected.map(|metric| without(metric, &["notes"])).collect();
    assert_eq!(metrics, expected);

    let strata = array(&ours, "rollout_stratification").iter();
    let strata: Vec<_> = strata.map(|stratum| without(stratum, &["skill"])).collect();
    assert_eq!(strata, array(&published, "rollout_stratification"));

    let words = [
        "metrics",
        "rollout_stratification",
        "limitations",
        "negative_findings",
        "conclusions",
    ];
    assert_eq!(without(&ours, &words), without(&published, &words));
}

// What the package's reader of reports asks of conclusions.
#[test]
fn conclusions_name_every_metric_with_its_value() {
    let (ours, published) = documents();
    let conclusions = array(&ours, "conclusions");
    assert_eq!(conclusions.len(), array(&ours, "metrics").len());
    for text in array(&published, "conclusions") {
        let words = text.as_str().unwrap().split_whitespace();
        let numbers: Vec<_> = words.filter(|word| word.parse::<f64>().is_ok()).collect();
        let says_it = |conclusion: &&Json| {
            let conclusion = conclusion.as_str().unwrap();
            numbers.iter().all(|number| conclusion.contains(number))
        };
        assert_eq!(numbers.len(), 2);
        assert!(conclusions.iter().any(|text| says_it(&text)), "{numbers:?}");
    }
}

#[test]
fn metrics_are_sums_over_rows() {
    let mut metrics = RolloutMetrics::new(2);
    let rows = [
        row("b", 1, [[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]], [1, 3]),
        row("a", 3, [[3.0, 4.0], [3.0, 4.0], [0.0, 4.0]], [3, 2]),
    ];
    for row in &rows {
        metrics.add(row).unwrap();
    }
    let summary = metrics.finish().remove(0);
    let all = summary.all;
    assert_eq!((all.n, all.recall, all.baseline_recall), (2, 0.5, 0.5));
    // Cosines 1 and 4/5; from the source 0 and 4/5. Distances 1 and 3; from the source √5 and 3.
    assert_eq!((all.cosine, all.baseline_cosine), (0.9, 0.4));
    assert_eq!((all.l2, all.baseline_l2), (2.0, (5f64.sqrt() + 3.0) / 2.0));
    // Squared: 1 + 9 of 5 + 9.
    assert_eq!(all.skill, Some(1.0 - 10.0 / 14.0));
    let skills: Vec<_> = summary
        .by_edits
        .values()
        .map(|scores| scores.skill)
        .collect();
    assert_eq!(skills, [Some(0.8), Some(0.0)]);
    assert_eq!(all.row_identity, geno_core::Digest::of(b"s\n*\na\nb"));
    let of_three = &summary.by_edits[&3.try_into().unwrap()];
    assert_eq!(of_three.row_identity, geno_core::Digest::of(b"s\n3\na"));
}

#[test]
fn targets_that_equal_their_sources_have_no_skill() {
    let mut metrics = RolloutMetrics::new(1);
    let row = row("a", 1, [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [1, 1]);
    metrics.add(&row).unwrap();
    assert_eq!(metrics.finish()[0].all.skill, None);
}

#[test]
fn a_file_at_fault_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    let line = |id: &str| row(id, 1, [[1.0, 0.0]; 3], [1, 1]).to_json();
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        aggregate_rows(&path, &mut RolloutMetrics::new(1)).unwrap_err()
    };
    let twice = read(&format!("{}\n\n{}\n{}", line("a"), line("b"), line("a")));
    let source = AddRowError::Duplicate;
    assert!(matches!(twice, ReadRowsError::Add { line: 4, source: found, .. } if found == source));
    let other = line("b").replace("[1.0, 0.0]", "[1.0]");
    let wider = read(&format!("{}\n{other}\n", line("a")));
    let source = AddRowError::Width {
        found: 1,
        expected: 2,
    };
    assert!(matches!(wider, ReadRowsError::Add { line: 2, source: found, .. } if found == source));
    let cut = read(&line("a")[..40]);
    assert!(matches!(cut, ReadRowsError::Row { line: 1, .. }));
    assert!(matches!(read("\n \n"), ReadRowsError::Empty { .. }));
    let none = aggregate_rows(&folder.path().join("none"), &mut RolloutMetrics::new(1));
    assert!(matches!(none, Err(ReadRowsError::Io { .. })));
}
