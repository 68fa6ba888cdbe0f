//! The `geno-lewm` command.

mod annotations;
#[cfg(test)]
mod api;
mod banner;
mod clock;
mod commands;
mod deprecations;
mod failure;
mod interrupt;
mod label_args;
mod model_args;
#[cfg(feature = "update")]
mod network_args;
mod partial_run;
mod prepare;
mod progress;
mod report_args;
mod run_state;
mod salt_file;
mod shard_args;
mod shared_args;
mod signal_args;
mod strands_arg;
#[cfg(feature = "update")]
mod transfer_bar;
mod variant_arg;
mod variant_window;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use geno_app::{
    Telemetry,
    config::{self, Layers, Settings},
};

use crate::{failure::Failure, shared_args::SharedArgs};

/// Score genomic variants by the surprise of a latent world model
///
/// A research tool, not a clinical diagnostic. Everything is computed on this machine, and no command
/// but `update` and `encoder fetch` can open a connection.
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
    /// Score a VCF by Carbon's likelihood alone: the baseline that a model is compared with
    CarbonBaseline(Box<commands::carbon_baseline::Args>),
    /// Predict the state after a haplotype, or after each variant of a VCF
    Predict(Box<commands::predict::Args>),
    /// Roll the haplotypes of a phased VCF, and say how near the predicted states come
    Rollout(Box<commands::rollout::Args>),
    /// Evaluate scores against labels, and compare them to baselines
    Eval(Box<commands::eval::Args>),
    /// Put evaluations together into one document and a report, and check that nothing is missing
    EvalAll(commands::eval_all::Args),
    /// List, show, prepare and run benchmarks
    #[command(subcommand, args_conflicts_with_subcommands = true)]
    Benchmark(commands::benchmark::Command),
    /// Check receipts against a manifest, and a model directory against both
    Verify(Box<commands::verify::Args>),
    /// Make and prove batch receipts, and show the salt of a row
    Receipt(commands::receipt::Args),
    /// Put scores, metrics and receipts on one page, to look at in a browser
    Report(Box<commands::report::Args>),
    /// Search for edits whose predicted state reaches a target
    Plan(Box<commands::plan::Args>),
    /// Make a model directory from trained weights
    Export(Box<commands::export::Args>),
    /// Build a calibration table from a background VCF
    Calibrate(Box<commands::calibrate::Args>),
    /// Write what there is to know of a model: what it is of, how it did, what speaks against it
    ModelCard(commands::model_card::Args),
    /// Compute reference states once and keep them, and look after what is kept
    #[command(subcommand, args_conflicts_with_subcommands = true)]
    CacheWindows(commands::cache_windows::Command),
    /// Cut windows to train on from a genome or a corpus
    Windows(Box<commands::windows::Args>),
    /// Make a shard of the variants of a gnomAD VCF
    PrepareGnomad(commands::prepare_gnomad::Args),
    /// Make a shard of the variants of a ClinVar VCF
    PrepareClinvar(commands::prepare_clinvar::Args),
    /// Turn the raw data of a testing service into a VCF
    Import(Box<commands::import::Args>),
    /// Add region, repeat, gene and consequence to the INFO column of a VCF
    Annotate(Box<commands::annotate::Args>),
    /// Draw training tuples: windows, edits of them, and the edited windows
    Tuples(Box<commands::tuples::Args>),
    /// Pretrain a small encoder on genomes, and compare it with Markov models
    Pretrain(Box<commands::pretrain::Args>),
    /// Train the predictor and the action encoder over stored states
    Train(Box<commands::train::Args>),
    /// Compute the states of training examples once, into a folder that training reads
    Targets(Box<commands::targets::Args>),
    /// Print what a configuration may hold
    Config(commands::config::Args),
    /// List the backends and why each can or cannot be used
    Backends(commands::backends::Args),
    /// Say what the program finds on this machine, to paste into a report
    Doctor(commands::doctor::Args),
    /// Score real variants with the embedded model, and verify the receipts
    Demo(commands::demo::Args),
    /// Write, check or show the manifest of an experiment
    #[command(subcommand, args_conflicts_with_subcommands = true)]
    Experiment(commands::experiment::Command),
    /// Show what a run stood on, or what differs between two runs
    #[command(subcommand, args_conflicts_with_subcommands = true)]
    Envelope(commands::envelope::Command),
    /// Install a newer version of a model beside the one in use, or go back
    #[cfg(feature = "update")]
    Update(commands::update::Args),
    /// Find or fetch the encoder of a model, say what one holds, or make one from another
    Encoder(commands::encoder::Args),
    /// Print a completion script for a shell
    Completions(commands::completions::Args),
}

