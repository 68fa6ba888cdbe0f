//! How pretraining can fail.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_data::FetchError;
use geno_encoder::{ConfigError, EncodeError, LoadError};
use geno_provenance::{AtomicFolderError, AtomicWriteError};
use geno_weights::{WeightError, WriteWeightsError};

use super::{corpus::DnaCorpusError, settings::PretrainSettingsError};
use crate::{CheckpointError, EventLogError, IdentityDifference, LoadOptimizerError};

/// Why a language model was not pretrained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PretrainError {
    /// The run cannot be set so.
    #[error(transparent)]
    Settings(#[from] PretrainSettingsError),
    /// The network cannot be built.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The regions hold no window.
    #[error(transparent)]
    Corpus(#[from] DnaCorpusError),
    /// A checkpoint cannot be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is of another run.
    #[error("cannot go on from `{}`", path.display())]
    OtherRun {
        /// The checkpoint.
        path: PathBuf,
        /// What differs.
        source: IdentityDifference,
    },
    /// The weights of a checkpoint are not those of the network.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file of a checkpoint is malformed.
    #[error(transparent)]
    Weights(#[from] WeightError),
    /// The state of the optimiser is malformed.
    #[error(transparent)]
    Optimizer(#[from] LoadOptimizerError),
    /// The weights cannot be stored in the format asked for.
    #[error(transparent)]
    Store(#[from] WriteWeightsError),
    /// Held-out windows cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A loss or a gradient is not finite.
    #[error("the {what} of step {step} is not finite: the checkpoints before it are whole")]
    NotFinite {
        /// The step.
        step: u64,
        /// Which of them.
        what: &'static str,
    },
    /// The validation became much worse.
    #[error(
        "held-out bases take {found:.3} bits after step {step}, {best:.3} at best: the checkpoints \
         before it are whole"
    )]
    Diverged {
        /// The step.
        step: u64,
        /// Bits a base.
        found: f64,
        /// The least before.
        best: f64,
    },
    /// The folder of the run cannot be made.
    #[error("cannot create `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The log cannot be written.
    #[error(transparent)]
    Log(#[from] EventLogError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// The encoder cannot be written.
    #[error(transparent)]
    Export(#[from] AtomicFolderError),
    /// The encoder's folder holds another one.
    #[error("`{}` holds something else than the encoder of this run", path.display())]
    OtherEncoder {
        /// The folder.
        path: PathBuf,
    },
}

impl Coded for PretrainError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Settings(source) => source.code(),
            Self::Config(source) => source.code(),
            Self::Corpus(source) => source.code(),
            Self::Checkpoint(source) => source.code(),
            Self::OtherRun { source, .. } => source.code(),
            Self::Load(source) => source.code(),
            Self::Weights(source) => source.code(),
            Self::Optimizer(source) => source.code(),
            Self::Store(_) => ErrorCode::TrainingGeneric,
            Self::Encode(source) => source.code(),
            Self::NotFinite { .. } => ErrorCode::TrainingNanLoss,
            Self::Diverged { .. } => ErrorCode::TrainingGeneric,
            Self::Folder { source, .. } => ErrorCode::of_io(source),
            Self::Log(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Export(source) => source.code(),
            Self::OtherEncoder { .. } => ErrorCode::InputGeneric,
        }
    }
}

impl From<FetchError> for PretrainError {
    fn from(error: FetchError) -> Self {
        Self::Corpus(error.into())
    }
}
