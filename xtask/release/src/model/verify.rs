//! Checking the package of a model by making it again.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use geno_data::TextLines;
use geno_eval::EvaluationReport;
use geno_provenance::{Artifact, Json, release::Report};

use super::{
    CARD, EVAL_REPORT, GENERATED, METRICS, PACKAGE, card,
    contents::{Contents, Sources},
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
    check_sums(folder, "model", issues)?;
    let bytes = fs::read(folder.join(PACKAGE)).map_err(anyhow::Error::from);
    let report = match bytes.and_then(|bytes| Ok(Report::<Contents>::parse(&bytes)?)) {
        Ok(report) => report,
        Err(error) => {
            issues.error("model.package.unreadable", PACKAGE, format!("{error:#}"));
            return Ok(());
        }
    };
    check_listed(folder, "model", &report.draft().outputs, &GENERATED, issues)?;
    let sources = match Sources::read(folder) {
        Ok(sources) => sources,
        Err(error) => {
            issues.error("model.source.unreadable", PACKAGE, format!("{error:#}"));
            return Ok(());
        }
    };
    check_manifest(folder, &sources, issues);
    sources.check(issues)?;
    check_contents(folder, &report, &sources, issues);
    let rendered = EvaluationReport(&sources.metrics).to_string();
    check_text(
        folder,
        EVAL_REPORT,
        &rendered,
        "model.eval_report.stale",
        issues,
    );
    let rendered = card::render(&report, &sources);
    check_text(folder, CARD, &rendered, "model.card.stale", issues);
    Ok(())
}

/// The manifest's files are there with its digests, and the metrics' files are there.
fn check_manifest(folder: &Path, sources: &Sources, issues: &mut Issues) {
    for (section, path, digest) in sources.manifest.files() {
        match Artifact::of(folder, path.clone()) {
            Err(error) => issues.error("model.artifact.missing", path.as_str(), error),
            Ok(found) if found.digest != digest => {
                let message = format!("is not the {section} of the manifest");
                issues.error("model.artifact.drift", path.as_str(), message);
            }
            Ok(_) => {}
        }
    }
    for (key, path) in &sources.metrics.artifacts {
        let file = path.under(&folder.join("eval"));
        if !file.is_file() {
            let message = format!("names `{key}`, which is not there");
            issues.error("model.eval.artifact_missing", METRICS, message);
        } else if is_scores(key)
            && path.as_str().ends_with(".jsonl")
            && let Err(error) = check_rows(&file)
        {
            let name = format!("eval/{path}");
            issues.error("model.eval.rows", &name, format!("{error:#}"));
        }
    }
}

/// Whether a file of the metrics holds the scores of the model.
fn is_scores(key: &str) -> bool {
    key == "scores" || key.ends_with(".scores")
}

/// Every row was written by the program, and there is one.
fn check_rows(file: &Path) -> Result<()> {
    let mut rows = 0;
    let mut lines = TextLines::open(file)?;
    while let Some(line) = lines.next_line()? {
        rows += 1;
        let row = Json::parse(line.as_bytes()).with_context(|| format!("row {rows}"))?;
        let marker = row.get("generated_by").and_then(Json::as_str);
        ensure!(
            marker == Some("geno-lewm-score"),
            "row {rows} is not of `geno-lewm score`"
        );
    }
    ensure!(rows > 0, "holds no score");
    Ok(())
}

/// The report says what the files give.
fn check_contents(
    folder: &Path,
    report: &Report<Contents>,
    sources: &Sources,
    issues: &mut Issues,
) {
    match Contents::of(folder, report.body().facts.clone(), sources) {
        Err(error) => issues.error("model.package.underivable", PACKAGE, format!("{error:#}")),
        Ok(again) if again != *report.body() => {
            issues.error(
                "model.package.stale",
                PACKAGE,
                "differs from what the files give",
            );
        }
        Ok(_) => {}
    }
    let class = &sources.efficiency.draft().evidence_class;
    if report.draft().evidence_class.join(class) != report.draft().evidence_class {
        issues.error(
            "model.package.class",
            PACKAGE,
            "is made of what is no evidence, and does not say so",
        );
    }
    let measured = sources.efficiency.draft().identity.as_ref();
    let stated = report.draft().identity.as_ref();
    let agree = measured
        .zip(stated)
        .is_some_and(|(a, b)| a.difference(b).is_empty());
    let is_model = stated.is_some_and(|stated| stated.model_id == Some(report.body().model_id));
    if !agree || !is_model {
        issues.error(
            "model.package.identity",
            PACKAGE,
            "names another model than was measured",
        );
    }
    issues.extend(report.issues());
}