impl Command {
    /// The command's name, for the log and for what its configuration is said to do.
    fn name(&self) -> &'static str {
        match self {
            Self::Score(_) => "score",
            Self::CarbonBaseline(_) => "carbon-baseline",
            Self::Predict(_) => "predict",
            Self::Rollout(_) => "rollout",
            Self::Eval(_) => "eval",
            Self::EvalAll(_) => "eval-all",
            Self::Benchmark(_) => "benchmark",
            Self::Verify(_) => "verify",
            Self::Receipt(_) => "receipt",
            Self::Report(_) => "report",
            Self::Plan(_) => "plan",
            Self::Export(_) => "export",
            Self::Calibrate(_) => "calibrate",
            Self::ModelCard(_) => "model-card",
            Self::CacheWindows(_) => "cache-windows",
            Self::Windows(_) => "windows",
            Self::PrepareGnomad(_) => "prepare-gnomad",
            Self::PrepareClinvar(_) => "prepare-clinvar",
            Self::Import(_) => "import",
            Self::Annotate(_) => "annotate",
            Self::Tuples(_) => "tuples",
            Self::Pretrain(_) => "pretrain",
            Self::Train(_) => "train",
            Self::Targets(_) => "targets",
            Self::Config(_) => "config",
            Self::Backends(_) => "backends",
            Self::Doctor(_) => "doctor",
            Self::Demo(_) => "demo",
            Self::Experiment(_) => "experiment",
            Self::Envelope(_) => "envelope",
            #[cfg(feature = "update")]
            Self::Update(_) => "update",
            Self::Encoder(_) => "encoder",
            Self::Completions(_) => "completions",
        }
    }

    /// Adds the command's own flags that stand for keys of the configuration.
    fn add_to(&self, layers: &mut Layers) -> Result<(), Failure> {
        match self {
            Self::Score(args) => args.add_to(layers)?,
            Self::CarbonBaseline(args) => args.add_to(layers),
            Self::Predict(args) => args.add_to(layers)?,
            Self::Rollout(args) => args.add_to(layers)?,
            Self::Benchmark(command) => command.add_to(layers)?,
            Self::Verify(args) => args.add_to(layers)?,
            Self::Plan(args) => args.add_to(layers)?,
            Self::Export(args) => args.add_to(layers),
            Self::Calibrate(args) => args.add_to(layers)?,
            Self::ModelCard(args) => args.add_to(layers),
            Self::CacheWindows(command) => command.add_to(layers)?,
            Self::Pretrain(args) => args.add_to(layers)?,
            Self::Targets(args) => args.add_to(layers)?,
            Self::Demo(args) => args.add_to(layers)?,
            Self::Train(args) => args.add_to(layers)?,
            Self::Doctor(args) => args.add_to(layers),
            Self::Experiment(command) => command.add_to(layers)?,
            #[cfg(feature = "update")]
            Self::Update(args) => args.add_to(layers),
            Self::Encoder(args) => args.add_to(layers),
            _ => {}
        }
        Ok(())
    }

    /// Whether it is one of the two commands that have to reach a host.
    fn opens_connections(&self) -> bool {
        #[cfg(feature = "update")]
        if let Self::Update(_) = self {
            return true;
        }
        if let Self::Encoder(args) = self {
            return args.opens_connections();
        }
        false
    }

    fn run(&self, settings: &Settings) -> Result<(), Failure> {
        match self {
            Self::Score(args) => commands::score::run(args, settings),
            Self::CarbonBaseline(args) => commands::carbon_baseline::run(args, settings),
            Self::Predict(args) => commands::predict::run(args, settings),
            Self::Rollout(args) => commands::rollout::run(args, settings),
            Self::Eval(args) => commands::eval::run(args, settings),
            Self::EvalAll(args) => commands::eval_all::run(args),
            Self::Benchmark(command) => commands::benchmark::run(command, settings),
            Self::Verify(args) => commands::verify::run(args, settings),
            Self::Receipt(args) => commands::receipt::run(args),
            Self::Report(args) => commands::report::run(args, settings),
            Self::Plan(args) => commands::plan::run(args, settings),
            Self::Export(args) => commands::export::run(args, settings),
            Self::Calibrate(args) => commands::calibrate::run(args, settings),
            Self::ModelCard(args) => commands::model_card::run(args, settings),
            Self::CacheWindows(command) => commands::cache_windows::run(command, settings),
            Self::Windows(args) => commands::windows::run(args, settings),
            Self::PrepareGnomad(args) => commands::prepare_gnomad::run(args, settings),
            Self::PrepareClinvar(args) => commands::prepare_clinvar::run(args, settings),
            Self::Import(args) => commands::import::run(args, settings),
            Self::Annotate(args) => commands::annotate::run(args, settings),
            Self::Tuples(args) => commands::tuples::run(args, settings),
            Self::Pretrain(args) => commands::pretrain::run(args, settings),
            Self::Train(args) => commands::train::run(args, settings),
            Self::Targets(args) => commands::targets::run(args, settings),
            Self::Config(args) => commands::config::run(args),
            Self::Backends(args) => commands::backends::run(args),
            Self::Doctor(args) => commands::doctor::run(args, settings),
            Self::Demo(args) => commands::demo::run(args, settings),
            Self::Experiment(command) => commands::experiment::run(command, settings),
            Self::Envelope(command) => commands::envelope::run(command),
            #[cfg(feature = "update")]
            Self::Update(args) => commands::update::run(args, settings),
            Self::Encoder(args) => commands::encoder::run(args, settings),
            Self::Completions(args) => commands::completions::run(args),
        }
    }
}

