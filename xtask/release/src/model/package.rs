//! Making the package of a model.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use geno_eval::{EvaluationReport, MetricsDocument};
use geno_provenance::{
    Artifact, AtomicFolder, Manifest, PublicPath,
    release::{ArtifactSet, CommandLine},
    write_atomic,
};

use super::{
    CARD, EFFICIENCY, EVAL_REPORT, MANIFEST, METRICS, PACKAGE, PackageArgs, card,
    contents::{Contents, Sources},
    facts::Facts,
    training::Training,
};
use crate::{dataset, folder, identity, issues::Issues, run_args::Made};

/// Makes the package beside its place and moves it there whole.
pub(crate) fn make(args: &PackageArgs) -> Result<()> {
    let output = &args.package_dir;
    ensure!(!output.exists(), "`{}` exists", output.display());
    folder::create_around(output)?;
    let draft = AtomicFolder::create(output)?;
    fill(args, draft.draft_folder())?;
    describe(args, draft.draft_folder())?;
    Ok(draft.commit()?)
}

/// Brings all files together.
fn fill(args: &PackageArgs, folder: &Path) -> Result<()> {
    let manifest = args.model_dir.join(MANIFEST);
    let bytes = fs::read(&manifest).with_context(|| format!("no `{}`", manifest.display()))?;
    let manifest = Manifest::parse(&bytes)?;
    let mut copies: Vec<(PathBuf, PublicPath)> = Vec::new();
    copies.push((args.model_dir.join(MANIFEST), PublicPath::new(MANIFEST)?));
    for (section, path, digest) in manifest.files() {
        let found = Artifact::of(&args.model_dir, path.clone())?;
        ensure!(
            found.digest == digest,
            "`{path}` is not the {section} of the manifest"
        );
        copies.push((path.under(&args.model_dir), path.clone()));
    }
    let encoder = args.model_dir.join("encoder");
    if encoder.is_dir() {
        for path in folder::files(&encoder)? {
            let public = PublicPath::new(format!("encoder/{path}"))?;
            copies.push((path.under(&encoder), public));
        }
    }
    if let Some(run) = &args.training_run_dir {
        Training::copy(run, folder)?;
    }
    let at = || format!("`{}`", args.eval_metrics.display());
    let metrics = fs::read(&args.eval_metrics).with_context(|| format!("no {}", at()))?;
    let document = MetricsDocument::parse(&metrics).with_context(at)?;
    copies.push((args.eval_metrics.clone(), PublicPath::new(METRICS)?));
    let beside = args.eval_metrics.parent().unwrap_or(Path::new(""));
    for path in document.artifacts.values() {
        let public = PublicPath::new(format!("eval/{path}"))?;
        copies.push((path.under(beside), public));
    }
    copies.push((args.efficiency_report.clone(), PublicPath::new(EFFICIENCY)?));
    for (from, to) in copies {
        folder::copy(&from, &to.under(folder))?;
    }
    let report = EvaluationReport(&document).to_string();
    write(&folder.join(EVAL_REPORT), &report)
}

/// Writes what follows from the files.
fn describe(args: &PackageArgs, folder: &Path) -> Result<()> {
    let sources = Sources::read(folder)?;
    let mut issues = Issues::default();
    sources.check(&mut issues)?;
    issues.into_result()?;
    let facts = Facts::read(&args.metadata_json)?;
    let dataset = dataset::described(&args.dataset_dir)?;
    let snapshot = identity::snapshot(&sources.manifest)?;
    ensure!(
        dataset.snapshot_id == *snapshot,
        "the data set is `{}`, and the model was trained on `{snapshot}`",
        dataset.snapshot_id
    );
    let run = args.run.run()?;
    let mut outputs = ArtifactSet::default();
    for path in folder::files(folder)? {
        let public = PublicPath::new(format!("model/{path}"))?;
        outputs.insert(Artifact::of_file(&path.under(folder), public)?)?;
    }
    let class = &sources.efficiency.draft().evidence_class;
    let made = Made {
        evidence_class: class.join(&dataset.evidence_class),
        command: CommandLine::new([
            "cargo",
            "xtask",
            "model",
            "package",
            "--package-dir",
            "model",
        ])?,
        inputs: ArtifactSet::new([dataset.manifest])?,
        outputs,
        limitations: facts.limitations.clone(),
        body: Contents::of(folder, facts, &sources)?,
    };
    let mut identity = sources.efficiency.draft().identity.clone();
    if let Some(identity) = &mut identity {
        identity.model_id = Some(sources.manifest.model_id());
    }
    let report = run.report_of(made, identity)?;
    report.write(&folder.join(PACKAGE))?;
    write(&folder.join(CARD), &card::render(&report, &sources))?;
    folder::write_sums(folder)
}

fn write(path: &Path, text: &str) -> Result<()> {
    Ok(write_atomic(path, |out| out.write_all(text.as_bytes()))?)
}
