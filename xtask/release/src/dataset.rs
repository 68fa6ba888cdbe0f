//! `cargo xtask dataset`: the package of the data of a release.

pub(crate) mod card;
mod contents;
mod declared;
pub(crate) mod facts;
mod input_check;
mod integrity;
pub(crate) mod manifest;
pub(crate) mod package;
mod spec;
mod stage;
pub(crate) mod verify;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use geno_provenance::{
    Artifact, Label, PublicPath,
    release::{EvidenceClass, Report},
};

pub(crate) use self::verify::check;
use self::{input_check::InputCheck, package::Folders, spec::Spec};
use crate::{Verdict, run_args::RunArgs};

/// The manifest of a data set.
const MANIFEST: &str = "dataset_manifest.json";
/// What its files were made of.
const INPUT_CHECK: &str = "dataset_input_check_report.json";
/// What it holds, and the proof that its splits share nothing.
const INTEGRITY: &str = "split_integrity.json";
/// All of it for people.
const CARD: &str = "data_card.md";

/// Files that no specification can name: the commands write them.
const GENERATED: [&str; 5] = [MANIFEST, INPUT_CHECK, INTEGRITY, CARD, crate::folder::SUMS];

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Make a data set from a specification and the files that it names
    #[command(after_help = "\
Example:
  cargo xtask dataset snapshot --spec-json configs/first_experiment/dataset.json \\
      --input-dir downloads --dataset-dir target/release/dataset")]
    Snapshot(SnapshotArgs),
    /// Prove the splits of a data set again, and write its card and its digests
    #[command(after_help = "\
Example:
  cargo xtask dataset package --dataset-dir target/release/dataset")]
    Package(PackageArgs),
    /// Check a data set: every file, every report, every digest, and the splits by proving them again
    #[command(after_help = "\
Example:
  cargo xtask dataset verify --dataset-dir target/release/dataset")]
    Verify(VerifyArgs),
}

#[derive(clap::Args)]
pub(crate) struct SnapshotArgs {
    /// What the data set is and how each file is made
    #[arg(long, value_name = "FILE")]
    spec_json: PathBuf,
    /// Folder of the files that it is made of
    #[arg(long, value_name = "DIR", required_unless_present = "check_spec")]
    input_dir: Option<PathBuf>,
    /// Folder of the data set
    #[arg(long, value_name = "DIR", required_unless_present_any = ["check_spec", "check_inputs"])]
    dataset_dir: Option<PathBuf>,
    /// Only check the specification
    #[arg(long, conflicts_with = "check_inputs")]
    check_spec: bool,
    /// Only check that every input is there, and print the report
    #[arg(long)]
    check_inputs: bool,
    /// Make files anew that are there and differ
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct PackageArgs {
    /// Folder of the data set
    #[arg(long, value_name = "DIR")]
    dataset_dir: PathBuf,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    /// Folder of the data set
    #[arg(long, value_name = "DIR")]
    dataset_dir: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Snapshot(args) => snapshot(args),
        Task::Package(args) => {
            package::repackage(&args.dataset_dir, &args.run.run()?)?;
            verify::run(&args.dataset_dir, false)
        }
        Task::Verify(args) => verify::run(&args.dataset_dir, args.json),
    }
}

/// The files that a specification names.
pub(crate) fn inputs(spec: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let spec = Spec::read(spec)?;
    let inputs = spec.inputs().into_iter();
    Ok(inputs.map(|input| input.under(folder)).collect())
}

/// The name that a specification gives its data set.
pub(crate) fn snapshot_id(spec: &Path) -> Result<Label> {
    Ok(Spec::read(spec)?.facts.snapshot_id)
}

/// What other packages say of a data set.
pub(crate) struct Described {
    pub(crate) snapshot_id: Label,
    /// Whether what is made of it may count as evidence.
    pub(crate) evidence_class: EvidenceClass,
    /// Its manifest.
    pub(crate) manifest: Artifact,
}

/// Reads what other packages say of a data set.
pub(crate) fn described(folder: &Path) -> Result<Described> {
    let manifest = package::read_manifest(folder)?;
    let path = PublicPath::new(format!("dataset/{MANIFEST}"))?;
    Ok(Described {
        snapshot_id: manifest.body().facts.snapshot_id.clone(),
        evidence_class: manifest.draft().evidence_class.clone(),
        manifest: Artifact::of_file(&folder.join(MANIFEST), path)?,
    })
}

fn snapshot(args: &SnapshotArgs) -> Result<Verdict> {
    let spec = Spec::read(&args.spec_json)?;
    let Some(inputs) = args.input_dir.as_ref().filter(|_| !args.check_spec) else {
        println!(
            "{}: {} files of {} inputs in {} splits",
            spec.facts.snapshot_id,
            spec.files.len(),
            spec.inputs().len(),
            spec.facts.splits.len()
        );
        return Ok(Verdict::Holds);
    };
    let run = args.run.run()?;
    let folders = Folders::new(&args.spec_json, inputs, args.dataset_dir.as_deref())?;
    let check: Report<InputCheck> = input_check::check(&spec, &folders, &run)?;
    if args.check_inputs {
        print!("{}", String::from_utf8(check.to_bytes())?);
        return Ok(Verdict::of(check.is_ok()));
    }
    ensure!(
        check.is_ok(),
        "inputs are missing: {}",
        check
            .issues()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    );
    package::make(&spec, &folders, &check, args.overwrite, &run)?;
    verify::run(folders.dataset()?, false)
}
