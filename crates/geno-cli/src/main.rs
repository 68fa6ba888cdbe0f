//! The `geno-lewm` command.

mod clock;
mod commands;
mod failure;
mod interrupt;
mod model_args;
mod prepare;
mod progress;
mod shared_args;
mod variant_arg;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use geno_app::config::{self, Layers};

use crate::{failure::Failure, shared_args::SharedArgs};

/// Score genomic variants by the surprise of a latent world model
///
/// A research tool, not a clinical diagnostic. Everything runs on this machine.
#[derive(Parser)]
#[command(
    name = "geno-lewm",
    version,
    args_conflicts_with_subcommands = true,
    override_usage = "geno-lewm <COMMAND> [OPTIONS]"
)]
struct Cli {
    // Shared options stand after the command alone: of one that stands before and after, the parser
    // would keep the last and drop the other.
    #[command(flatten)]
    shared: SharedArgs,

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
    /// Print what a configuration may hold
    Config(commands::config::Args),
    /// List the backends and why each can or cannot be used
    Backends(commands::backends::Args),
    /// Score real variants with the embedded model, and verify the receipts
    Demo(commands::demo::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

impl Command {
    /// The command's name, for what its configuration is said to do.
    fn name(&self) -> &'static str {
        match self {
            Self::Score(_) => "score",
            Self::Verify(_) => "verify",
            Self::Calibrate(_) => "calibrate",
            Self::Config(_) => "config",
            Self::Backends(_) => "backends",
            Self::Demo(_) => "demo",
            Self::Completions(_) => "completions",
        }
    }

    /// Adds the command's own flags that stand for keys of the configuration.
    fn add_to(&self, layers: &mut Layers) -> Result<(), Failure> {
        match self {
            Self::Score(args) => args.add_to(layers)?,
            Self::Verify(args) => args.add_to(layers),
            Self::Calibrate(args) => args.add_to(layers)?,
            Self::Demo(args) => args.add_to(layers)?,
            Self::Config(_) | Self::Backends(_) | Self::Completions(_) => {}
        }
        Ok(())
    }
}

#[expect(clippy::print_stderr, reason = "the one place that reports failure")]
fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

#[expect(clippy::print_stderr, reason = "warnings stand beside the data")]
fn run(Cli { shared, command }: &Cli) -> Result<(), Failure> {
    if let Some(key) = &shared.explain {
        return print(&config::explain(key)?);
    }
    let mut layers = shared.layers();
    command.add_to(&mut layers)?;
    let effective = layers.resolve()?;
    for warning in effective.warnings(command.name()) {
        eprintln!("warning: {warning}");
    }
    if shared.print_config {
        return print(&effective.to_yaml());
    }

    prepare::prepare(&effective)?;
    let settings = effective.settings();
    match command {
        Command::Score(args) => commands::score::run(args, &settings),
        Command::Verify(args) => commands::verify::run(args, &settings),
        Command::Calibrate(args) => commands::calibrate::run(args, &settings),
        Command::Config(args) => commands::config::run(args),
        Command::Backends(args) => commands::backends::run(args),
        Command::Demo(args) => commands::demo::run(args, &settings),
        Command::Completions(args) => commands::completions::run(args),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::stdout)
}
