//! Why an encoder was not linked or fetched.

use std::{io, path::PathBuf};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{AtomicWriteError, LabelError};
use geno_weights::WeightError;

use crate::fetch::FetchError;

/// Why an encoder was not linked or fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// A file of the encoder cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be fetched.
    #[error("cannot fetch the encoder's `{name}`")]
    Fetch {
        /// The file.
        name: String,
        /// Why not.
        source: FetchError,
    },
    /// The list of shards is malformed, or there are several GGUF files.
    #[error("cannot use the encoder's weights")]
    Shards(#[from] WeightError),
    /// The weights are not those of the model.
    #[error("the encoder's weights are {found}, but the model's manifest says {expected}")]
    Hash {
        /// What the manifest says.
        expected: Digest,
        /// What the weights hash to.
        found: Digest,
    },
    /// The folder's name cannot be written down.
    #[error("`{}` cannot be recorded", path.display())]
    Path {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: LabelError,
    },
    /// The record cannot be written.
    #[error("cannot record the encoder")]
    Record(#[from] AtomicWriteError),
}

impl Coded for EncoderError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ErrorCode::ResourceModelNotFound
            }
            Self::File { source, .. } => ErrorCode::of_io(source),
            Self::Fetch { source, .. } => source.code(),
            Self::Shards(source) => source.code(),
            Self::Hash { .. } => ErrorCode::ProvenanceManifestHashMismatch,
            Self::Path { source, .. } => source.code(),
            Self::Record(source) => source.code(),
        }
    }
}
