//! Why a checkpoint was not inspected, or none was made from it.

use geno_core::{Coded, ErrorCode};
use geno_encoder::{ConfigError, EncodeError, LoadError, TokenizerError};
use geno_provenance::{AtomicFolderError, JsonError};
use geno_weights::{WeightDtype, WeightError, WriteWeightsError};

use super::{Int8Refusal, MeasureFault, OtherEncoderError};
use crate::{
    backend::BackendError, components::LoadModelError, model_dir::ModelDirError,
    runtime::RuntimeError,
};

/// Why a checkpoint was not inspected, or none was made from it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file cannot be read, or was changed meanwhile.
    #[error(transparent)]
    Files(#[from] ModelDirError),
    /// The files do not belong together.
    #[error("cannot use the encoder")]
    Encoder(#[from] LoadError),
    /// `config.json` is no network that this program builds.
    #[error("cannot use the encoder's `config.json`")]
    Config(#[from] ConfigError),
    /// `dna_config.json` is no tokenizer that this program has.
    #[error("cannot use the encoder's `dna_config.json`")]
    Tokenizer(#[from] TokenizerError),
    /// A configuration is no JSON.
    #[error("cannot read the encoder's configuration")]
    Json(#[from] JsonError),
    /// A tensor is missing, left over or of another shape.
    #[error("cannot use the encoder's weights")]
    Weights(#[from] WeightError),
    /// The new weights cannot be laid out.
    #[error("cannot lay out the new weights")]
    Layout(#[from] WriteWeightsError),
    /// A tensor in blocks, which safetensors has no format for.
    #[error("tensor `{name}` is stored in blocks: convert the checkpoint first")]
    Blocks {
        /// The tensor.
        name: String,
    },
    /// A tensor of whole numbers, which nothing is made from.
    #[error(
        "tensor `{name}` holds the whole numbers of an int8 checkpoint: use the checkpoint that it \
         was made from"
    )]
    Quantized {
        /// The tensor.
        name: String,
    },
    /// A tensor that holds NaN or infinity.
    #[error("tensor `{name}` holds a value that is not finite")]
    NotFinite {
        /// The tensor.
        name: String,
    },
    /// A tensor with a value that the new format would make infinite.
    #[error("tensor `{name}` holds a value beyond the range of {dtype}")]
    OutOfRange {
        /// The tensor.
        name: String,
        /// The new format.
        dtype: WeightDtype,
    },
    /// The error of the new checkpoint is not known, or above its bound.
    #[error(transparent)]
    Int8(#[from] Int8Refusal),
    /// The error of the new checkpoint cannot be measured.
    #[error("cannot measure the error of the new encoder")]
    Measure(#[from] MeasureFault),
    /// The model's encoder is another one.
    #[error(transparent)]
    OtherEncoder(#[from] OtherEncoderError),
    /// The native backend is not there.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The model whose scores are compared does not load.
    #[error("cannot compare scores")]
    Model(#[from] LoadModelError),
    /// The model whose scores are compared does not compute.
    #[error("cannot compare scores")]
    Scores(#[from] RuntimeError),
    /// The windows cannot be encoded.
    #[error("cannot compare states")]
    States(#[from] EncodeError),
    /// The new folder exists or cannot be written.
    #[error("cannot write the new encoder")]
    Folder(#[from] AtomicFolderError),
}

impl Coded for CheckpointError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Files(source) => source.code(),
            Self::Encoder(source) => source.code(),
            Self::Config(source) => source.code(),
            Self::Tokenizer(source) => source.code(),
            Self::Json(_) => ErrorCode::ConfigGeneric,
            Self::Weights(source) => source.code(),
            Self::Layout(source) => source.code(),
            Self::Int8(source) => source.code(),
            Self::Measure(source) => source.code(),
            Self::OtherEncoder(source) => source.code(),
            Self::Backend(source) => source.code(),
            Self::Model(source) => source.code(),
            Self::Scores(source) => source.code(),
            Self::States(source) => source.code(),
            Self::Quantized { .. }
            | Self::Blocks { .. }
            | Self::NotFinite { .. }
            | Self::OutOfRange { .. } => ErrorCode::ResourceWeights,
            Self::Folder(source) => source.code(),
        }
    }
}
