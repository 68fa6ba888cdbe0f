//! `cargo xtask model package`: a model with everything that was measured of it.

pub(crate) mod card;
pub(crate) mod contents;
mod facts;
mod package;
mod training;
pub(crate) mod verify;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_provenance::{
    Manifest,
    release::{EvidenceClass, Report},
};

use self::contents::Contents;
pub(crate) use self::verify::check;
use crate::{Verdict, run_args::RunArgs};

/// What the package is of, and its files.
const PACKAGE: &str = "model_package.json";
/// All of it for people.
const CARD: &str = "model_card.md";
/// The metrics, with the files that they stand on beside them.
pub(crate) const METRICS: &str = "eval/eval_metrics.json";
/// The metrics for people.
const EVAL_REPORT: &str = "eval/eval_report.md";
/// How fast the program scores.
const EFFICIENCY: &str = "efficiency_report.json";
/// The run that trained it.
const TRAINING: &str = "training";
/// The manifest of the model.
const MANIFEST: &str = "manifest.json";

/// Files that follow from the others.
const GENERATED: [&str; 3] = [PACKAGE, CARD, crate::folder::SUMS];

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Put a model and what was measured of it into one folder, with a card and digests
    #[command(after_help = "\
Example:
  cargo xtask model package --model-dir fixtures/demo/model \\
      --metadata-json configs/first_experiment/model.json \\
      --training-run-dir fixtures/training_run \\
      --eval-metrics target/first_experiment/eval/eval_metrics.json \\
      --efficiency-report target/first_experiment/efficiency_report.json \\
      --dataset-dir target/first_experiment/dataset \\
      --package-dir target/first_experiment/model")]
    Package(PackageArgs),
    /// Check a package: every file, every report, every digest, and the card by writing it again
    #[command(after_help = "\
Example:
  cargo xtask model verify --package-dir target/first_experiment/model")]
    Verify(VerifyArgs),
}

#[derive(clap::Args)]
pub(crate) struct PackageArgs {
    /// The model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// What people say of it: summary, licence, use, limitations, notes
    #[arg(long, value_name = "FILE")]
    metadata_json: PathBuf,
    /// Metrics of `geno-lewm eval` or `eval-all`; the files that they name lie beside them
    #[arg(long, value_name = "FILE")]
    eval_metrics: PathBuf,
    /// Folder of the run that trained it, with the package that `train --package-release-run` makes
    #[arg(long, value_name = "DIR")]
    training_run_dir: Option<PathBuf>,
    /// Report of `cargo xtask efficiency measure`
    #[arg(long, value_name = "FILE")]
    efficiency_report: PathBuf,
    /// Package of the data it was trained on
    #[arg(long, value_name = "DIR")]
    dataset_dir: PathBuf,
    /// Folder of the package, which must not exist
    #[arg(long, value_name = "DIR")]
    package_dir: PathBuf,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    /// Folder of the package
    #[arg(long, value_name = "DIR")]
    package_dir: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// What other packages say of a model.
pub(crate) struct Described {
    pub(crate) manifest: Manifest,
    /// Whether what is made of it may count as evidence.
    pub(crate) evidence_class: EvidenceClass,
}

/// Reads what other packages say of a model's package.
pub(crate) fn described(folder: &Path) -> Result<Described> {
    Ok(Described {
        manifest: Manifest::parse(&read(folder, MANIFEST)?).context(MANIFEST)?,
        evidence_class: package(folder)?.draft().evidence_class.clone(),
    })
}

/// Reads the report of a package.
pub(crate) fn package(folder: &Path) -> Result<Report<Contents>> {
    Report::parse(&read(folder, PACKAGE)?).context(PACKAGE)
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>> {
    let at = || format!("`{}` is no package of a model", folder.display());
    fs::read(folder.join(name)).with_context(at)
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Package(args) => {
            package::make(args)?;
            verify::run(&args.package_dir, false)
        }
        Task::Verify(args) => verify::run(&args.package_dir, args.json),
    }
}
