//! Checking the package of a data set by making it again.

use std::{fs, path::Path};

use anyhow::Result;
use geno_provenance::release::{Drift, Report, ReportBody, Workspace};

use super::{
    CARD, GENERATED, INPUT_CHECK, INTEGRITY, MANIFEST, card, input_check::InputCheck,
    integrity::Integrity, manifest::Manifest, package,
};
use crate::{
    Verdict,
    folder::{self, check_sums},
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
    check_files(folder, &workspace, &manifest, issues)?;
    if let Some(inputs) = read(
        folder,
        INPUT_CHECK,
        "dataset.input_check.unreadable",
        issues,
    ) {
        check_inputs(&inputs, &manifest, issues);
    }
    if let Some(integrity) = read(folder, INTEGRITY, "dataset.integrity.unreadable", issues) {
        check_integrity(folder, &workspace, &manifest, &integrity, issues);
        check_card(folder, &manifest, &integrity, issues);
    }
    Ok(())
}

/// Every file is as the manifest says, and no other is there.
fn check_files(
    folder: &Path,
    workspace: &Workspace,
    manifest: &Report<Manifest>,
    issues: &mut Issues,
) -> Result<()> {
    for drift in manifest.draft().outputs.drifts(workspace) {
        let path = match &drift {
            Drift::Size { path, .. } | Drift::Digest { path } => path.as_str(),
            Drift::Unreadable(_) => MANIFEST,
        };
        let path = path.trim_start_matches("dataset/");
        issues.error("dataset.file.drift", path, &drift);
    }
    for path in folder::files(folder)? {
        let is_listed = manifest.body().files.contains_key(&path);
        if !is_listed && !GENERATED.contains(&path.as_str()) {
            issues.error(
                "dataset.file.unlisted",
                path.as_str(),
                "is not in the manifest",
            );
        }
    }
    Ok(())
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

/// The card says what the reports say.
fn check_card(
    folder: &Path,
    manifest: &Report<Manifest>,
    integrity: &Report<Integrity>,
    issues: &mut Issues,
) {
    let rendered = card::render(manifest, integrity);
    let there = fs::read_to_string(folder.join(CARD)).unwrap_or_default();
    if let Some(line) = first_difference(&rendered, &there) {
        let message = format!("differs from its reports from line {line} on");
        issues.error("dataset.card.stale", CARD, message);
    }
}

/// The line from which on two texts differ, 1-based.
fn first_difference(a: &str, b: &str) -> Option<usize> {
    let same = a.split('\n').zip(b.split('\n')).take_while(|(a, b)| a == b);
    (a != b).then(|| same.count() + 1)
}

/// Reads a report; one that is none is an issue of this code.
fn read<B: ReportBody>(
    folder: &Path,
    name: &str,
    code: &str,
    issues: &mut Issues,
) -> Option<Report<B>> {
    let bytes = fs::read(folder.join(name)).map_err(anyhow::Error::from);
    match bytes.and_then(|bytes| Ok(Report::parse(&bytes)?)) {
        Ok(report) => Some(report),
        Err(error) => {
            issues.error(code, name, format!("{error:#}"));
            None
        }
    }
}
