//! What can go wrong with adapters.

use geno_core::{Coded, Digest, Dtype, ErrorCode};
use geno_data::FetchError;
use geno_encoder::{EncodeError, LoadError};
use geno_provenance::AtomicFolderError;
use geno_runtime::ModelDirError;
use geno_weights::{WeightError, WriteWeightsError};

use super::settings::LoraSettingsError;

/// Why an encoder was not adapted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoraError {
    /// The settings do not fit the encoder.
    #[error(transparent)]
    Settings(#[from] LoraSettingsError),
    /// Nothing keeps a trained encoder from collapsing.
    #[error("an encoder that is trained needs the regulariser: gamma must be above 0")]
    NoRegularizer,
    /// The states are of a format in which small changes of the weights are lost.
    #[error("adapters are trained over states of fp32, where these are of {dtype}")]
    Dtype {
        /// Of the states.
        dtype: Dtype,
    },
    /// The encoder is not the one that the states come from.
    #[error("the encoder's weights are {given}, where the states come from {of_states}")]
    OtherEncoder {
        /// Digest of the weights given.
        given: Digest,
        /// Digest of those that made the states.
        of_states: Digest,
    },
    /// The encoder does not load.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A file of the encoder is missing, or changed meanwhile.
    #[error(transparent)]
    Files(#[from] ModelDirError),
    /// The file of the adapters is damaged, or holds others.
    #[error(transparent)]
    Weights(#[from] WeightError),
    /// The merged weights cannot be stored.
    #[error(transparent)]
    Write(#[from] WriteWeightsError),
    /// An example was drawn from a window that lies nowhere.
    #[error("an example has no place on a genome, so its window cannot be encoded again")]
    NoPlace,
    /// The genome lacks a contig.
    #[error("reference has no contig `{contig}`, on which examples lie")]
    UnknownContig {
        /// The contig.
        contig: String,
    },
    /// The genome is not the one that examples were drawn from.
    #[error("reference has other bases at {contig}:{start} than an example that lies there")]
    OtherBases {
        /// The contig.
        contig: String,
        /// First base of the example's window, 0-based.
        start: u64,
    },
    /// Encoding an example again gives another state than the stored one.
    #[error(
        "example {example} encoded again lies {distance:.2e} from its stored state: genome or \
         encoder are not those of the states"
    )]
    OtherStates {
        /// Which example of its set.
        example: usize,
        /// Between the two source states, in lengths of the stored one.
        distance: f64,
    },
    /// The genome cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A window cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The folders of the adapters or of the merged encoder cannot be written.
    #[error(transparent)]
    Folder(#[from] AtomicFolderError),
}

impl Coded for LoraError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Settings(error) => error.code(),
            Self::Load(error) => error.code(),
            Self::Files(error) => error.code(),
            Self::Weights(error) => error.code(),
            Self::Fetch(error) => error.code(),
            Self::Encode(error) => error.code(),
            Self::Folder(error) => error.code(),
            Self::NoRegularizer | Self::Dtype { .. } => ErrorCode::ConfigGeneric,
            Self::UnknownContig { .. } => ErrorCode::InputUnknownContig,
            Self::Write(_)
            | Self::NoPlace
            | Self::OtherEncoder { .. }
            | Self::OtherBases { .. }
            | Self::OtherStates { .. } => ErrorCode::InputGeneric,
        }
    }
}
