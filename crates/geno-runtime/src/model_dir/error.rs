//! What can be wrong with a model directory.

use std::{io, path::PathBuf};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::ReadManifestError;
use geno_weights::WeightError;

use crate::config::ModelConfigError;

/// Why a model directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelDirError {
    /// The folder or a file in it is not there.
    #[error("`{}` is not there", path.display())]
    NotFound {
        /// What was looked for.
        path: PathBuf,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is malformed.
    #[error("cannot use `{}`", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        source: ReadManifestError,
    },
    /// The configuration is malformed.
    #[error("cannot use `{}`", path.display())]
    Config {
        /// The configuration.
        path: PathBuf,
        /// What is wrong.
        source: ModelConfigError,
    },
    /// A file is not the one the manifest names.
    #[error("`{what}` is {found}, but the manifest says {expected}")]
    HashMismatch {
        /// Which of the manifest's entries.
        what: String,
        /// What the manifest says.
        expected: Digest,
        /// What the file hashes to.
        found: Digest,
    },
    /// The encoder was made from the one that the manifest names, and is another one.
    #[error(
        "the encoder is {found}, made from the {expected} that the manifest names ({did}): \
         it belongs to a model whose manifest names it"
    )]
    DerivedEncoder {
        /// What the manifest says.
        expected: Digest,
        /// What the files hash to.
        found: Digest,
        /// What was done.
        did: String,
    },
    /// The manifest names a file that is still to come.
    #[error("the model has no `{what}` yet: its manifest only keeps the place of one")]
    Unfinished {
        /// Which of the manifest's entries.
        what: &'static str,
    },
    /// A file was written or replaced after it was hashed.
    #[error("`{}` was changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A digest in the manifest's data snapshot cannot be read.
    #[error("the manifest's `{key}` is not a digest")]
    SnapshotDigest {
        /// The key.
        key: &'static str,
    },
    /// No folder holds the encoder.
    #[error("no encoder found in {looked_in:?}")]
    EncoderNotFound {
        /// Where it was looked for.
        looked_in: Vec<PathBuf>,
    },
    /// The list of the encoder's shards is malformed, or there are several GGUF files.
    #[error("cannot use the encoder's weights")]
    EncoderIndex {
        /// What is wrong.
        source: WeightError,
    },
}

impl Coded for ModelDirError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } | Self::Unfinished { .. } | Self::EncoderNotFound { .. } => {
                ErrorCode::ResourceModelNotFound
            }
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Manifest { source, .. } => source.code(),
            Self::Config { source, .. } => source.code(),
            Self::HashMismatch { .. }
            | Self::DerivedEncoder { .. }
            | Self::Changed { .. }
            | Self::SnapshotDigest { .. } => ErrorCode::ProvenanceManifestHashMismatch,
            Self::EncoderIndex { source } => source.code(),
        }
    }
}
