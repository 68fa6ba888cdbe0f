//! What a suite stands on, compared with its manifest before the first command.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use geno_eval::PreparedBenchmark;
use geno_provenance::{
    Artifact, GitSha,
    release::{EvidenceClass, ReleaseIdentity, Report},
};

use super::manifest::Manifest;
use crate::{
    dataset,
    efficiency::{Efficiency, measure::manifest as read_model},
    identity,
    run_args::Run,
};

/// What the measurements are of.
pub(super) struct Stand {
    pub(super) identity: ReleaseIdentity,
    pub(super) evidence_class: EvidenceClass,
}

/// Compares model, data, efficiency report, benchmarks and program with what the manifest states.
pub(super) fn check(root: &Path, manifest: &Manifest, run: &Run) -> Result<Stand> {
    if let Some(field) = manifest.placeholder() {
        anyhow::bail!("`identity.{field}` of the manifest is still to be filled in");
    }
    let stated = &manifest.identity;
    let model_dir = manifest.model_dir.under(root);
    let model = read_model(&model_dir)?;
    for (section, path, digest) in model.files() {
        let found = Artifact::of(&model_dir, path.clone())?.digest;
        ensure!(
            found == digest,
            "`{path}` is not the {section} of the model"
        );
    }
    let at = || format!("`{}`", manifest.efficiency_report);
    let bytes = std::fs::read(manifest.efficiency_report.under(root)).with_context(at)?;
    let efficiency = Report::<Efficiency>::parse(&bytes).with_context(at)?;
    let measured = efficiency.draft().identity.as_ref().with_context(at)?;
    let dataset = dataset::described(&manifest.dataset_dir.under(root))?;

    let model_id: Digest = stated.model_id.parse().context("`identity.model_id`")?;
    let commit: GitSha = stated.commit.parse().context("`identity.commit`")?;
    let tool = run.tool.git.as_ref().map(|git| &git.sha);
    let agree = |field: &str, whose: &str, agrees: bool| {
        ensure!(agrees, "`identity.{field}` is not that of {whose}");
        Ok(())
    };
    agree("model_id", "the model", model_id == model.model_id())?;
    agree(
        "model_release",
        "the model",
        stated.model_release == model.release_id,
    )?;
    let snapshot = &stated.dataset_snapshot;
    agree(
        "dataset_snapshot",
        "the model",
        snapshot == identity::snapshot(&model)?,
    )?;
    agree(
        "dataset_snapshot",
        "the data set",
        *snapshot == dataset.snapshot_id,
    )?;
    agree("commit", "the efficiency report", commit == measured.commit)?;
    agree("commit", "this program", tool == Some(&commit))?;
    agree(
        "hardware",
        "the efficiency report",
        stated.hardware == measured.hardware,
    )?;
    if let Some(field) = identity::of_report(&model, measured)?.first() {
        anyhow::bail!("{}: `{field}` is not the model's", at());
    }
    for entry in &manifest.benchmarks {
        let prepared = PreparedBenchmark::open(&entry.prepared.under(root))?;
        ensure!(
            prepared.benchmark == *entry.benchmark,
            "`{}` does not hold benchmark `{}` of the registry",
            entry.prepared,
            entry.benchmark.id
        );
    }
    let mut identity = measured.clone();
    identity.model_id = Some(model_id);
    Ok(Stand {
        identity,
        evidence_class: dataset
            .evidence_class
            .join(&efficiency.draft().evidence_class),
    })
}
