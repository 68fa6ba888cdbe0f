//! The reports of a publication, each made of those before it.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use geno_provenance::{
    Artifact, PublicPath,
    release::{ArtifactSet, Report, ReportBody},
};

/// The reports, in their order.
pub(crate) const LOCK: &str = "release.lock.json";
pub(crate) const PLAN: &str = "hub_release_plan.json";
pub(crate) const PUBLICATION: &str = "hub_publish_report.json";
pub(crate) const CANDIDATE: &str = "release_candidate_report.json";
pub(crate) const REPLAY: &str = "clean_machine_demo_report.json";
pub(crate) const EVIDENCE: &str = "publication_evidence_report.json";
pub(crate) const ASSETS: &str = "publication_evidence_assets.json";

/// Reads a report of the chain, which has to be there.
pub(crate) fn read<B: ReportBody>(folder: &Path, name: &str) -> Result<Report<B>> {
    let path = folder.join(name);
    let bytes = fs::read(&path).with_context(|| format!("no `{}`", path.display()))?;
    Report::parse(&bytes).with_context(|| format!("`{}`", path.display()))
}

/// Reads a report of the chain, which has to say that all is well.
pub(crate) fn read_ok<B: ReportBody>(folder: &Path, name: &str) -> Result<Report<B>> {
    let report = read::<B>(folder, name)?;
    let issues: Vec<_> = report.issues().map(ToString::to_string).collect();
    ensure!(report.is_ok(), "`{name}` says: {}", issues.join("; "));
    Ok(report)
}

/// Writes a report of the chain, and prints it if that was asked for.
pub(crate) fn write<B: ReportBody>(
    report: &Report<B>,
    folder: &Path,
    name: &str,
    prints: bool,
) -> Result<()> {
    report.write(&folder.join(name))?;
    if prints {
        print!("{}", String::from_utf8(report.to_bytes())?);
    }
    Ok(())
}

/// Reports of the chain as what another is made of.
pub(crate) fn files(folder: &Path, names: &[&str]) -> Result<ArtifactSet> {
    let file = |name: &&str| {
        let public = PublicPath::new(format!("release/{name}"))?;
        Ok(Artifact::of_file(&folder.join(name), public)?)
    };
    let files: Result<Vec<_>> = names.iter().map(file).collect();
    Ok(ArtifactSet::new(files?)?)
}
