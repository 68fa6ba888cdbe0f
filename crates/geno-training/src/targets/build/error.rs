//! Why targets were not built.

use geno_core::{Coded, ErrorCode};
use geno_data::{FetchError, TupleError};
use geno_encoder::EncodeError;

use super::super::WriteTargetsError;

/// Why targets were not built. Parts that were written stay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildTargetsError {
    /// Neither tokens nor tuples were asked for.
    #[error("neither tokens nor tuples are asked for")]
    NothingAsked,
    /// Drawing.
    #[error(transparent)]
    Draw(#[from] TupleError),
    /// The genome cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A window without a place, around whose edits no other can be laid.
    #[error("record `{record_id}` has no place on a genome: use windows as they are drawn")]
    NoPlace {
        /// The record.
        record_id: String,
    },
    /// The genome has no such contig.
    #[error("reference has no contig `{contig}`, which windows name")]
    UnknownContig {
        /// The contig.
        contig: String,
    },
    /// The genome has other bases at the place of a window than the window.
    #[error("record `{record_id}` has other bases than the reference at its place")]
    OtherBases {
        /// The record.
        record_id: String,
    },
    /// The encoder.
    #[error("cannot encode")]
    Encode(#[from] EncodeError),
    /// Writing.
    #[error(transparent)]
    Write(#[from] WriteTargetsError),
    /// No window gave an example.
    #[error("no window gives an example: every one is held out, unusable or too short")]
    Empty,
}

impl Coded for BuildTargetsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NothingAsked | Self::NoPlace { .. } => ErrorCode::InputGeneric,
            Self::Draw(source) => source.code(),
            Self::Fetch(source) => source.code(),
            Self::UnknownContig { .. } => ErrorCode::InputUnknownContig,
            Self::OtherBases { .. } => ErrorCode::InputWindowMismatch,
            Self::Encode(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Empty => ErrorCode::InputEmpty,
        }
    }
}
