//! What can go wrong with a baseline.

use std::{io, path::PathBuf};

use geno_core::{Coded, ErrorCode};
use geno_data::RejectedRow;
use geno_provenance::AtomicWriteError;

use super::{LikelihoodCacheError, RecipeError};
use crate::{
    components::LoadModelError, envelope::EnvelopeError, partial::PartialError,
    run_vcf::RunVcfError, runtime::RuntimeError,
};

/// Why a VCF could not be scored by Carbon's likelihood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarbonBaselineError {
    /// The recipe cannot be followed.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The checkpoint does not load, or takes no such windows.
    #[error(transparent)]
    Load(#[from] LoadModelError),
    /// The checkpoint's configuration cannot be recorded.
    #[error(transparent)]
    Model(#[from] RuntimeError),
    /// The VCF cannot be taken through the model.
    #[error(transparent)]
    Run(#[from] RunVcfError),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(#[from] LikelihoodCacheError),
    /// The run cannot be begun or resumed.
    #[error(transparent)]
    Partial(#[from] PartialError),
    /// The envelope cannot be made or written.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// An output file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
    /// An output cannot be written to.
    #[error("cannot write {what}")]
    Output {
        /// `scores`, `metadata` or `rejected rows`.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The VCF is another one than when the run began.
    #[error("VCF file `{}` changed while it was scored", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An output has the name of an input or of another output.
    #[error("output `{}` is named for another file too", path.display())]
    SameFile {
        /// The name.
        path: PathBuf,
    },
    /// The model gives a likelihood that is no number.
    #[error("line {line} of the VCF has a likelihood that is not finite: the weights are no model")]
    NotFinite {
        /// The line.
        line: u64,
    },
    /// A row was rejected in strict mode.
    #[error("line {} of the VCF is rejected: {}", .0.line, .0.reason)]
    Rejected(Box<RejectedRow>),
}

impl Coded for CarbonBaselineError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Recipe(source) => source.code(),
            Self::Load(source) => source.code(),
            Self::Model(source) => source.code(),
            Self::Run(source) => source.code(),
            Self::Cache(source) => source.code(),
            Self::Partial(source) => source.code(),
            Self::Envelope(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Output { source, .. } => ErrorCode::of_io(source),
            Self::Changed { .. } => ErrorCode::InputVcfParse,
            Self::SameFile { .. } => ErrorCode::InputGeneric,
            Self::NotFinite { .. } => ErrorCode::ResourceRuntimeSetup,
            Self::Rejected(row) => row.code(),
        }
    }
}

/// Says what could not be written.
pub(super) fn output(what: &'static str) -> impl Fn(io::Error) -> CarbonBaselineError {
    move |source| CarbonBaselineError::Output { what, source }
}
