//! `geno-lewm encoder slice` and `convert`: a checkpoint made from another.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::config::{Layers, Settings};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{Manifest, ReadManifestError, write_atomic};
use geno_runtime::{
    BindError, ConvertTo, Derivation, DerivedEncoder, convert_measured, derive_encoder,
};

use super::{
    measure::{MeasureArgs, MeasureInputs},
    measured_lines::lines,
};
use crate::failure::{Failure, UsageError};

/// What new checkpoints say that they were made by.
const BY: &str = concat!("geno-lewm ", env!("CARGO_PKG_VERSION"));

#[derive(clap::Args)]
pub(crate) struct SliceArgs {
    #[command(flatten)]
    paths: PathArgs,
}

#[derive(clap::Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    paths: PathArgs,

    /// The format of the new weights: fp32, bf16 or int8, which needs `--fasta`
    #[arg(long, value_name = "DTYPE")]
    dtype: String,

    /// The configuration of the model with the new encoder: for int8, one that says `dtype: int8`
    #[arg(long, value_name = "FILE", requires = "manifest_output")]
    model_config: Option<PathBuf>,

    #[command(flatten)]
    measure: MeasureArgs,
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

    /// The model of the old encoder [key: paths.model_dir]
    #[arg(long, value_name = "DIR")]
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
    let binding = args.paths.binding(settings)?;
    let (source, target) = (&args.paths.source, &args.paths.target);
    let derived = derive_encoder(source, target, Derivation::Slice, BY)?;
    finish(&args.paths, &derived, binding, None)
}

pub(super) fn convert(args: &ConvertArgs, settings: &Settings) -> Result<(), Failure> {
    let to: ConvertTo = args.dtype.parse()?;
    let config = args.model_config.as_ref().map(read_config).transpose()?;
    let binding = args.paths.binding(settings)?;
    if to == ConvertTo::Int8 && binding.is_some() && config.is_none() {
        return Err(BindError::NoInt8Config.into());
    }
    let (source, target) = (&args.paths.source, &args.paths.target);
    let derived = match args.measure.fasta() {
        None if to == ConvertTo::Int8 => {
            let message = "int8 is written behind a measured error alone: give `--fasta`";
            return Err(UsageError(message.to_owned()).into());
        }
        None => derive_encoder(source, target, Derivation::Convert(to), BY)?,
        Some(fasta) => {
            let inputs = MeasureInputs::of(&args.measure, fasta, settings)?;
            convert_measured(source, target, to, BY, &inputs.request())?
        }
    };
    finish(&args.paths, &derived, binding, config.as_deref())
}

/// The manifest of a model that is to be written anew, and where.
type Binding<'a> = Option<(&'a Path, Manifest)>;

impl PathArgs {
    /// Read first, so that nothing is made for a model that is not there.
    fn binding(&self, settings: &Settings) -> Result<Binding<'_>, Failure> {
        let Some(output) = &self.manifest_output else {
            return Ok(None);
        };
        let folder = settings.paths.model_dir.as_deref().ok_or_else(|| {
            UsageError("`--manifest-output` needs a model: give `--model-dir`".to_owned())
        })?;
        Ok(Some((output, read_manifest(folder)?)))
    }
}

fn finish(
    args: &PathArgs,
    derived: &DerivedEncoder,
    binding: Binding<'_>,
    config: Option<&[u8]>,
) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", summary(args, derived)).map_err(Failure::stdout)?;
    if let Some((output, manifest)) = binding {
        let bound = derived.bind(&manifest, config)?;
        write_atomic(output, |file| file.write_all(&bound.to_bytes()))?;
        let (path, id) = (output.display(), bound.model_id());
        writeln!(io::stdout(), "manifest  {path}, model {id}").map_err(Failure::stdout)?;
    }
    Ok(())
}

fn read_config(path: &PathBuf) -> Result<Vec<u8>, ManifestError> {
    fs::read(path).map_err(|source| ManifestError::Read {
        path: path.clone(),
        source,
    })
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
    let measured = derived.measured.iter().flat_map(lines);
    let measured: String = measured.map(|line| format!("measured  {line}\n")).collect();
    format!(
        "{}{measured}encoder   {digest}, {size} bytes\nfolder    {target}",
        from.unwrap_or_default()
    )
}
