//! `geno-lewm verify`: check receipts against a manifest, and a model directory against both.

mod files;
mod receipts;
mod revocation;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use geno_core::Digest;
use geno_provenance::ReceiptCheck;
use geno_runtime::ModelDir;

use self::files::VerifyFileError;
use crate::{
    failure::{Failure, UsageError},
    model_args::encoder_source,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Receipts: single ones, or one a line
    #[arg(value_name = "RECEIPT", required = true)]
    receipts: Vec<PathBuf>,

    /// Manifest of the model that wrote them [default: that of the model directory]
    #[arg(long, value_name = "FILE", required_unless_present = "model_dir")]
    manifest: Option<PathBuf>,

    /// Folder of the model: every file in it is checked too
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,

    /// Folder of the encoder's checkpoint, when the model directory does not hold it
    /// [env: GENO_LEWM_ENCODER_DIR]
    #[arg(long, value_name = "DIR", requires = "model_dir")]
    encoder_dir: Option<PathBuf>,

    /// Batch receipt that the receipts must be, all of them
    #[arg(long, value_name = "BATCH")]
    batch: Option<PathBuf>,

    /// Proof that the receipt, a single one, belongs to the batch
    #[arg(long, value_name = "PROOF", requires = "batch")]
    proof: Option<PathBuf>,

    #[command(flatten)]
    revocation: revocation::RevocationArgs,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let in_model = args
        .model_dir
        .as_ref()
        .map(|folder| folder.join("manifest.json"));
    let Some(path) = args.manifest.as_ref().or(in_model.as_ref()) else {
        let message = "`verify` needs `--manifest` or `--model-dir`".to_owned();
        return Err(UsageError(message).into());
    };
    let manifest = files::read(path)?;
    let check = ReceiptCheck::new(&manifest).map_err(|source| VerifyFileError::Manifest {
        path: path.clone(),
        source,
    })?;
    writeln!(out, "manifest  ok  {}", check.model_id()).map_err(Failure::stdout)?;
    args.revocation.check(check.model_id())?;

    if let Some(folder) = &args.model_dir {
        let model = ModelDir::open(folder, &encoder_source(args.encoder_dir.clone()))?;
        if model.manifest_digest() != Digest::of(&manifest) {
            return Err(VerifyFileError::OtherManifest { path: path.clone() }.into());
        }
        model.check()?;
        writeln!(out, "model     ok  {}", folder.display()).map_err(Failure::stdout)?;
    }

    let failures = receipts::check(args, &check, &mut out)?;
    match failures.into_iter().next() {
        None => writeln!(out, "ok").map_err(Failure::stdout),
        Some(first) => Err(first),
    }
}
