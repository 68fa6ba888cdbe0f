//! Why a file of states was not written.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_provenance::AtomicWriteError;
use geno_weights::WriteWeightsError;

/// Why a file of predicted states was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateFileError {
    /// A file's name says no format.
    #[error("states are written as .jsonl, .npy or .safetensors")]
    UnknownFormat,
    /// More than one array.
    #[error("a .npy file holds the predicted states alone")]
    OneArray,
    /// A state is not finite.
    #[error("the model gave a state that is not finite")]
    NotFinite,
    /// The file cannot be created or get its name.
    #[error(transparent)]
    File(#[from] AtomicWriteError),
    /// The file cannot be written to.
    #[error("cannot write states to `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The tensors make no file.
    #[error("cannot lay states out")]
    Layout(#[from] WriteWeightsError),
}

impl Coded for StateFileError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownFormat | Self::OneArray => ErrorCode::InputGeneric,
            Self::NotFinite => ErrorCode::ResourceWeights,
            Self::File(source) => source.code(),
            Self::Write { source, .. } => ErrorCode::of_io(source),
            Self::Layout(source) => source.code(),
        }
    }
}
