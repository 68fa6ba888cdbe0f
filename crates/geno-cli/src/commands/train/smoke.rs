//! `train --fixture-smoke`: a run that trains nothing, with all its files.

use std::{
    io::{self, Write},
    path::Path,
};

use geno_app::config::Settings;
use geno_provenance::summary_json;
use geno_training::{FixtureSmoke, TrainingConfig};

use super::{Args, origin};
use crate::failure::Failure;

/// Steps, unless they are given. `training.max_steps` is the length of real runs only.
const STEPS: u64 = 50;

pub(super) fn run(
    args: &Args,
    run_dir: &Path,
    config: &TrainingConfig,
    settings: &Settings,
) -> Result<(), Failure> {
    let smoke = FixtureSmoke {
        config,
        config_yaml: &settings.training_yaml,
        run_dir,
        steps: args.steps.unwrap_or(STEPS),
        resume_from: args.resume_from.as_deref(),
        origin: origin()?,
    };
    let report = smoke.run()?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", summary_json(&report.to_json())).map_err(Failure::stdout)
}
