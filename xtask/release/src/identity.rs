//! Whether what was measured is of one model: the fields in which it disagrees.

use anyhow::{Context, Result};
use geno_eval::MetricsDocument;
use geno_provenance::{Label, Manifest, release::ReleaseIdentity};

/// The data snapshot that a manifest names.
pub(crate) fn snapshot(manifest: &Manifest) -> Result<&Label> {
    let snapshots = &manifest.training.data_snapshot;
    let snapshot = snapshots.get(&Label::new("snapshot")?);
    snapshot.context("the manifest names no data snapshot")
}

/// Fields in which metrics are not of a model.
pub(crate) fn of_metrics(
    manifest: &Manifest,
    metrics: &MetricsDocument,
) -> Result<Vec<&'static str>> {
    let metrics = &metrics.identity;
    Ok(named([
        ("model_id", metrics.model_id == Some(manifest.model_id())),
        (
            "model_release",
            metrics.model_release.as_ref() == Some(&manifest.release_id),
        ),
        (
            "dataset_snapshot",
            metrics.dataset_snapshot.as_ref() == Some(snapshot(manifest)?),
        ),
    ]))
}

/// Fields in which a report's identity is not that of a model.
pub(crate) fn of_report(
    manifest: &Manifest,
    identity: &ReleaseIdentity,
) -> Result<Vec<&'static str>> {
    let model_id = identity.model_id;
    Ok(named([
        ("weights_id", identity.weights_id == manifest.weights_id()),
        (
            "model_id",
            model_id.is_none_or(|id| id == manifest.model_id()),
        ),
        (
            "model_release",
            identity.model_release.to_string() == *manifest.release_id,
        ),
        (
            "dataset_snapshot",
            identity.dataset_snapshot == *snapshot(manifest)?,
        ),
    ]))
}

/// Fields in which metrics are not of the code and the machine of a report.
pub(crate) fn of_run(metrics: &MetricsDocument, identity: &ReleaseIdentity) -> Vec<&'static str> {
    let metrics = &metrics.identity;
    named([
        (
            "commit",
            metrics.commit.as_deref() == Some(identity.commit.as_str()),
        ),
        (
            "hardware",
            metrics.hardware.as_ref() == Some(&identity.hardware),
        ),
    ])
}

fn named<const N: usize>(fields: [(&'static str, bool); N]) -> Vec<&'static str> {
    let differing = fields.into_iter().filter(|(_, agrees)| !agrees);
    differing.map(|(field, _)| field).collect()
}
