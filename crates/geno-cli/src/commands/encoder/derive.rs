//! `geno-lewm encoder slice` and `convert`: a checkpoint made from another.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::config::{Layers, Settings};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{Manifest, ReadManifestError, write_atomic};
use geno_runtime::{ConvertTo, Derivation, DerivedEncoder, derive_encoder};

use crate::failure::{Failure, UsageError};

#[derive(clap::Args)]
pub(crate) struct SliceArgs {
    #[command(flatten)]
    paths: PathArgs,
}

#[derive(clap::Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    paths: PathArgs,

    /// The format of all weights: fp32 or bf16
    #[arg(long, value_name = "DTYPE")]
    dtype: String,
}

#[derive(clap::Args)]
struct PathArgs {
    /// The folder of a checkpoint, or a GGUF file
    source: PathBuf,

    /// The folder to make; it must not exist
    target: PathBuf,

    /// Write the manifest of the model with the new encoder in place of the one it names
    #[arg(long, value_name = "FILE")]
    manifest_output: Option<PathBuf>,

    /// That model [key: paths.model_dir]
    #[arg(long, value_name = "DIR", requires = "manifest_output")]
    model_dir: Option<PathBuf>,
}

/// The model's manifest cannot be used.
#[derive(Debug, thiserror::Error)]
enum ManifestError {
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot use `{}`", path.display())]
    Manifest {
        path: PathBuf,
        source: ReadManifestError,
    },
}

impl Coded for ManifestError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ErrorCode::ResourceModelNotFound
            }
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
        }
    }
}

impl SliceArgs {
    pub(super) fn add_to(&self, layers: &mut Layers) {
        self.paths.add_to(layers);
    }
}

impl ConvertArgs {
    pub(super) fn add_to(&self, layers: &mut Layers) {
        self.paths.add_to(layers);
    }
}

impl PathArgs {
    fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
    }
}

pub(super) fn slice(args: &SliceArgs, settings: &Settings) -> Result<(), Failure> {
    derive(&args.paths, Derivation::Slice, settings)
}

pub(super) fn convert(args: &ConvertArgs, settings: &Settings) -> Result<(), Failure> {
    let to: ConvertTo = args.dtype.parse()?;
    derive(&args.paths, Derivation::Convert(to), settings)
}

fn derive(args: &PathArgs, derivation: Derivation, settings: &Settings) -> Result<(), Failure> {
    // Read first, so that nothing is made for a model that is not there.
    let manifest = match &args.manifest_output {
        None => None,
        Some(output) => {
            let folder = settings.paths.model_dir.as_deref().ok_or_else(|| {
                UsageError("`--manifest-output` needs a model: give `--model-dir`".to_owned())
            })?;
            Some((output, read_manifest(folder)?))
        }
    };
    let by = concat!("geno-lewm ", env!("CARGO_PKG_VERSION"));
    let derived = derive_encoder(&args.source, &args.target, derivation, by)?;
    writeln!(io::stdout(), "{}", summary(args, &derived)).map_err(Failure::stdout)?;
    if let Some((output, manifest)) = manifest {
        let bound = derived.bind(&manifest)?;
        write_atomic(output, |file| file.write_all(&bound.to_bytes()))?;
        let (path, id) = (output.display(), bound.model_id());
        writeln!(io::stdout(), "manifest  {path}, model {id}").map_err(Failure::stdout)?;
    }
    Ok(())
}

fn read_manifest(folder: &Path) -> Result<Manifest, ManifestError> {
    let path = folder.join("manifest.json");
    match fs::read(&path) {
        Err(source) => Err(ManifestError::Read { path, source }),
        Ok(bytes) => {
            Manifest::parse(&bytes).map_err(|source| ManifestError::Manifest { path, source })
        }
    }
}

fn summary(args: &PathArgs, derived: &DerivedEncoder) -> String {
    let step = derived.lineage.steps.last();
    let from = step.map(|step| format!("made from {}: {}\n", step.from, step.did));
    let target = args.target.display();
    let (size, digest) = (derived.size, derived.digest);
    format!(
        "{}encoder   {digest}, {size} bytes\nfolder    {target}",
        from.unwrap_or_default()
    )
}
