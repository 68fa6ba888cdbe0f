//! `geno-lewm verify`: check receipts against a manifest, and a model directory against both.

use std::{
    fs::{self, File},
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use geno_app::config::{Layers, Settings};
use geno_core::{Coded, Digest, ErrorCode, Event};
use geno_provenance::{ReadManifestError, ReceiptReader};
use geno_runtime::{ModelDir, ReceiptCheck};

use crate::{
    failure::{Failure, UsageError},
    model_args::encoder_source,
    shared_args::help_of,
};

/// Failures named in full for one file; the rest is counted.
const MAX_NAMED: usize = 3;

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
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
    }

    /// The model directory to check: one named here, or without a manifest the configuration's.
    fn model_dir<'a>(&'a self, settings: &'a Settings) -> Option<&'a Path> {
        match self.manifest {
            Some(_) => self.model_dir.as_deref(),
            None => settings.paths.model_dir.as_deref(),
        }
    }
}

/// A file that verification needs and cannot use.
#[derive(Debug, thiserror::Error)]
enum VerifyFileError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cannot use `{}`", path.display())]
    Manifest {
        path: PathBuf,
        source: ReadManifestError,
    },
    #[error("`{}` is not the manifest of the model directory", path.display())]
    OtherManifest { path: PathBuf },
}

impl Coded for VerifyFileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
            Self::OtherManifest { .. } => ErrorCode::ProvenanceManifestHashMismatch,
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
    let manifest = read(path)?;
    let check = ReceiptCheck::new(&manifest).map_err(|source| VerifyFileError::Manifest {
        path: path.clone(),
        source,
    })?;
    let started = Instant::now();
    let model_id = check.model_id();
    Event::ProvenanceVerifyStart { model_id }.emit();
    writeln!(out, "manifest  ok  {}", check.model_id()).map_err(Failure::stdout)?;

    if let Some(folder) = model_dir {
        let source = encoder_source(settings.paths.encoder_dir.as_deref());
        let model = ModelDir::open(folder, &source)?;
        if model.manifest_digest() != Digest::of(&manifest) {
            return Err(VerifyFileError::OtherManifest { path: path.clone() }.into());
        }
        model.check()?;
        writeln!(out, "model     ok  {}", folder.display()).map_err(Failure::stdout)?;
    }

    let (mut n_checked, mut failures) = (0, Vec::new());
    for path in &args.receipts {
        let (n_receipts, failed) = check_file(path, &check)?;
        let verdict = if failed.is_empty() { "ok" } else { "NO" };
        writeln!(
            out,
            "receipts  {verdict}  {n_receipts} in {}",
            path.display()
        )
        .map_err(Failure::stdout)?;
        n_checked += n_receipts;
        failures.extend(failed);
    }
    Event::ProvenanceVerifyEnd {
        ok: failures.is_empty(),
        n_receipts: n_checked,
        duration_ms: started.elapsed().as_secs_f64() * 1e3,
    }
    .emit();
    match failures.into_iter().next() {
        None => writeln!(out, "ok").map_err(Failure::stdout),
        Some(first) => Err(first),
    }
}

/// Checks every receipt of a file; how many there are, and the failures among them.
#[expect(clippy::print_stderr, reason = "every failure is worth a line")]
fn check_file(path: &Path, check: &ReceiptCheck) -> Result<(u64, Vec<Failure>), Failure> {
    let file = File::open(path).map_err(|source| VerifyFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    let mut reader = ReceiptReader::new(BufReader::with_capacity(1 << 18, file));
    let (mut n_receipts, mut n_failed, mut failures) = (0, 0, Vec::new());
    while let Some(receipt) = reader.next() {
        n_receipts += 1;
        let failure: Option<Failure> = match receipt {
            Ok(receipt) => check.check(&receipt).err().map(Failure::from),
            Err(error) => Some(error.into()),
        };
        if let Some(failure) = failure {
            n_failed += 1;
            if let Some(error_code) = failure.code() {
                Event::ProvenanceVerifyMismatch {
                    kind: "receipt",
                    error_code,
                    expected: None,
                    got: None,
                }
                .emit();
            }
            if n_failed <= MAX_NAMED {
                eprintln!("{}, line {}: {failure}", path.display(), reader.line());
                failures.push(failure);
            }
        }
    }
    if n_failed > MAX_NAMED {
        eprintln!("{}: {} more", path.display(), n_failed - MAX_NAMED);
    }
    Ok((n_receipts, failures))
}

fn read(path: &Path) -> Result<Vec<u8>, VerifyFileError> {
    fs::read(path).map_err(|source| VerifyFileError::Io {
        path: path.to_owned(),
        source,
    })
}
