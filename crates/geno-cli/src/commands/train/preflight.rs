//! `train --preflight`: whether a training run can start.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::{Machine, config::Settings};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{indented_json, summary_json, training_run::PREFLIGHT_REPORT, write_atomic};
use geno_runtime::Backend;
use geno_training::{Preflight, PreflightReport, Severity};

use crate::{
    clock,
    failure::{Failure, UsageError, WriteError, required},
};

/// The configuration that is looked at: what holds, with all layers.
const EFFECTIVE_CONFIG: &str = "training_config.effective.yaml";

#[derive(clap::Args)]
pub(super) struct PreflightArgs {
    /// Folder of a dataset package
    #[arg(long, value_name = "DIR")]
    dataset_dir: Option<PathBuf>,

    /// The report [default: RUN_DIR/training_preflight_report.json]
    #[arg(long, value_name = "FILE", requires = "preflight")]
    preflight_output: Option<PathBuf>,

    /// Take a dataset made for tests
    #[arg(long)]
    allow_fixture_dataset: bool,

    /// Fail without a GPU
    #[arg(long, overrides_with = "no_require_accelerator")]
    require_accelerator: bool,

    /// Go without a GPU, the default
    #[arg(long, overrides_with = "require_accelerator")]
    no_require_accelerator: bool,

    /// Fail where this program cannot compute on the device of the configuration, the default
    #[arg(long, overrides_with = "no_require_native_runtime")]
    require_native_runtime: bool,

    /// Do not mind what this program can compute on
    #[arg(long, overrides_with = "require_native_runtime")]
    no_require_native_runtime: bool,

    /// Memory that the GPU must have, in GiB [default: any]
    #[arg(long, value_name = "GIB", value_parser = gibibytes)]
    min_cuda_vram_gb: Option<u64>,
}

/// The run cannot start; the report says why.
#[derive(Debug, thiserror::Error)]
#[error("the run cannot start: {0} in the report")]
struct NotReady(String);

impl Coded for NotReady {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

pub(super) fn run(
    args: &PreflightArgs,
    run_dir: &Path,
    settings: &Settings,
) -> Result<(), Failure> {
    let report = look(args, run_dir, settings)?;
    let output = args.preflight_output.clone();
    let output = output.unwrap_or_else(|| run_dir.join(PREFLIGHT_REPORT));
    write(&output, &format!("{}\n", indented_json(&report.to_json())))?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", summary_json(&report.to_json())).map_err(Failure::stdout)?;
    ready(&report)
}

/// Looks at everything, with the configuration written into the folder of the run.
fn look(
    args: &PreflightArgs,
    run_dir: &Path,
    settings: &Settings,
) -> Result<PreflightReport, Failure> {
    let encoder_dir = settings.paths.encoder_dir.as_deref();
    let encoder_dir = encoder_dir.ok_or_else(|| {
        UsageError("an encoder is needed: give `--encoder-dir` or set `paths.encoder_dir`".into())
    })?;
    let dataset_dir = required(&args.dataset_dir, "--dataset-dir")?;
    fs::create_dir_all(run_dir).map_err(|source| WriteError {
        what: format!("`{}`", run_dir.display()),
        source,
    })?;
    let config = run_dir.join(EFFECTIVE_CONFIG);
    write(&config, &settings.training_yaml)?;
    let backends = Backend::PRIORITY.map(Backend::probe);
    let preflight = Preflight {
        dataset_dir,
        encoder_dir,
        training_config: &config,
        run_dir,
        allow_fixture_dataset: args.allow_fixture_dataset,
        require_accelerator: args.require_accelerator,
        require_native_runtime: !args.no_require_native_runtime,
        min_device_bytes: args.min_cuda_vram_gb,
        backends: &backends,
        available_bytes: Machine::current().available_bytes,
        time: clock::now()?,
    };
    Ok(preflight.run())
}

fn ready(report: &PreflightReport) -> Result<(), Failure> {
    let issues = report.issues().iter();
    let errors = issues.filter(|issue| issue.severity == Severity::Error);
    match errors.count() {
        0 => Ok(()),
        1 => Err(NotReady("one error".to_owned()).into()),
        n => Err(NotReady(format!("{n} errors")).into()),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(write_atomic(path, |file| file.write_all(text.as_bytes()))?)
}

fn gibibytes(text: &str) -> Result<u64, String> {
    let gib = text
        .parse()
        .ok()
        .filter(|gib: &f64| gib.is_finite() && *gib > 0.0);
    let bytes = gib.map(|gib| (gib * f64::from(1 << 30)) as u64);
    bytes.ok_or_else(|| "expected a number above 0".to_owned())
}
