//! Why a VCF could not be scored.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_data::{AnnotateVcfError, RejectedRow};
use geno_provenance::{AtomicWriteError, BuildBatchError, ReadReceiptsError};

use crate::{
    envelope::EnvelopeError, partial::PartialError, receipts::ReceiptError,
    row_sink::WriteRowsError, run_vcf::RunVcfError, runtime::RuntimeError,
};

/// Why a VCF could not be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreVcfError {
    /// The VCF cannot be taken through the model.
    #[error(transparent)]
    Run(#[from] RunVcfError),
    /// A score has no calibrated value.
    #[error(transparent)]
    Calibrate(#[from] RuntimeError),
    /// A receipt cannot be written.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The envelope cannot be made or written.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The receipts make no batch.
    #[error("cannot write a batch receipt")]
    Batch(#[from] BuildBatchError),
    /// An output file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// The scores cannot be written.
    #[error(transparent)]
    Rows(#[from] WriteRowsError),
    /// The VCF with scores cannot be written.
    #[error(transparent)]
    Annotate(#[from] AnnotateVcfError),
    /// The run cannot be begun or resumed.
    #[error(transparent)]
    Partial(#[from] PartialError),
    /// Receipts of an unfinished run cannot be read again.
    #[error(transparent)]
    Receipts(#[from] ReadReceiptsError),
    /// The VCF is another one than when the run began.
    #[error("VCF file `{}` changed while it was scored", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A VCF with scores needs a VCF that can be read twice.
    #[error("scores of a stream are not written as a VCF")]
    AnnotateStream,
    /// A table or a VCF is a file.
    #[error("standard output takes JSON lines and tab-separated values")]
    NoText,
    /// An output cannot be written to.
    #[error("cannot write {what}")]
    Output {
        /// `scores`, `receipts` or `rejected rows`.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// An output has the name of an input or of another output.
    #[error("output `{}` is named for another file too", path.display())]
    SameFile {
        /// The name.
        path: PathBuf,
    },
    /// A row was rejected in strict mode.
    #[error("line {} of the VCF is rejected: {}", .0.line, .0.reason)]
    Rejected(Box<RejectedRow>),
}

impl Coded for ScoreVcfError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Run(source) => source.code(),
            Self::Calibrate(source) => source.code(),
            Self::Receipt(source) => source.code(),
            Self::Envelope(source) => source.code(),
            Self::Batch(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Rows(source) => source.code(),
            Self::Annotate(source) => source.code(),
            Self::Partial(source) => source.code(),
            Self::Receipts(source) => source.code(),
            Self::Changed { .. } => ErrorCode::InputVcfParse,
            Self::AnnotateStream | Self::NoText => ErrorCode::InputGeneric,
            Self::Output { source, .. } => ErrorCode::of_io(source),
            Self::SameFile { .. } => ErrorCode::InputGeneric,
            Self::Rejected(row) => row.code(),
        }
    }
}
