//! The `geno-lewm` command.

mod clock;
mod commands;
mod failure;
mod interrupt;
mod model_args;
#[cfg(feature = "update")]
mod network_args;
mod progress;
#[cfg(feature = "update")]
mod transfer_bar;
mod variant_arg;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    /// Score real variants with the embedded model, and verify the receipts
    Demo(commands::demo::Args),
    /// Install a newer version of a model beside the one in use, or go back
    #[cfg(feature = "update")]
    Update(commands::update::Args),
    /// Find or fetch the encoder of a model
    #[cfg(feature = "update")]
    Encoder(commands::encoder::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

#[expect(clippy::print_stderr, reason = "the one place that reports failure")]
fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Score(args) => commands::score::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Calibrate(args) => commands::calibrate::run(&args),
        Command::Backends(args) => commands::backends::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
        #[cfg(feature = "update")]
        Command::Update(args) => commands::update::run(&args),
        #[cfg(feature = "update")]
        Command::Encoder(args) => commands::encoder::run(&args),
        Command::Completions(args) => commands::completions::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}
