//! `geno-lewm verify`: check receipts against a manifest, and a model directory against both.

mod files;
mod receipts;
mod rerun;
mod revocation;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use geno_app::config::{Layers, Settings};
use geno_core::{Digest, Event};
use geno_provenance::ReceiptCheck;
use geno_runtime::{BackendError, ModelDir};

use self::files::VerifyFileError;
use crate::{
    failure::{Failure, UsageError},
    model_args::encoder_source,
    shared_args::help_of,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Receipts: single ones, or one a line
    #[arg(value_name = "RECEIPT", required_unless_present_any = ["print_config", "explain"])]
    receipts: Vec<PathBuf>,

    /// Manifest of the model that wrote them [default: that of the model directory]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Folder of the model: every file in it is checked too. With `--manifest`, a configuration's
    /// `paths.model_dir` does not count
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = help_of("paths.encoder_dir"))]
    encoder_dir: Option<PathBuf>,

    #[arg(long, value_name = "FILE", help = help_of("paths.calibration"))]
    calibration: Option<PathBuf>,

    /// Batch receipt that the receipts must be, all of them
    #[arg(long, value_name = "BATCH")]
    batch: Option<PathBuf>,

    /// Proof that the receipt, a single one, belongs to the batch
    #[arg(long, value_name = "PROOF", requires = "batch")]
    proof: Option<PathBuf>,

    #[command(flatten)]
    revocation: revocation::RevocationArgs,

    #[command(flatten)]
    rerun: rerun::RerunArgs,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
        let calibration = self.calibration.as_deref();
        layers.flag_if("paths.calibration", "--calibration", calibration);
        self.rerun.add_to(layers)
    }

    /// The model directory to check: one named here, or without a manifest the configuration's.
    fn model_dir<'a>(&'a self, settings: &'a Settings) -> Option<&'a Path> {
        match self.manifest {
            Some(_) => self.model_dir.as_deref(),
            None => settings.paths.model_dir.as_deref(),
        }
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let model_dir = args.model_dir(settings);
    if args.encoder_dir.is_some() && model_dir.is_none() {
        return Err(UsageError("`--encoder-dir` needs `--model-dir`".to_owned()).into());
    }
    let in_model = model_dir.map(|folder| folder.join("manifest.json"));
    let Some(path) = args.manifest.as_ref().or(in_model.as_ref()) else {
        let message = "`verify` needs `--manifest` or `--model-dir`".to_owned();
        return Err(UsageError(message).into());
    };
    let manifest = files::read(path)?;
    let mut check = ReceiptCheck::new(&manifest).map_err(|source| VerifyFileError::Manifest {
        path: path.clone(),
        source,
    })?;
    if let Some(table) = &settings.paths.calibration {
        check = check.with_calibration(Digest::of(&files::read(table)?));
    }
    let started = Instant::now();
    let model_id = check.model_id();
    Event::ProvenanceVerifyStart { model_id }.emit();
    writeln!(out, "manifest  ok  {}", check.model_id()).map_err(Failure::stdout)?;
    args.revocation.check(check.model_id())?;

    let model = match model_dir {
        None => None,
        Some(folder) => Some(ModelDir::open(folder, &encoder_source(&settings.paths))?),
    };
    if let Some(model) = &model {
        if model.manifest_digest() != Digest::of(&manifest) {
            return Err(VerifyFileError::OtherManifest { path: path.clone() }.into());
        }
        model.check()?;
        writeln!(out, "model     ok  {}", model.path().display()).map_err(Failure::stdout)?;
    }

    let (n_receipts, failures) = receipts::check(args, &check, &mut out)?;
    Event::ProvenanceVerifyEnd {
        ok: failures.is_empty(),
        n_receipts,
        duration_ms: started.elapsed().as_secs_f64() * 1e3,
    }
    .emit();
    if let Some(first) = failures.into_iter().next() {
        return Err(first);
    }
    let rerun = &args.rerun;
    rerun.run(&args.receipts, model.as_ref(), settings, &mut out)?;
    writeln!(out, "ok").map_err(Failure::stdout)
}
