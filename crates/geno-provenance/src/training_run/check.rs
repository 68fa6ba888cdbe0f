//! Whether the files of a run say what a finished run's do.

use std::{fs, path::Path};

use crate::{Artifact, Json, PublicPath, release::placeholder};
use geno_core::{Coded, ErrorCode};

use super::{ArtifactKind, ReadRunError, RunArtifact, RunPackage};

/// What is wrong with a run or its package.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunFault {
    /// The record or the manifest cannot be read.
    #[error(transparent)]
    Record(#[from] ReadRunError),
    /// A file that is made of the record cannot be named by it.
    #[error("`{0}` is made of the record that names it")]
    Generated(PublicPath),
    /// A file is named twice.
    #[error("`{0}` is named twice")]
    Twice(PublicPath),
    /// There is no file of a kind, or more than one of a kind of which there is one.
    #[error("{found} files of kind {} are named", kind.as_str())]
    Count {
        /// The kind.
        kind: ArtifactKind,
        /// How many there are.
        found: usize,
    },
    /// A word that stands for what is still to be written.
    #[error("`{0}` stands for something that is still to be written")]
    Placeholder(&'static str),
    /// The metrics say too little.
    #[error("metrics hold no {0}")]
    Metrics(&'static str),
    /// The report of the preflight does not carry the run.
    #[error("report of the preflight: {0}")]
    Preflight(&'static str),
    /// A file is not the one that the manifest names.
    #[error("`{0}` is not the file that the manifest names")]
    Changed(PublicPath),
    /// A file is not what follows from the manifest.
    #[error("`{0}` does not follow from the manifest")]
    Stale(&'static str),
}

impl Coded for RunFault {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Record(source) => source.code(),
            Self::Changed(_) | Self::Stale(_) => ErrorCode::ProvenanceManifestHashMismatch,
            _ => ErrorCode::InputGeneric,
        }
    }
}

/// Refuses texts that are still to be written.
pub(super) fn check_words(texts: &[&str]) -> Result<(), RunFault> {
    let found = texts.iter().find_map(|text| placeholder(text));
    found.map_or(Ok(()), |word| Err(RunFault::Placeholder(word)))
}

/// Looks into metrics and preflight.
pub(super) fn check_contents(run_dir: &Path, package: &RunPackage) -> Result<(), RunFault> {
    let metrics = only(package, ArtifactKind::Metrics)?;
    let document = read(run_dir, metrics).ok_or(RunFault::Metrics("JSON object"))?;
    check_metrics(&document)?;
    let has_preflight = package.metadata.preflight_report.is_some();
    if !has_preflight {
        return Ok(());
    }
    let report = only(package, ArtifactKind::TrainingPreflight)?;
    let report = read(run_dir, report).ok_or(RunFault::Preflight("no JSON object"))?;
    let config = &only(package, ArtifactKind::TrainingConfig)?.identity;
    let snapshot = package.metadata.dataset_snapshot_id.as_str();
    check_preflight(&report, config, snapshot)
}

fn only(package: &RunPackage, kind: ArtifactKind) -> Result<&RunArtifact, RunFault> {
    let mut files = package.artifacts.iter().filter(|file| file.kind == kind);
    match (files.next(), files.count()) {
        (Some(file), 0) => Ok(file),
        (first, more) => {
            let found = usize::from(first.is_some()) + more;
            Err(RunFault::Count { kind, found })
        }
    }
}

fn read(run_dir: &Path, file: &RunArtifact) -> Option<Json> {
    let bytes = fs::read(file.identity.path.under(run_dir)).ok()?;
    let document = Json::parse(&bytes).ok()?;
    matches!(document, Json::Object(_)).then_some(document)
}

fn check_metrics(document: &Json) -> Result<(), RunFault> {
    let count = document.get("sample_count").and_then(Json::as_u64);
    if count.is_none_or(|count| count == 0) {
        return Err(RunFault::Metrics("positive sample_count"));
    }
    let is_number = |value: &Json| matches!(value, Json::Int(_) | Json::Float(_));
    let is_metric = |value: &Json| is_number(value) || value.get("value").is_some_and(is_number);
    match document.get("metrics") {
        Some(Json::Object(metrics)) if metrics.values().any(is_metric) => Ok(()),
        _ => Err(RunFault::Metrics("number")),
    }
}

/// The preflight was of this run, and found nothing that keeps it from starting.
fn check_preflight(report: &Json, config: &Artifact, snapshot: &str) -> Result<(), RunFault> {
    let text = |key: &str| report.get(key).and_then(Json::as_str);
    let issues = match report.get("issues") {
        Some(Json::Array(issues)) => issues.as_slice(),
        _ => return Err(RunFault::Preflight("`issues` is no list")),
    };
    let is_error = |issue: &Json| issue.get("severity").and_then(Json::as_str) != Some("warning");
    let looked_at = report.get("training_config");
    let looked_at = |key: &str| looked_at.and_then(|config| config.get(key));
    let faults = [
        (
            text("schema_version") != Some("1.0.0"),
            "`schema_version` is not 1.0.0",
        ),
        (
            text("generated_by") != Some("geno_lewm.training.preflight"),
            "`generated_by` is another program",
        ),
        (report.get("ok") != Some(&true.into()), "`ok` is not true"),
        (issues.iter().any(is_error), "it found errors"),
        (
            text("dataset_snapshot_id") != Some(snapshot),
            "it looked at other data",
        ),
        (
            looked_at("sha256") != Some(&config.digest.into())
                || looked_at("size_bytes") != Some(&config.size.into()),
            "it looked at another configuration",
        ),
        (
            !matches!(looked_at("resolved"), Some(Json::Object(_))),
            "it holds no resolved configuration",
        ),
    ];
    match faults.into_iter().find(|(is_fault, _)| *is_fault) {
        Some((_, fault)) => Err(RunFault::Preflight(fault)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_wait_to_be_written_are_found_as_words() {
        let found = |text: &str| check_words(&["fine", text]).err();
        assert_eq!(found("Results: TBD."), Some(RunFault::Placeholder("tbd")));
        assert_eq!(found("coming  soon"), None);
        assert_eq!(
            found("Coming soon"),
            Some(RunFault::Placeholder("coming soon"))
        );
        assert_eq!(found("dummy_variable of a todolist"), None);
    }
}
