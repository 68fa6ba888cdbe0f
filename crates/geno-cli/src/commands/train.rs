//! `geno-lewm train`: everything about a training run.
//!
//! Each mode has a module; exactly one is asked for.

#[cfg(feature = "experimental")]
mod lora_args;
mod objective_args;
mod package;
mod predictor;
mod preflight;
mod record;
mod schedule_args;
mod smoke;

use std::{env, path::PathBuf};

use geno_app::{
    Build,
    config::{Layers, Settings},
};
use geno_provenance::{Label, training_run::RunOrigin};
use geno_runtime::BackendError;
use geno_training::{TrainingConfig, recorded_command};

use crate::{
    clock,
    failure::{Failure, required},
    model_args::MachineArgs,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    mode: Mode,

    /// Folder of the run
    #[arg(long, value_name = "DIR", required_unless_present_any = ["print_config", "explain"])]
    run_dir: Option<PathBuf>,

    /// Steps of the whole run [default: 50 for a fixture run] [key: training.max_steps]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,

    /// Checkpoint to go on from [default: the last one in the folder]
    #[arg(long, value_name = "PATH", conflicts_with = "preflight")]
    resume_from: Option<PathBuf>,

    /// Configuration of the run, above those of `--config`
    #[arg(long, value_name = "FILE")]
    training_config: Option<PathBuf>,

    /// Folder of the encoder's checkpoint [key: paths.encoder_dir]
    #[arg(long, value_name = "DIR", alias = "carbon-model-dir")]
    encoder_dir: Option<PathBuf>,

    /// Write manifest, card and checksums of the run when it is over; without `--targets`, of the run
    /// that the folder holds
    #[arg(long, conflicts_with_all = ["fixture_smoke", "preflight"])]
    package_release_run: bool,

    #[command(flatten)]
    preflight: preflight::PreflightArgs,

    #[command(flatten)]
    predictor: predictor::PredictorArgs,

    #[command(flatten)]
    machine: MachineArgs,
}

/// What to do; one of these.
#[derive(clap::Args)]
#[group(id = "mode", multiple = false)]
struct Mode {
    /// Write all files of a run that trains nothing, to try what surrounds training
    #[arg(long)]
    fixture_smoke: bool,

    /// Look whether a run can start, and write what was found
    #[arg(long, alias = "carbon-preflight")]
    preflight: bool,

    /// Train, as without a mode
    #[arg(long)]
    carbon_train: bool,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        if let Some(path) = &self.training_config {
            layers.file(path);
        }
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
        // A fixture run has a length of its own.
        let steps = self.steps.filter(|_| !self.mode.fixture_smoke);
        layers.flag_if("training.max_steps", "--steps", steps);
        self.machine.add_to(layers)
    }

    /// Whether a run that is over is to be packaged, and nothing says what to train.
    fn only_packages(&self) -> bool {
        let trains =
            self.predictor.has_sets() || self.steps.is_some() || self.resume_from.is_some();
        self.package_release_run && !trains
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let run_dir = required(&args.run_dir, "--run-dir")?;
    if args.mode.preflight {
        return preflight::run(&args.preflight, run_dir, settings);
    }
    if args.only_packages() {
        return package::run(run_dir);
    }
    let config = TrainingConfig::from_yaml(settings.training_yaml.as_bytes())?;
    if args.mode.fixture_smoke {
        return smoke::run(args, run_dir, &config, settings);
    }
    predictor::run(args, run_dir, &config, settings)?;
    match args.package_release_run {
        true => package::run(run_dir),
        false => Ok(()),
    }
}

/// Where the run comes from: this program, as it was called, now.
fn origin() -> Result<RunOrigin, Failure> {
    let build = Build::current();
    let args: Vec<String> = env::args().skip(1).collect();
    let command = recorded_command("geno-lewm", args.iter().map(String::as_str));
    Ok(RunOrigin {
        command: Label::new(command)?,
        commit: build.git_sha.and_then(|sha| sha.parse().ok()),
        version: build.code_state().version,
        time: Some(clock::now()?),
    })
}
