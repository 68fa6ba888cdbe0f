//! Why haplotypes could not be rolled.

use geno_action::HaplotypeError;
use geno_core::{Coded, ErrorCode};
use geno_data::{FetchError, PhasedError, VcfError};

use crate::runtime::RuntimeError;

/// Why the haplotypes of a file could not be taken through a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RollError {
    /// A batch holds nothing.
    #[error("batch size is 0")]
    BatchSize,
    /// The VCF.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// The phased VCF.
    #[error(transparent)]
    Phased(#[from] PhasedError),
    /// The FASTA.
    #[error(transparent)]
    Fasta(#[from] FetchError),
    /// The FASTA gave other bases for a window than it gave before for an allele in it.
    #[error("FASTA file changed while it was read")]
    Changed(#[source] HaplotypeError),
    /// The model.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

impl Coded for RollError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BatchSize => ErrorCode::InputGeneric,
            Self::Vcf(source) => source.code(),
            Self::Phased(source) => source.code(),
            Self::Fasta(source) => source.code(),
            Self::Changed(_) => ErrorCode::InputFasta,
            Self::Runtime(source) => source.code(),
        }
    }
}