fn main() -> ExitCode {
    geno_kernels::keep_freed_memory();
    let cli = Cli::parse();
    let (settings, telemetry) = match begin(&cli) {
        Ok(Some(begun)) => begun,
        Ok(None) => return ExitCode::SUCCESS,
        Err(failure) => return report(Some(failure)).into(),
    };
    let failure = cli.command.run(&settings).err();
    let code = failure.as_ref().and_then(Failure::code);
    let exit_code = report(failure);
    match telemetry.finish(exit_code, code) {
        Err(error) if exit_code == 0 => report(Some(error.into())).into(),
        Err(error) => {
            report(Some(error.into()));
            exit_code.into()
        }
        Ok(()) => exit_code.into(),
    }
}

/// Resolves the configuration and sets the process up; nothing if all that was asked for is
/// printed.
#[expect(clippy::print_stderr, reason = "warnings stand beside the data")]
fn begin(Cli { shared, command }: &Cli) -> Result<Option<(Settings, Telemetry)>, Failure> {
    if let Some(key) = &shared.explain {
        return print(&config::explain(key)?);
    }
    let mut layers = shared.layers();
    command.add_to(&mut layers)?;
    let effective = layers.resolve()?;
    for warning in effective.warnings(command.name()) {
        eprintln!("warning: {warning}");
    }
    for deprecation in deprecations::used(command.name(), env::args_os().skip(1)) {
        eprintln!("warning: {}", deprecation.warning());
    }
    if shared.print_config {
        return print(&effective.to_yaml());
    }
    let settings = effective.settings();
    let telemetry = prepare::prepare(command.name(), &settings, command.opens_connections())?;
    Ok(Some((settings, telemetry)))
}

fn print<T>(text: &str) -> Result<Option<T>, Failure> {
    let written = io::stdout().write_all(text.as_bytes());
    written.map_err(Failure::stdout)?;
    Ok(None)
}

/// Prints a failure; the exit code that it leads to. A reader that closed early is none.
#[expect(clippy::print_stderr, reason = "the one place that reports failure")]
fn report(failure: Option<Failure>) -> u8 {
    let failure = failure.filter(|failure| !failure.is_broken_pipe());
    failure.map_or(0, |failure| {
        eprintln!("{failure}");
        if let Some(hint) = failure.hint() {
            eprintln!("hint: {hint}");
        }
        failure.exit_code()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Arguments of a command and of all below it that are called like one of `global`.
    fn shadowed(command: &clap::Command, global: &[&str]) -> Vec<String> {
        let below = command.get_subcommands();
        let below = below.flat_map(|one| {
            let arguments = one.get_arguments();
            let own = arguments.filter(|argument| global.contains(&argument.get_id().as_str()));
            let own: Vec<String> = own
                .map(|argument| format!("{} of {}", argument.get_id(), one.get_name()))
                .collect();
            own.into_iter().chain(shadowed(one, global))
        });
        below.collect()
    }

    /// One of the two would silently have the value of the other.
    #[test]
    fn no_argument_of_a_subcommand_is_called_like_a_global_one() {
        // Before it is built, where global arguments are not yet handed down.
        let program = Cli::command();
        let global = program.get_arguments().filter(|one| one.is_global_set());
        let global: Vec<&str> = global.map(|one| one.get_id().as_str()).collect();
        assert!(global.contains(&"metrics"), "{global:?}");
        assert_eq!(shadowed(&program, &global), Vec::<String>::new());

        let inner = clap::Command::new("inner").arg(clap::Arg::new("metrics"));
        let outer = clap::Command::new("outer").subcommand(inner);
        let wrong = clap::Command::new("program").subcommand(outer);
        assert_eq!(shadowed(&wrong, &global), ["metrics of inner"]);
    }
}
