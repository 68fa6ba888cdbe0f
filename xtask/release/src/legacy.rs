//! `cargo xtask legacy verify`: a release of the Python package, checked.
//!
//! Reads schema 1.0.0 of its files as version 0.2.1 writes them, with the markers of its tools, and writes none. What its
//! verifier refuses is an error here. What that verifier gets wrong is told as a warning whose code begins with
//! `legacy.`, where the release at hand shows it.

mod batch;
mod compare;
mod dataset;
mod demo;
mod efficiency;
mod evaluation;
mod integrity;
mod leakage;
mod markdown;
mod model;
mod paper;
mod release;
mod rows;
mod runtime;
mod snapshot;
mod sums;
mod training;
mod transcript;
mod vcf;

use std::path::PathBuf;

use anyhow::Result;

use self::release::Release;
use crate::Verdict;

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Check a release of the Python package: every file, digest, identity and text, and tell what its own verifier
    /// leaves unchecked
    #[command(after_help = "\
Example:
  cargo xtask legacy verify --model-dir fixtures/legacy-release/release/model \\
      --dataset-dir fixtures/legacy-release/release/dataset \\
      --demo-dir fixtures/legacy-release/release/demo \\
      --paper-path fixtures/legacy-release/release/PAPER.md")]
    Verify(LegacyArgs),
}

#[derive(clap::Args)]
pub(crate) struct LegacyArgs {
    /// The model's folder
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// The data's folder
    #[arg(long, value_name = "DIR")]
    dataset_dir: PathBuf,
    /// The demonstration's folder
    #[arg(long, value_name = "DIR")]
    demo_dir: PathBuf,
    /// The paper, if there is one
    #[arg(long, value_name = "FILE")]
    paper_path: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &LegacyArgs) -> Result<Verdict> {
    let mut release = Release::open(&args.model_dir, &args.dataset_dir, &args.demo_dir)?;
    let dataset = dataset::check(&mut release)?;
    let model = model::check(&mut release, dataset.as_ref())?;
    let demo = demo::check(&mut release, model.manifest.as_ref())?;
    if let Some(path) = &args.paper_path {
        paper::check(&mut release, path, dataset.as_ref(), &model, demo.as_ref());
    }
    Ok(release.issues.tell("the release", args.json))
}
