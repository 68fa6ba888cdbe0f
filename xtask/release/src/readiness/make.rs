//! Making the report of readiness.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Result;
use geno_provenance::{
    Artifact, PublicPath,
    release::{ArtifactSet, Report, Statement, Workspace},
    write_atomic,
};

use super::{ReadinessArgs, names::Names, report::Readiness, sources::Sources, table, table_of};
use crate::{run_args::Made, suite};

/// Makes the report and its table from the reports of a release.
pub(super) fn run(args: &ReadinessArgs) -> Result<Report<Readiness>> {
    let root = suite::folder_of(&args.output_json)?;
    let workspace = Workspace::new([("release", root.as_path())])?;
    let name = |path: &Path| {
        let public = workspace.public(path)?;
        let inside = public.as_str().trim_start_matches("release/");
        Ok::<_, anyhow::Error>(PublicPath::new(inside)?)
    };
    let given = |path: &Option<PathBuf>| path.as_deref().map(name).transpose();
    let names = Names {
        manifest: Some(name(&args.model_dir.join("manifest.json"))?),
        metrics: Some(name(&args.metrics_json)?),
        efficiency: given(&args.efficiency_report)?,
        speed: given(&args.rollout_speed_report)?,
        scope: given(&args.rollout_speed_scope_report)?,
        suite: given(&args.suite_report)?,
    };
    let sources = Sources::read(&root, &names)?;
    let identity = sources.check()?;
    let inputs = names.all().into_iter().flatten();
    let inputs = inputs.map(|name| Artifact::of(&root, name.clone()));
    let made = Made {
        evidence_class: sources.evidence_class(),
        command: names.command(&suite::file_name(&args.output_json)?)?,
        inputs: ArtifactSet::new(inputs.collect::<Result<Vec<_>, _>>()?)?,
        outputs: ArtifactSet::default(),
        limitations: vec![Statement::new(
            "A benchmark that is covered may have any value; what it is worth stand outcome and findings for.",
        )?],
        body: sources.body()?,
    };
    let report = args.run.run()?.report_of(made, identity)?;
    report.write(&args.output_json)?;
    let table = table::render(&report);
    write_atomic(&table_of(&args.output_json), |file| {
        file.write_all(table.as_bytes())
    })?;
    Ok(report)
}
