//! Why no tuples come.

use geno_core::{Coded, ErrorCode};

use super::{EditSource, SettingsError, WindowFileError};
use crate::{corpus::CorpusError, fasta::FetchError};

/// Why tuples could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TupleError {
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The reference cannot be read.
    #[error(transparent)]
    Fasta(#[from] FetchError),
    /// A file of windows cannot be read any more.
    #[error(transparent)]
    WindowFile(WindowFileError),
    /// A line of a file of windows cannot be read any more.
    #[error(transparent)]
    Windows(CorpusError),
    /// There is no window.
    #[error("there is no window to draw from")]
    NoWindows,
    /// No window of a whole epoch gave a tuple.
    #[error("epoch {epoch} gives no tuple: every window is held out, unusable or too short")]
    EmptyEpoch {
        /// The epoch, from 0.
        epoch: u32,
    },
    /// A source fell short under the strict setting.
    #[error("`{source_name}` gives {got} of {asked} tuples for a window of record `{record_id}`")]
    Short {
        /// The source.
        source_name: EditSource,
        /// Tuples asked for.
        asked: u32,
        /// Tuples given, fall-back included.
        got: u32,
        /// The record of the window.
        record_id: String,
    },
    /// A cursor was written by a stream of other settings or windows.
    #[error("cursor belongs to a stream of other settings, workers or windows")]
    OtherStream,
}

impl Coded for TupleError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Settings(error) => error.code(),
            Self::Fasta(error) => error.code(),
            Self::WindowFile(error) => error.code(),
            Self::Windows(error) => error.code(),
            Self::NoWindows | Self::EmptyEpoch { .. } => ErrorCode::InputEmpty,
            Self::Short { .. } | Self::OtherStream => ErrorCode::InputGeneric,
        }
    }
}
