//! Why no model directory was made.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_predictor::ArchitectureError;
use geno_provenance::{AtomicFolderError, LabelError};
use geno_runtime::{ModelConfigError, ModelDirError, RuntimeError};
use geno_weights::WeightError;

use crate::CheckpointError;

/// Why no model directory was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The folder exists, or cannot be written.
    #[error(transparent)]
    Folder(#[from] AtomicFolderError),
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration is malformed.
    #[error("cannot use `{}`", path.display())]
    Config {
        /// The configuration.
        path: PathBuf,
        /// What is wrong.
        source: ModelConfigError,
    },
    /// A weight file is malformed.
    #[error("cannot use `{}`", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: WeightError,
    },
    /// A weight file holds another network than the configuration describes.
    #[error("cannot use `{}`", path.display())]
    Architecture {
        /// The file.
        path: PathBuf,
        /// Which two networks.
        source: ArchitectureError,
    },
    /// A weight file holds NaN or infinity.
    #[error("`{}`: tensor `{tensor}` holds a value that is not finite", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The first such tensor.
        tensor: String,
    },
    /// The checkpoint is damaged, or of another kind.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The encoder cannot be read.
    #[error(transparent)]
    Encoder(#[from] geno_runtime::CheckpointError),
    /// The encoder would not load.
    #[error("the encoder does not load: {fault}")]
    EncoderFault {
        /// What is wrong with it first.
        fault: String,
    },
    /// The predictor was trained on states of an adapted encoder, and this is another.
    #[error(
        "the adapters of the checkpoint are not merged into this encoder: use the folder `encoder` of \
         its run, and the run's best checkpoint"
    )]
    NotMerged,
    /// The configuration calls the encoder by a path of this machine.
    #[error("`{id}` is a place on this machine, not the name of an encoder: give one")]
    LocalEncoder {
        /// What the configuration says.
        id: String,
    },
    /// A name of the model or the encoder is empty or holds a control character.
    #[error("the encoder's name or revision cannot stand in a manifest")]
    Label(#[from] LabelError),
    /// The model would be incomplete.
    #[error("a model needs its `{name}`: give it, or say that it may be missing for now")]
    Missing {
        /// The file.
        name: &'static str,
    },
    /// The files do not agree with the manifest made of them: one was changed meanwhile.
    #[error(transparent)]
    Check(#[from] ModelDirError),
    /// The model does not load.
    #[error("the exported model does not load")]
    Load(#[from] Box<RuntimeError>),
    /// Somebody stopped it.
    #[error("interrupted")]
    Interrupted,
}

impl Coded for ExportError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Folder(source) => source.code(),
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::Config { source, .. } => source.code(),
            Self::Weights { source, .. } => source.code(),
            Self::Architecture { source, .. } => source.code(),
            Self::NotFinite { .. } | Self::EncoderFault { .. } => ErrorCode::ResourceWeights,
            Self::Checkpoint(source) => source.code(),
            Self::Encoder(source) => source.code(),
            Self::LocalEncoder { .. } => ErrorCode::ConfigGeneric,
            Self::Label(source) => source.code(),
            Self::NotMerged | Self::Missing { .. } | Self::Interrupted => ErrorCode::InputGeneric,
            Self::Check(source) => source.code(),
            Self::Load(source) => source.code(),
        }
    }
}

pub(super) fn io_error(path: PathBuf, source: io::Error) -> ExportError {
    ExportError::Read { path, source }
}
