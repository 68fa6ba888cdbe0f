//! What can go wrong with the folder of an unfinished run.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

/// Why a run could not be begun or resumed in the folder beside its output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartialError {
    /// An unfinished run has the same output, and nobody said what becomes of it.
    #[error("`{}` holds an unfinished run: resume or restart it", folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// The unfinished run is not the one asked for.
    #[error(
        "cannot resume the run in `{}`: it was begun with another {what}",
        folder.display()
    )]
    OtherRun {
        /// The folder.
        folder: PathBuf,
        /// What differs, such as `vcf` or `model`.
        what: String,
    },
    /// The inputs or the model cannot be told from others.
    #[error("cannot resume a run over a stream or with a model that is in no directory")]
    NotResumable,
    /// Another process works there.
    #[error("another process writes to `{}`", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The journal is none, or that of another version.
    #[error("`{}` holds no journal that this version reads: restart the run", folder.display())]
    Journal {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder or a file in it cannot be used.
    #[error("cannot use `{}`", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PartialError {
    pub(crate) fn io(folder: &Path, source: io::Error) -> Self {
        Self::Io {
            folder: folder.to_owned(),
            source,
        }
    }
}

impl Coded for PartialError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Unfinished { .. } | Self::OtherRun { .. } | Self::NotResumable => {
                ErrorCode::InputGeneric
            }
            Self::InUse { .. } => ErrorCode::ResourceGeneric,
            Self::Journal { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Io { source, .. } => ErrorCode::of_io(source),
        }
    }
}
