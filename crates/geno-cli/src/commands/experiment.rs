//! `geno-lewm experiment`: the manifest of an experiment, written before it begins.

mod new;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use geno_app::config::{Layers, Settings};
use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    ExperimentDialect, ExperimentError, Json, JsonError, indented_json, validate_experiment,
};
use geno_runtime::BackendError;

use crate::failure::Failure;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write a manifest: the tree of the current folder, this machine, parameters and data
    New(Box<new::Args>),
    /// Check manifests
    Validate {
        /// Manifests to check
        #[arg(value_name = "FILE", required = true)]
        manifests: Vec<PathBuf>,

        #[command(flatten)]
        dialect: DialectArgs,
    },
    /// Check a manifest and print it, sorted and indented
    Show {
        /// Manifest to show
        #[arg(value_name = "FILE")]
        manifest: PathBuf,

        #[command(flatten)]
        dialect: DialectArgs,
    },
}

#[derive(clap::Args)]
pub(crate) struct DialectArgs {
    /// Where extensions stand: `geno_lewm` in our manifests, `pytyche` in those of that package,
    /// which fixes less
    #[arg(long, value_name = "KEY", default_value = "geno_lewm")]
    extension_key: ExtensionKey,
}

#[derive(Clone, Copy, ValueEnum)]
enum ExtensionKey {
    #[value(name = "geno_lewm")]
    GenoLewm,
    Pytyche,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
enum ManifestFileError {
    #[error("cannot read `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}` is not JSON", path.display())]
    Json { path: PathBuf, source: JsonError },
    #[error("`{}` does not hold", path.display())]
    Manifest {
        path: PathBuf,
        source: ExperimentError,
    },
}

impl Coded for ManifestFileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Json { source, .. } => source.code(),
            Self::Manifest { source, .. } => source.code(),
        }
    }
}

impl DialectArgs {
    fn dialect(&self) -> ExperimentDialect {
        match self.extension_key {
            ExtensionKey::GenoLewm => ExperimentDialect::GenoLewm,
            ExtensionKey::Pytyche => ExperimentDialect::Pytyche,
        }
    }
}

impl Command {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        match self {
            Self::New(args) => args.add_to(layers),
            Self::Validate { .. } | Self::Show { .. } => Ok(()),
        }
    }
}

pub(crate) fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    match command {
        Command::New(args) => new::run(args, settings),
        Command::Validate { manifests, dialect } => validate(manifests, dialect.dialect()),
        Command::Show { manifest, dialect } => {
            let document = read(manifest, dialect.dialect())?;
            writeln!(io::stdout(), "{}", indented_json(&document)).map_err(Failure::stdout)
        }
    }
}

/// Checks every manifest, and fails with the first failure.
#[expect(
    clippy::print_stderr,
    reason = "every failure but the first is worth a line"
)]
fn validate(manifests: &[PathBuf], dialect: ExperimentDialect) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let mut first: Option<Failure> = None;
    for path in manifests {
        let verdict = match read(path, dialect) {
            Ok(_) => "ok",
            Err(error) => {
                let failure = Failure::from(error);
                match first {
                    Some(_) => eprintln!("{failure}"),
                    None => first = Some(failure),
                }
                "NO"
            }
        };
        writeln!(out, "{verdict}  {}", path.display()).map_err(Failure::stdout)?;
    }
    first.map_or(Ok(()), Err)
}

fn read(path: &Path, dialect: ExperimentDialect) -> Result<Json, ManifestFileError> {
    let own = || path.to_owned();
    let bytes = fs::read(path).map_err(|source| ManifestFileError::Io {
        path: own(),
        source,
    })?;
    let document = Json::parse(&bytes).map_err(|source| ManifestFileError::Json {
        path: own(),
        source,
    })?;
    validate_experiment(&document, dialect).map_err(|source| ManifestFileError::Manifest {
        path: own(),
        source,
    })?;
    Ok(document)
}
