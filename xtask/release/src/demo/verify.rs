//! Checking a demonstration by reading its files again.

use std::{fs, path::Path};

use anyhow::Result;
use geno_core::NetworkGuard;
use geno_provenance::release::{Report, Workspace};

use super::{
    BATCH, BatchReceipts, Demonstration, GENERATED, MANIFEST, PREFLIGHT, Preflight, RECEIPTS,
    SCORES, TRANSCRIPT, transcript,
};
use crate::{
    Verdict,
    folder::{check_listed, check_sums, check_text},
    issues::Issues,
    model,
};

/// Checks a demonstration and tells what is wrong.
pub(super) fn run(folder: &Path, model_dir: &Path, as_json: bool) -> Result<Verdict> {
    let mut issues = Issues::default();
    check(folder, model_dir, &mut issues)?;
    Ok(issues.tell(format!("`{}`", folder.display()), as_json))
}

/// Reads what a demonstration says of itself.
pub(crate) fn read(folder: &Path) -> Result<Report<Demonstration>> {
    let bytes = fs::read(folder.join(MANIFEST))?;
    Ok(Report::parse(&bytes)?)
}

/// Finds everything that is wrong with a demonstration of a model's package.
pub(crate) fn check(folder: &Path, model_dir: &Path, issues: &mut Issues) -> Result<()> {
    check_sums(folder, "demo", issues)?;
    let model = match model::described(model_dir) {
        Ok(model) => model,
        Err(error) => {
            issues.error(
                "demo.model.unreadable",
                "manifest.json",
                format!("{error:#}"),
            );
            return Ok(());
        }
    };
    let report = issues.read::<Demonstration>(folder, MANIFEST, "demo.manifest.unreadable");
    let preflight = issues.read::<Preflight>(folder, PREFLIGHT, "demo.preflight.unreadable");
    let batch = issues.read::<BatchReceipts>(folder, BATCH, "demo.batch.unreadable");
    let Some(report) = report else {
        return Ok(());
    };
    check_listed(folder, "demo", &report.draft().outputs, &GENERATED, issues)?;
    let workspace = Workspace::new([("model", model_dir), ("demo", folder)])?;
    check_sources(&report, &workspace, issues);
    let class = &report.draft().evidence_class;
    if class.join(&model.evidence_class) != *class {
        let message = "is made of what is no evidence, and does not say so";
        issues.error("demo.class", MANIFEST, message);
    }
    if let Some(preflight) = &preflight {
        let whole = model.evidence_class.join(&preflight.body().program_class());
        if whole.join(&preflight.draft().evidence_class) != *class {
            let message = "is another kind of evidence than model and program are";
            issues.error("demo.class", MANIFEST, message);
        }
        for drift in preflight.draft().inputs.drifts(&workspace) {
            issues.error("demo.preflight.stale", PREFLIGHT, drift);
        }
        let found = preflight.body();
        if found.model_id != model.manifest.model_id() || found.release != report.body().release {
            issues.error("demo.preflight.stale", PREFLIGHT, "is of another model");
        }
        issues.extend(preflight.issues());
    }
    let Some(batch) = batch else {
        return Ok(());
    };
    for drift in batch.draft().inputs.drifts(&workspace) {
        issues.error("demo.batch.stale", BATCH, drift);
    }
    let manifest = fs::read(model_dir.join("manifest.json"))?;
    match BatchReceipts::of(&folder.join(SCORES), &folder.join(RECEIPTS), &manifest) {
        Err(error) => issues.error("demo.receipts", RECEIPTS, format!("{error:#}")),
        Ok(again) if again != *batch.body() => {
            issues.error(
                "demo.batch.stale",
                BATCH,
                "differs from what the files give",
            );
        }
        Ok(again) => {
            if again.runtime.sandbox == NetworkGuard::None.as_str() {
                issues.error(
                    "demo.receipts.sandbox",
                    RECEIPTS,
                    "the program ran without its sandbox",
                );
            }
            check_manifest(folder, &report, &model, &again, issues);
        }
    }
    if let Some(preflight) = &preflight {
        match transcript::render(&report, preflight, &batch, folder) {
            Ok(text) => check_text(folder, TRANSCRIPT, &text, "demo.transcript.stale", issues),
            Err(error) => issues.error("demo.transcript.stale", TRANSCRIPT, format!("{error:#}")),
        }
    }
    Ok(())
}

/// The inputs are copies of what they were copied from, and the model is the one that scored.
fn check_sources(report: &Report<Demonstration>, workspace: &Workspace, issues: &mut Issues) {
    for input in report.draft().inputs.iter() {
        let Some(name) = input.path.as_str().strip_prefix("source/") else {
            match workspace.observe(&input.path) {
                Ok(found) if found == *input => {}
                Ok(_) => issues.error("demo.model.drift", MANIFEST, "is of another model"),
                Err(error) => issues.error("demo.model.drift", MANIFEST, error),
            }
            continue;
        };
        let copies = report.draft().outputs.iter();
        let mut copies = copies.filter(|copy| copy.path.as_str() == format!("demo/{name}"));
        if copies
            .next()
            .is_none_or(|copy| copy.digest != input.digest || copy.size != input.size)
        {
            issues.error("demo.input.drift", name, "is not what was copied");
        }
    }
}

/// The manifest says what the files give.
fn check_manifest(
    folder: &Path,
    report: &Report<Demonstration>,
    model: &model::Described,
    batch: &BatchReceipts,
    issues: &mut Issues,
) {
    let inputs = report.body().inputs();
    match inputs.command() {
        Ok(line) if line == report.draft().command => {}
        _ => issues.error("demo.command", MANIFEST, "ran another command than it says"),
    }
    match Demonstration::of(folder, &inputs, &model.manifest, batch) {
        Err(error) => issues.error("demo.manifest.underivable", MANIFEST, format!("{error:#}")),
        Ok(again) if again != *report.body() => {
            issues.error(
                "demo.manifest.stale",
                MANIFEST,
                "differs from what the files give",
            );
        }
        Ok(_) => {}
    }
    issues.extend(report.issues());
}
