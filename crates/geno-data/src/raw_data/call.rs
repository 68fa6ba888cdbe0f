//! One row of a raw-data file, and why a row may be set aside.

use std::fmt;

use geno_core::{Coded, ErrorCode};

use super::{chromosome::Chromosome, genotype::Genotype};

/// What a service read at one marker.
pub(crate) struct Call {
    /// The line of the file, 1-based.
    pub(crate) line: u32,
    /// 1-based.
    pub(crate) position: u32,
    pub(crate) chromosome: Chromosome,
    pub(crate) genotype: Genotype,
    /// The service's name of the marker.
    pub(crate) id: Box<str>,
}

/// Why a row of a raw-data file is not in the VCF.
///
/// No message repeats what the row holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallFault {
    /// The row has another number of columns than the service writes.
    #[error("{found} columns where {expected} are expected")]
    Columns {
        /// Columns of the row.
        found: usize,
        /// Columns that the service writes.
        expected: usize,
    },
    /// The row is longer than any row of sense.
    #[error("row of more than {limit} bytes")]
    TooLong {
        /// The longest row that is read, in bytes.
        limit: usize,
    },
    /// The row is not UTF-8.
    #[error("row is not UTF-8")]
    NotUtf8,
    /// The name of the marker is too long or cannot stand in the ID column of a VCF.
    #[error("marker name cannot stand in a VCF")]
    BadId,
    /// The chromosome is none of the human ones.
    #[error("unknown chromosome")]
    UnknownChromosome,
    /// The position is no number from 1 to 4,294,967,295.
    #[error("position is no number of at least 1")]
    BadPosition,
    /// The genotype holds something other than bases, `I`, `D` or signs for a missing call.
    #[error("genotype cannot be read")]
    BadGenotype,
    /// REF or an ALT that the row names is no sequence of ACGT, or both are the same.
    #[error("alleles make no variant")]
    BadAlleles,
    /// A JSON row lacks a field.
    #[error("row has no {field}")]
    MissingField {
        /// The first of the names that the field may have.
        field: &'static str,
    },
    /// The reference has no such contig.
    #[error("reference has no such chromosome")]
    UnknownContig,
    /// The position lies past the end of the contig.
    #[error("position lies past the end of its chromosome")]
    PastContig,
    /// Neither the reference nor the allele map says which base is there.
    #[error("reference base is unknown there")]
    NoReference,
    /// REF that the row names differs from the reference.
    #[error("reference allele differs from the reference")]
    ReferenceMismatch,
    /// The reference's mitochondrion is not the one the markers are of.
    #[error("the reference has another mitochondrial sequence, of 16571 bases")]
    OtherMitochondrion,
    /// Two different alleles where nobody has two.
    #[error("two different alleles on Y or the mitochondrion")]
    HeterozygousHaploid,
    /// The alleles are not those of the allele map, as the strand rule allows to read them.
    #[error("alleles are not those known at the site")]
    OtherAlleles,
    /// Rows at one position contradict each other.
    #[error("rows at one position contradict each other")]
    Contradiction,
}

impl Coded for CallFault {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Columns { .. }
            | Self::TooLong { .. }
            | Self::NotUtf8
            | Self::BadId
            | Self::BadPosition
            | Self::BadGenotype
            | Self::MissingField { .. } => ErrorCode::InputVcfParse,
            Self::UnknownChromosome | Self::UnknownContig => ErrorCode::InputUnknownContig,
            Self::PastContig => ErrorCode::InputOutOfWindow,
            Self::BadAlleles => ErrorCode::InputInvalidEdit,
            Self::NoReference | Self::ReferenceMismatch | Self::OtherMitochondrion => {
                ErrorCode::InputRefMismatch
            }
            Self::HeterozygousHaploid | Self::OtherAlleles | Self::Contradiction => {
                ErrorCode::InputUnsupportedEdit
            }
        }
    }
}

/// A row that is not in the VCF. Its `Debug` shows its line and code alone.
#[derive(Clone, Eq, PartialEq)]
pub struct RejectedCall {
    /// The line of the file, 1-based; in JSON the row among the rows, 1-based.
    pub line: u64,
    /// Why.
    pub fault: CallFault,
    /// The name of the marker, if the row could be read as far.
    pub id: Option<String>,
}

impl fmt::Debug for RejectedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectedCall")
            .field("line", &self.line)
            .field("code", &self.fault.code().as_str())
            .finish_non_exhaustive()
    }
}
