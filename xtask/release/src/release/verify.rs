//! Checking a whole release: its packages, what binds them, and that it may count as evidence.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use geno_core::Digest;
use geno_provenance::{
    Artifact, Json, PublicPath,
    release::{
        ArtifactSet, CommandLine, EvidenceClass, FixtureReason, Issue, ReleaseIdentity, Report,
        Statement, Workspace,
    },
};

use super::{
    LOCK, PARTS,
    lock::Lock,
    nodes::{Check, Node},
};
use crate::{
    Verdict, dataset, demo, folder,
    issues::Issues,
    model, paper,
    run_args::{Made, Run},
};

/// Checks a release, and writes its lock if it holds.
pub(super) fn run(folder: &Path, allow_fixture: bool, as_json: bool, run: &Run) -> Result<Verdict> {
    let mut issues = Issues::default();
    let lock = check(folder, allow_fixture, run, &mut issues)?;
    let verdict = issues.tell(format!("`{}`", folder.display()), as_json);
    if let (Verdict::Holds, Some(lock)) = (&verdict, lock) {
        lock.write(&folder.join(LOCK))?;
        if !as_json {
            println!("lock {}", lock.body().digest());
        }
    }
    Ok(verdict)
}

/// Finds everything that is wrong with a release; gives the lock that it has if nothing is.
pub(crate) fn check(
    folder: &Path,
    allow_fixture: bool,
    run: &Run,
    issues: &mut Issues,
) -> Result<Option<Report<Lock>>> {
    let missing = PARTS.iter().filter(|part| !folder.join(part).is_dir());
    let missing: Vec<_> = missing.collect();
    for part in &missing {
        issues.error("release.part.missing", part, "is not there");
    }
    if !missing.is_empty() {
        return Ok(None);
    }
    let [dataset_dir, model_dir, demo_dir] = PARTS.map(|part| folder.join(part));
    issues.within("dataset", |issues| dataset::check(&dataset_dir, issues))?;
    issues.within("model", |issues| model::check(&model_dir, issues))?;
    issues.within("demo", |issues| demo::check(&demo_dir, &model_dir, issues))?;

    let paper = folder.join("paper");
    let parts = PARTS.into_iter().chain(paper.is_dir().then_some("paper"));
    let parts: Vec<_> = parts.map(|part| (part, folder.join(part))).collect();
    if paper.is_dir() && !issues.has_errors() {
        let packages = [dataset_dir.clone(), model_dir.clone(), demo_dir.clone()];
        let text = paper.join("PAPER.md");
        issues.within("paper", |issues| paper::check(&text, &packages, issues))?;
    }
    let workspace = Workspace::new(parts.iter().map(|(part, at)| (*part, at.as_path())))?;
    let files = files(&parts, &workspace, issues)?;
    let edges = edges(folder, &files, issues)?;
    let Ok(dataset) = dataset::described(&dataset_dir) else {
        return Ok(None);
    };
    let (Ok(package), Ok(demo)) = (model::package(&model_dir), demo::read(&demo_dir)) else {
        // The checks of the packages said why.
        return Ok(None);
    };
    if package.body().dataset_snapshot != dataset.snapshot_id {
        let message = "was made of another data set than is here";
        issues.error(
            "release.identity.drift",
            "model/model_package.json",
            message,
        );
    }
    // What is made of the model has its class, and the demonstration was held against it.
    let class = dataset.evidence_class.join(&package.draft().evidence_class);
    let class = class.join(&demo.draft().evidence_class);
    if !class.is_release() && !allow_fixture {
        let reasons: Vec<_> = class.reasons().map(FixtureReason::code).collect();
        let message = format!("is no evidence: {}", reasons.join(", "));
        issues.error("release.class", "model/model_package.json", message);
    }
    if issues.has_errors() {
        return Ok(None);
    }
    let identity = package.draft().identity.clone();
    let warnings = issues.all().to_vec();
    lock(run, Lock { files, edges }, class, identity, warnings).map(Some)
}

fn lock(
    run: &Run,
    body: Lock,
    evidence_class: EvidenceClass,
    identity: Option<ReleaseIdentity>,
    warnings: Vec<Issue>,
) -> Result<Report<Lock>> {
    let sums = body.files.iter().filter(|file| is_sums(file));
    let made = Made {
        evidence_class,
        command: CommandLine::new(["cargo", "xtask", "release", "verify"])?,
        inputs: ArtifactSet::new(sums.cloned())?,
        outputs: ArtifactSet::default(),
        limitations: vec![Statement::new(
            "What was not made again was held against its digest.",
        )?],
        body,
    };
    run.report_with(made, identity, warnings)
}

fn is_sums(file: &Artifact) -> bool {
    Node::of(&file.path).is_some_and(|node| node.check == Check::Sums)
}

/// Every file of the release, each with a row in the table.
fn files(
    parts: &[(&str, PathBuf)],
    workspace: &Workspace,
    issues: &mut Issues,
) -> Result<ArtifactSet> {
    let mut files = ArtifactSet::default();
    for (part, folder) in parts {
        let inside = folder::files(folder)?;
        // The paper is one file, which nothing lists.
        let sums = (*part != "paper").then_some(folder::SUMS);
        let inside = inside.iter().map(PublicPath::as_str).chain(sums);
        for name in inside {
            let path = PublicPath::new(format!("{part}/{name}"))?;
            if Node::of(&path).is_none() {
                issues.error(
                    "release.node.unknown",
                    path.as_str(),
                    "has no row in the table",
                );
            }
            match workspace.observe(&path) {
                Ok(file) => files.insert(file)?,
                Err(error) => issues.error("release.file.unreadable", path.as_str(), error),
            }
        }
    }
    Ok(files)
}

/// Holds every report against the table: it may be made of what its row names and of nothing else,
/// and what it is made of has to be the files that are here.
fn edges(folder: &Path, files: &ArtifactSet, issues: &mut Issues) -> Result<u64> {
    let mut checked = 0;
    for file in files.iter() {
        let Some(node) = Node::of(&file.path).filter(|node| node.check == Check::Report) else {
            continue;
        };
        let Some(report) = fs::read(file.path.under(folder))
            .ok()
            .and_then(|bytes| Json::parse(&bytes).ok())
        else {
            continue;
        };
        for list in ["inputs", "outputs"] {
            let Some(Json::Array(named)) = report.get(list) else {
                continue;
            };
            for named in named {
                let path = named.get("path").and_then(Json::as_str).unwrap_or_default();
                let Ok(path) = PublicPath::new(path) else {
                    continue;
                };
                let Some(from) = Node::of(&path) else {
                    // A file that is not part of the release.
                    continue;
                };
                checked += 1;
                let digest = named
                    .get("sha256")
                    .and_then(Json::as_str)
                    .unwrap_or_default();
                let is_same = files
                    .get(&path)
                    .is_some_and(|there| Digest::to_string(&there.digest) == digest);
                if !is_same {
                    let message = format!("names `{path}`, which is not that file");
                    issues.error("release.edge.drift", file.path.as_str(), message);
                }
                if !node.made_of.contains(&from.key) {
                    let message = format!("is made of `{path}`, which its row does not name");
                    issues.error("release.edge.undeclared", file.path.as_str(), message);
                }
            }
        }
    }
    Ok(checked)
}
