//! `cargo xtask demo`: the packaged model scores a file as its users would, and what it said and wrote
//! is kept.

mod batch_receipts;
mod demonstration;
mod preflight;
mod run;
mod transcript;
mod verify;

use std::path::PathBuf;

use anyhow::Result;

use self::{batch_receipts::BatchReceipts, preflight::Preflight};
pub(crate) use self::{
    demonstration::Demonstration,
    run::{Setting, make},
    verify::{check, read},
};
use crate::{Verdict, run_args::RunArgs};

/// What was run, and what became of it.
const MANIFEST: &str = "terminal_demo_manifest.json";
/// What the program found on the machine before.
const PREFLIGHT: &str = "runtime_preflight_report.json";
/// That scores and receipts are of each other.
const BATCH: &str = "batch_receipt_report.json";
/// All of it for people.
const TRANSCRIPT: &str = "terminal-demo-transcript.md";
/// Scores, one alternate allele a line.
pub(crate) const SCORES: &str = "scores.jsonl";
/// A receipt of each.
const RECEIPTS: &str = "receipts.jsonl";
/// What the program wrote to its standard output.
const STDOUT: &str = "stdout.txt";
/// What it wrote to its standard error.
const STDERR: &str = "stderr.txt";

/// Files that follow from the others.
const GENERATED: [&str; 3] = [MANIFEST, TRANSCRIPT, crate::folder::SUMS];

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Score a file with the packaged model, and keep everything that was said and written
    #[command(after_help = "\
Example:
  cargo xtask demo run --model-dir target/first_experiment/model \\
      --vcf fixtures/demo/variants.vcf --fasta fixtures/demo/GRCh37.20.fa.gz \\
      --demo-dir target/first_experiment/demo")]
    Run(RunDemoArgs),
    /// Ask the program what it finds on this machine, and print the report
    #[command(after_help = "\
Example:
  cargo xtask demo preflight --model-dir target/first_experiment/model")]
    Preflight(PreflightArgs),
    /// Compare scores with their receipts, and print the report
    #[command(after_help = "\
Example:
  cargo xtask demo batch-receipts --model-dir target/first_experiment/model \\
      --demo-dir target/first_experiment/demo")]
    BatchReceipts(FoldersArgs),
    /// Check a demonstration: every file, every report, every receipt, and the transcript
    #[command(after_help = "\
Example:
  cargo xtask demo verify --model-dir target/first_experiment/model \\
      --demo-dir target/first_experiment/demo")]
    Verify(VerifyArgs),
}

#[derive(clap::Args)]
pub(crate) struct RunDemoArgs {
    /// Package of the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Folder of the encoder's checkpoint, when the package does not hold it
    #[arg(long, value_name = "DIR")]
    encoder_dir: Option<PathBuf>,
    /// Variants to score
    #[arg(long, value_name = "FILE")]
    vcf: PathBuf,
    /// The reference
    #[arg(long, value_name = "FILE")]
    fasta: PathBuf,
    /// Folder of the demonstration, which must not exist
    #[arg(long, value_name = "DIR")]
    demo_dir: PathBuf,
    /// Another program than the one built with this one; what it does is no evidence
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct PreflightArgs {
    /// Package of the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Folder of the encoder's checkpoint, when the package does not hold it
    #[arg(long, value_name = "DIR")]
    encoder_dir: Option<PathBuf>,
    /// Another program than the one built with this one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct FoldersArgs {
    /// Package of the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Folder of the demonstration
    #[arg(long, value_name = "DIR")]
    demo_dir: PathBuf,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    /// Package of the model
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// Folder of the demonstration
    #[arg(long, value_name = "DIR")]
    demo_dir: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(task: &Task) -> Result<Verdict> {
    match task {
        Task::Run(args) => {
            run::make(&Setting {
                model_dir: &args.model_dir,
                encoder_dir: args.encoder_dir.as_deref(),
                vcf: &args.vcf,
                fasta: &args.fasta,
                demo_dir: &args.demo_dir,
                program: args.program.as_deref(),
                run: &args.run.run()?,
            })?;
            verify::run(&args.demo_dir, &args.model_dir, false)
        }
        Task::Preflight(args) => {
            let program = args.program.as_deref();
            let scene = run::Scene::new(&args.model_dir, args.encoder_dir.as_deref(), None)?;
            let report = run::preflight(&scene, program, &args.run.run()?, Vec::new())?;
            print!("{}", String::from_utf8(report.to_bytes())?);
            Ok(Verdict::of(report.is_ok()))
        }
        Task::BatchReceipts(args) => {
            let scene = run::Scene::new(&args.model_dir, None, Some(&args.demo_dir))?;
            let report = run::batch_receipts(&scene, &args.run.run()?)?;
            print!("{}", String::from_utf8(report.to_bytes())?);
            Ok(Verdict::Holds)
        }
        Task::Verify(args) => verify::run(&args.demo_dir, &args.model_dir, args.json),
    }
}
