//! The `geno-lewm` command.

mod clock;
mod commands;
mod failure;
mod interrupt;
mod model_args;
mod progress;
mod variant_arg;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use geno_app::TelemetryOptions;

use crate::failure::Failure;

/// Score genomic variants by the surprise of a latent world model
///
/// A research tool, not a clinical diagnostic. Everything runs on this machine.
#[derive(Parser)]
#[command(name = "geno-lewm", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Score variants: a VCF against a FASTA, or a single variant
    Score(Box<commands::score::Args>),
    /// Check receipts against a manifest, and a model directory against both
    Verify(commands::verify::Args),
    /// Build a calibration table from a background VCF
    Calibrate(commands::calibrate::Args),
    /// List the backends and why each can or cannot be used
    Backends(commands::backends::Args),
    /// Say what the program finds on this machine, to paste into a report
    Doctor(commands::doctor::Args),
    /// Score real variants with the embedded model, and verify the receipts
    Demo(commands::demo::Args),
    /// Write, check or show the manifest of an experiment
    #[command(subcommand)]
    Experiment(commands::experiment::Command),
    /// Show what a run stood on, or what differs between two runs
    #[command(subcommand)]
    Envelope(commands::envelope::Command),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Score(_) => "score",
            Self::Verify(_) => "verify",
            Self::Calibrate(_) => "calibrate",
            Self::Backends(_) => "backends",
            Self::Doctor(_) => "doctor",
            Self::Demo(_) => "demo",
            Self::Experiment(_) => "experiment",
            Self::Envelope(_) => "envelope",
            Self::Completions(_) => "completions",
        }
    }

    fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Score(args) => commands::score::run(args),
            Self::Verify(args) => commands::verify::run(args),
            Self::Calibrate(args) => commands::calibrate::run(args),
            Self::Backends(args) => commands::backends::run(args),
            Self::Doctor(args) => commands::doctor::run(args),
            Self::Demo(args) => commands::demo::run(args),
            Self::Experiment(command) => commands::experiment::run(command),
            Self::Envelope(command) => commands::envelope::run(command),
            Self::Completions(args) => commands::completions::run(args),
        }
    }
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    let telemetry = geno_app::prepare(command.name(), TelemetryOptions::default(), true);
    let failure = command.run().err();
    let failure = failure.filter(|failure| !failure.is_broken_pipe());
    let mut exit_code = report(failure.as_ref());
    let code = failure.as_ref().and_then(Failure::code);
    if let Err(error) = telemetry.finish(exit_code, code) {
        let metrics = report(Some(&error.into()));
        exit_code = if exit_code == 0 { metrics } else { exit_code };
    }
    exit_code.into()
}

/// Prints a failure; the exit code that it leads to.
#[expect(clippy::print_stderr, reason = "the one place that reports failure")]
fn report(failure: Option<&Failure>) -> u8 {
    failure.map_or(0, |failure| {
        eprintln!("{failure}");
        failure.exit_code()
    })
}
