//! What was measured of the model.

use geno_eval::{EvaluationReport, MetricRow, MetricsDocument};
use geno_provenance::Json;

use super::{model::Said, release::Release};

const METRICS: &str = "model/eval_metrics.json";
/// Files that metrics always stand on.
const REQUIRED: [&str; 5] = [
    "checkpoint",
    "config",
    "dataset_manifest",
    "eval_config",
    "efficiency_report",
];
/// How far a difference may be from what it is of, of either.
const TOLERANCE: f64 = 1e-9;

/// Checks the metrics, the report that follows from them, and the files that they stand on.
pub(super) fn check(release: &mut Release, report: &str) -> Option<MetricsDocument> {
    let bytes = release.bytes(METRICS)?;
    let document = match MetricsDocument::parse(&bytes) {
        Ok(document) => document,
        Err(error) => {
            let error = anyhow::Error::from(error);
            release.error("metrics.unreadable", METRICS, format!("{error:#}"));
            return None;
        }
    };
    if let Ok(words) = Json::parse(&bytes) {
        release.check_words(&words, METRICS);
    }
    let identity = &document.identity;
    let named = [
        identity.model_id.is_some(),
        identity.model_release.is_some(),
        identity.dataset_snapshot.is_some(),
        identity.commit.is_some(),
        identity.hardware.is_some(),
    ];
    let message = "does not say what was measured on what";
    release.expect(
        !named.contains(&false),
        "metrics.identity",
        METRICS,
        message,
    );
    release.check_text(
        report,
        "report.stale",
        &EvaluationReport(&document).to_string(),
    );
    check_artifacts(release, &document);
    for row in &document.metrics {
        note_numbers(release, row);
    }
    Some(document)
}

/// What the metrics say that they are of.
pub(super) fn identity(document: &MetricsDocument) -> Said {
    let identity = &document.identity;
    let named = |label: &Option<geno_provenance::Label>| label.as_ref().map(ToString::to_string);
    Said {
        release: named(&identity.model_release),
        model_id: identity.model_id.map(|id| id.to_string()),
        snapshot: named(&identity.dataset_snapshot),
        commit: named(&identity.commit),
    }
}

/// The files of the model's folder that the metrics stand on, by their paths there.
pub(super) fn model_files(document: &MetricsDocument) -> impl Iterator<Item = String> {
    let public = document
        .artifacts
        .values()
        .map(|path| public(path.as_str()));
    public.filter_map(|path| path.strip_prefix("model/").map(str::to_owned))
}

/// The configuration of the evaluation, by its path in the model's folder.
pub(super) fn config(document: &MetricsDocument) -> Option<String> {
    let mut artifacts = document.artifacts.iter();
    let (_, path) = artifacts.find(|(key, _)| key.as_str() == "eval_config")?;
    public(path.as_str())
        .strip_prefix("model/")
        .map(str::to_owned)
}

/// The public name of a file that metrics name.
fn public(path: &str) -> String {
    match path.split_once('/') {
        Some(("model" | "dataset", _)) => path.to_owned(),
        _ => format!("model/{path}"),
    }
}

fn check_artifacts(release: &mut Release, document: &MetricsDocument) {
    for key in REQUIRED {
        let is_named = document.artifacts.keys().any(|name| name.as_str() == key);
        release.expect(
            is_named,
            "metrics.artifact",
            METRICS,
            format!("names no `{key}`"),
        );
    }
    let is = |key: &str, kind: &str| {
        key == kind
            || key
                .strip_suffix(kind)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    for (key, path) in &document.artifacts {
        let path = public(path.as_str());
        if release.observe(&path).is_none() {
            continue;
        }
        if is(key, "scores") {
            release.check_producer(&path, "geno-lewm-score");
        } else if is(key, "baseline_scores") {
            release.check_producer(&path, "geno-lewm-carbon-baseline");
        }
    }
    let has_baseline = document.metrics.iter().any(|row| row.baseline.is_some());
    let is_baseline = |key: &str| is(key, "baseline_scores") || is(key, "baseline_rollout_states");
    let is_named = document.artifacts.keys().any(|key| is_baseline(key));
    let message = "compares with a baseline and names no file of it";
    release.expect(
        !has_baseline || is_named,
        "metrics.artifact",
        METRICS,
        message,
    );
    note_config(release, document);
}

/// The configuration of an evaluation is written, and nothing obeys it.
fn note_config(release: &mut Release, document: &MetricsDocument) {
    let mut artifacts = document.artifacts.iter();
    let training = artifacts.find(|(key, _)| key.as_str() == "config");
    let paths = [config(document), training.map(|(_, path)| path.to_string())];
    let [Some(evaluation), Some(training)] = paths else {
        return;
    };
    let evaluation = format!("model/{evaluation}");
    let texts = [evaluation.clone(), public(&training)].map(|path| release.text(&path));
    let [Some(measured), Some(trained)] = texts else {
        return;
    };
    for key in ["model_id", "d_state"] {
        let said = |config: &str| {
            let mut lines = config
                .lines()
                .filter_map(|line| line.trim().split_once(": "));
            lines
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim().to_owned())
        };
        if said(&measured) != said(&trained) {
            let message = format!("says another `{key}` than the configuration of the training");
            release.note("eval_config", &evaluation, message);
        }
    }
}

/// Nothing compares differences and intervals with the values that they are of.
fn note_numbers(release: &mut Release, row: &MetricRow) {
    let name = format!("{} on {}", row.name, row.split);
    if let Some(baseline) = &row.baseline {
        let difference = row.value - baseline.value;
        let limit = TOLERANCE * row.value.abs().max(baseline.value.abs()).max(1.0);
        // Differences are improvements in some files of the package, and differences in others.
        let holds = [difference, -difference]
            .iter()
            .any(|d| (d - baseline.delta).abs() <= limit);
        if !holds {
            let message =
                format!("{name}: the difference to the baseline is not that of their values");
            release.note("delta_not_checked", METRICS, message);
        }
    }
    if let Some([low, high]) = row.interval
        && !(low..=high).contains(&row.value)
    {
        let message = format!("{name}: the interval does not hold the value");
        release.note("interval_not_checked", METRICS, message);
    }
}
