//! A report that a card quotes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use geno_core::Digest;
use geno_eval::{DocumentProducer, MetricsDocument};
use geno_provenance::{Json, Manifest};

use crate::public_path::public_path;

use super::{
    CardError, MetricFault, held_out,
    markdown::{is_local, number},
    metric::ReportedMetric,
};

/// A report that a card quotes: what an evaluation wrote, `metrics.json` of a run, a held-out report, or what
/// `calibrate` printed.
///
/// What says that an evaluation wrote it is read as every reader does, by [`MetricsDocument`]. Other documents
/// are read for what they have in common. Every list `metrics`, at any depth, holds metrics,
/// as does an object of that name with numbers; the report of pretraining stands under `held_out`;
/// `limitations`, `negative_findings` and `conclusions` are lists of sentences; texts, numbers and
/// yes-or-no of the outermost object are facts. Everything else is passed over.
#[derive(Clone, Debug)]
pub struct CardDocument {
    /// Its path below the working directory, or its name alone.
    pub name: String,
    /// Digest of its bytes.
    pub digest: Digest,
    /// Its metrics.
    pub metrics: Vec<ReportedMetric>,
    json: Json,
}

/// What a document is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Topic {
    Training,
    Calibration,
    Evaluation,
}

impl CardDocument {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`CardError`].
    pub fn read(path: &Path) -> Result<Self, CardError> {
        let bytes = fs::read(path).map_err(|source| CardError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&public_path(path), &bytes)
    }

    /// Reads the bytes of a document of this name.
    ///
    /// # Errors
    ///
    /// [`CardError`] for bytes that are no JSON object, and for a metric that cannot be.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, CardError> {
        let name = name.to_owned();
        let json = match Json::parse(bytes) {
            Ok(json) => json,
            Err(source) => return Err(CardError::Json { name, source }),
        };
        if !matches!(json, Json::Object(_)) {
            return Err(CardError::NotAnObject { name });
        }
        let producer = json.get("generated_by").and_then(Json::as_str);
        let metrics = match producer.and_then(DocumentProducer::of_name) {
            Some(_) => match MetricsDocument::parse(bytes) {
                Ok(document) => ReportedMetric::all_of(&document),
                Err(source) => return Err(CardError::Evaluation { name, source }),
            },
            None => {
                let mut metrics = Vec::new();
                if let Err((metric, source)) = collect(&json, &mut metrics) {
                    return Err(CardError::Metric {
                        name,
                        metric,
                        source,
                    });
                }
                join_differences(&mut metrics);
                metrics
            }
        };
        Ok(Self {
            name,
            digest: Digest::of(bytes),
            metrics,
            json,
        })
    }

    /// Refuses a document that says it is about another model.
    pub(super) fn check(&self, manifest: &Manifest) -> Result<(), CardError> {
        for (key, expected) in [
            ("weights_id", manifest.weights_id().to_string()),
            ("calibration_hash", manifest.calibration.hash.to_string()),
            ("model_release", manifest.release_id.to_string()),
        ] {
            match self.json.get(key).and_then(Json::as_str) {
                Some(found) if found != expected => {
                    return Err(CardError::OtherModel {
                        name: self.name.clone(),
                        key,
                        found: found.to_owned(),
                        expected,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn topic(&self) -> Topic {
        let has = |key| self.json.get(key).is_some();
        if has("calibration_hash") {
            Topic::Calibration
        } else if ["history", "steps", "steps_completed"].into_iter().any(has) {
            Topic::Training
        } else {
            Topic::Evaluation
        }
    }

    /// What it says in a word or a number, by key. Places on somebody's machine are left out.
    pub(super) fn facts(&self) -> BTreeMap<&str, String> {
        let Json::Object(fields) = &self.json else {
            return BTreeMap::new();
        };
        let fact = |value: &Json| match value {
            Json::String(text) if !is_local(text) => Some(text.clone()),
            Json::Bool(true) => Some("yes".to_owned()),
            Json::Bool(false) => Some("no".to_owned()),
            Json::Int(integer) => Some(integer.as_str().to_owned()),
            Json::Float(value) => Some(number(value.get())),
            _ => None,
        };
        let fields = fields.iter().filter(|(key, _)| *key != "schema_version");
        let facts = fields.filter_map(|(key, value)| Some((key.as_str(), fact(value)?)));
        facts.collect()
    }

    /// The sentences of a list.
    pub(super) fn sentences(&self, key: &str) -> impl Iterator<Item = &str> {
        let list = match self.json.get(key) {
            Some(Json::Array(list)) => list.as_slice(),
            _ => &[],
        };
        list.iter().filter_map(Json::as_str)
    }
}

/// Adds the metrics of a value and of all that is in it.
fn collect(json: &Json, metrics: &mut Vec<ReportedMetric>) -> Result<(), (String, MetricFault)> {
    let Json::Object(fields) = json else {
        return Ok(());
    };
    for (key, value) in fields {
        match (key.as_str(), value) {
            ("metrics", Json::Array(listed)) => {
                for (i, metric) in listed.iter().enumerate() {
                    let name = metric.get("name").and_then(Json::as_str);
                    let name = name.ok_or_else(|| (format!("#{i}"), MetricFault::NoName))?;
                    let read = ReportedMetric::of(name, metric);
                    metrics.push(read.map_err(|fault| (name.to_owned(), fault))?);
                }
            }
            ("metrics", Json::Object(named)) => {
                for (name, value) in named {
                    let metric = match value {
                        Json::Int(_) | Json::Float(_) => Json::object([("value", value.clone())]),
                        Json::Object(_) => value.clone(),
                        _ => continue,
                    };
                    let read = ReportedMetric::of(name, &metric);
                    metrics.push(read.map_err(|fault| (name.clone(), fault))?);
                }
            }
            ("held_out", report) if report.get("models").is_some() => {
                metrics.extend(held_out::metrics(report));
            }
            (_, inner) => collect(inner, metrics)?,
        }
    }
    Ok(())
}

/// Gives metrics the intervals of their differences: those of `X` beside the baseline `B` stand in a
/// metric `X_above_B` of the same split.
fn join_differences(metrics: &mut Vec<ReportedMetric>) {
    let key = |metric: &ReportedMetric| (metric.name.clone(), metric.split.clone());
    let intervals = metrics.iter().map(|metric| (key(metric), metric.interval));
    let intervals: BTreeMap<_, _> = intervals.collect();
    let mut joined = BTreeSet::new();
    for metric in metrics.iter_mut() {
        let Some(baseline) = &mut metric.baseline else {
            continue;
        };
        let name = format!("{}_above_{}", metric.name, baseline.name);
        let name = (name, metric.split.clone());
        if let Some(found) = intervals.get(&name) {
            baseline.difference = baseline.difference.or(*found);
            joined.insert(name);
        }
    }
    metrics.retain(|metric| !joined.contains(&key(metric)));
}
