//! `cargo xtask v02 suite`: the runs of all benchmarks of a release, as one list of commands.

mod execute;
mod manifest;
mod plan;
pub(crate) mod report;
mod stand;
mod step;
mod tail;
mod template;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use geno_provenance::{
    Artifact, PublicPath,
    release::{ArtifactSet, CommandLine, EvidenceClass, FixtureReason, Report, Statement},
};

pub(crate) use self::template::run as template;
use self::{execute::Execution, manifest::Manifest, report::Suite};
use crate::{
    Verdict,
    program::Program,
    run_args::{Made, RunArgs},
};

#[derive(clap::Args)]
pub(crate) struct TemplateArgs {
    /// The manifest
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Only check that the file is as it would be written
    #[arg(long)]
    check: bool,
}

#[derive(clap::Args)]
pub(crate) struct SuiteArgs {
    /// What is run: see `v02 template`. Its paths begin at its folder
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// The report, in the manifest's folder
    #[arg(long, value_name = "FILE")]
    output_report: PathBuf,
    /// Run the commands; without it they are only planned
    #[arg(long)]
    execute: bool,
    /// Go on after the run of this report: what is done and the same is not done again
    #[arg(long, requires = "execute")]
    resume: bool,
    /// Another program than the one built with this one; what it measures is no evidence
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

/// Plans or runs a suite, and writes its report.
pub(crate) fn run(args: &SuiteArgs) -> Result<Verdict> {
    let run = args.run.run()?;
    let manifest = Manifest::read(&args.manifest)?;
    let root = folder_of(&args.manifest)?;
    let name = file_name(&args.manifest)?;
    ensure!(
        folder_of(&args.output_report)? == root,
        "`{}` does not lie in the folder of the manifest",
        args.output_report.display()
    );
    let program = Program::find(args.program.as_deref())?;
    let steps = plan::steps(&manifest, &program)?;
    if !args.execute {
        let before = read_before(&args.output_report)?;
        ensure!(
            before.is_none_or(|before| !before.body().is_executed),
            "`{}` is the report of a run, which a plan does not replace",
            args.output_report.display()
        );
        let body = Suite::planned(&steps, program.digest()?)?;
        let class = EvidenceClass::fixture(FixtureReason::SkippedCheck);
        let report = run.report(made(args, (&root, &name), class, body)?)?;
        report.write(&args.output_report)?;
        for step in &report.body().steps {
            println!("{}: {}", step.id, step.command);
        }
        println!("nothing was run: `--execute` does");
        return Ok(Verdict::Holds);
    }
    let stand = stand::check(&root, &manifest, &run)?;
    let class = match args.program {
        None => stand.evidence_class.clone(),
        // What it is nobody knows.
        Some(_) => {
            let injected = EvidenceClass::fixture(FixtureReason::InjectedRuntime);
            stand.evidence_class.join(&injected)
        }
    };
    let before = match args.resume {
        true => read_before(&args.output_report)?,
        false => None,
    };
    let write = |body: Suite| {
        let made = made(args, (&root, &name), class.clone(), body)?;
        let report = run.report_of(made, Some(stand.identity.clone()))?;
        report.write(&args.output_report)?;
        Ok(report)
    };
    let execution = Execution {
        root: &root,
        program: &program,
        metrics: &manifest.metrics_json,
        before: before.as_ref().map(Report::body),
    };
    let report = execution.run(&steps, &write)?;
    println!("{}", args.output_report.display());
    Ok(match report.is_ok() {
        true => Verdict::Holds,
        false => Verdict::Fails,
    })
}

/// The report of the run before, if there is one.
fn read_before(path: &Path) -> Result<Option<Report<Suite>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        Ok(bytes) => {
            let report = Report::parse(&bytes).with_context(|| format!("`{}`", path.display()))?;
            Ok(Some(report))
        }
    }
}

fn made(
    args: &SuiteArgs,
    (root, name): (&Path, &PublicPath),
    evidence_class: EvidenceClass,
    body: Suite,
) -> Result<Made<Suite>> {
    let report = file_name(&args.output_report)?;
    let words = [
        "cargo",
        "xtask",
        "v02",
        "suite",
        "--manifest",
        name.as_str(),
    ];
    let words = words
        .into_iter()
        .chain(["--output-report", report.as_str()]);
    let execute = args.execute.then_some("--execute");
    let resume = args.resume.then_some("--resume");
    let outputs = body.outputs()?;
    let mut inputs = body.inputs(&outputs)?;
    if inputs.get(name).is_none() {
        inputs.insert(Artifact::of(root, name.clone())?)?;
    }
    Ok(Made {
        evidence_class,
        command: CommandLine::new(words.chain(execute).chain(resume))?,
        inputs,
        outputs,
        limitations: vec![Statement::new(
            "What a step measured stands in its own outputs; here stand the commands and the digests.",
        )?],
        body,
    })
}

/// The folder of a file, with all links followed.
pub(crate) fn folder_of(file: &Path) -> Result<PathBuf> {
    let parent = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let at = || format!("no folder `{}`", parent.display());
    std::fs::canonicalize(parent).with_context(at)
}

/// The public name of a file in its folder.
pub(crate) fn file_name(file: &Path) -> Result<PublicPath> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("`{}` names no file", file.display()))?;
    Ok(PublicPath::new(name)?)
}

/// Whether a file is one of the outputs of a suite, as it was left.
pub(crate) fn is_output(outputs: &ArtifactSet, digest: Digest) -> bool {
    outputs.iter().any(|file| file.digest == digest)
}
