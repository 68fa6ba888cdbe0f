//! What can be wrong with checkpoints.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicFolderError, AtomicWriteError};

use super::read::SCHEMA;

/// Why a checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A folder or file could not be read or removed.
    #[error("cannot access `{}`", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder could not be written.
    #[error(transparent)]
    Folder(#[from] AtomicFolderError),
    /// A file beside it could not be written.
    #[error(transparent)]
    File(#[from] AtomicWriteError),
    /// `checkpoint.json` or `best.json` is something else.
    #[error("`{}` is damaged", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The checkpoint is of another version of its format.
    #[error("`{}` has schema version {found}, only {SCHEMA} is read", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// The checkpoint is of another kind of run.
    #[error("`{}` is a checkpoint of `{found}`, not of `{expected}`", path.display())]
    Kind {
        /// The checkpoint.
        path: PathBuf,
        /// What it is of.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// A file is not the one that was written.
    #[error("`{}` is damaged: its {what} differs from the one recorded", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// `size` or `digest`.
        what: &'static str,
    },
    /// A file that a run needs is not among those of the checkpoint.
    #[error("checkpoint has no `{0}`")]
    Missing(String),
}

impl Coded for CheckpointError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Folder(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Schema { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Damaged { .. } => ErrorCode::ProvenanceManifestHashMismatch,
            _ => ErrorCode::InputGeneric,
        }
    }
}
