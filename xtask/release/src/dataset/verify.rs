//! Checking the package of a data set by making it again.

use std::path::Path;

use anyhow::Result;
use geno_provenance::release::{Report, ReportBody, Workspace};

use super::{
    CARD, GENERATED, INPUT_CHECK, INTEGRITY, MANIFEST, card, input_check::InputCheck,
    integrity::Integrity, manifest::Manifest, package,
};
use crate::{
    Verdict,
    folder::{check_listed, check_sums, check_text},
    issues::Issues,
};

/// Checks a package and tells what is wrong.
pub(crate) fn run(folder: &Path, as_json: bool) -> Result<Verdict> {
    let mut issues = Issues::default();
    check(folder, &mut issues)?;
    Ok(issues.tell(format!("`{}`", folder.display()), as_json))
}

/// Finds everything that is wrong with a package.
pub(crate) fn check(folder: &Path, issues: &mut Issues) -> Result<()> {
    check_sums(folder, "dataset", issues)?;
    let manifest = match package::read_manifest(folder) {
        Ok(manifest) => manifest,
        Err(error) => {
            issues.error(
                "dataset.manifest.unreadable",
                MANIFEST,
                format!("{error:#}"),
            );
            return Ok(());
        }
    };
    let workspace = Workspace::new([("dataset", folder)])?;
    check_listed(
        folder,
        "dataset",
        &manifest.draft().outputs,
        &GENERATED,
        issues,
    )?;
    let code = "dataset.input_check.unreadable";
    if let Some(inputs) = issues.read(folder, INPUT_CHECK, code) {
        check_class(&manifest, &inputs, INPUT_CHECK, issues);
        check_inputs(&inputs, &manifest, issues);
    }
    let code = "dataset.integrity.unreadable";
    if let Some(integrity) = issues.read(folder, INTEGRITY, code) {
        check_class(&manifest, &integrity, INTEGRITY, issues);
        check_integrity(folder, &workspace, &manifest, &integrity, issues);
        let rendered = card::render(&manifest, &integrity);
        check_text(folder, CARD, &rendered, "dataset.card.stale", issues);
    }
    Ok(())
}

/// Nothing of a data set is less of an evidence than its manifest says.
fn check_class<B: ReportBody>(
    manifest: &Report<Manifest>,
    report: &Report<B>,
    name: &str,
    issues: &mut Issues,
) {
    let class = &manifest.draft().evidence_class;
    if class.join(&report.draft().evidence_class) != *class {
        let message = "is no evidence, and the manifest does not say so";
        issues.error("dataset.class", name, message);
    }
}

/// The inputs that were checked are those that the data set was made of.
fn check_inputs(inputs: &Report<InputCheck>, manifest: &Report<Manifest>, issues: &mut Issues) {
    let files = manifest.body().files.iter();
    let made_of = files.filter_map(|(path, file)| Some((path, file.made_of.as_ref()?)));
    let is_of_it = inputs.draft().inputs == manifest.draft().inputs
        && inputs.body().snapshot_id == manifest.body().facts.snapshot_id
        && inputs.body().made_of.iter().eq(made_of);
    if !is_of_it {
        let message = "is of another snapshot than the manifest";
        issues.error("dataset.input_check.stale", INPUT_CHECK, message);
    }
}

/// Counts and proofs are what the files give, and the proofs hold.
fn check_integrity(
    folder: &Path,
    workspace: &Workspace,
    manifest: &Report<Manifest>,
    integrity: &Report<Integrity>,
    issues: &mut Issues,
) {
    for drift in integrity.draft().inputs.drifts(workspace) {
        issues.error("dataset.integrity.stale", INTEGRITY, drift);
    }
    match Integrity::of(folder, manifest.body()) {
        Err(error) => {
            issues.error(
                "dataset.integrity.underivable",
                INTEGRITY,
                format!("{error:#}"),
            );
        }
        Ok(again) if again != *integrity.body() => {
            let message = "differs from what the files give";
            issues.error("dataset.integrity.stale", INTEGRITY, message);
        }
        Ok(_) => {}
    }
    issues.extend(integrity.issues());
}
