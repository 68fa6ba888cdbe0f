//! Comparing variants with the reference genome.

use std::fmt;

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};

use crate::fasta::{Contig, Fasta, FetchError};

/// Why a variant does not fit a reference genome.
///
/// Messages and `Debug` leave out the bases found and what stands in the variant's own columns, which
/// in a damaged file may be anything.
#[derive(Clone, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The reference has no such contig, under any spelling.
    #[error("reference has no contig of that name")]
    UnknownContig {
        /// The contig as the variant names it.
        chrom: String,
    },
    /// The reference allele does not lie on the contig.
    #[error("reference allele reaches past the {len} bases of contig `{contig}`")]
    PastContig {
        /// The contig as the reference names it.
        contig: String,
        /// Its length.
        len: u64,
    },
    /// The contig has other bases there.
    #[error("reference allele differs from contig `{contig}`: are both of the same build?")]
    Mismatch {
        /// The contig as the reference names it.
        contig: String,
        /// The bases it has there.
        found: String,
    },
    /// The contig has an unknown base (`N` or another IUPAC code) there.
    #[error("contig `{contig}` has unknown bases under the reference allele")]
    UnknownBases {
        /// The contig as the reference names it.
        contig: String,
    },
}

impl Coded for ReferenceError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownContig { .. } => ErrorCode::InputUnknownContig,
            Self::PastContig { .. } => ErrorCode::InputOutOfWindow,
            Self::Mismatch { .. } | Self::UnknownBases { .. } => ErrorCode::InputRefMismatch,
        }
    }
}

impl fmt::Debug for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReferenceError({})", self.code())
    }
}

/// Finds the contig of an edit and compares the bases it replaces, whatever their case.
///
/// # Errors
///
/// The outer error is a FASTA that cannot be read, which ends a run; the inner one is an edit that
/// does not fit, which concerns no other edit.
///
/// # Examples
///
/// ```
/// use geno_action::EditSpec;
/// use geno_data::{Fasta, ReferenceError, check_reference};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("ref.fa");
/// std::fs::write(&path, ">20\nACGT\n")?;
/// let fasta = Fasta::open(&path)?;
///
/// let fits = EditSpec::new("chr20", 2, "C", "T")?;
/// assert_eq!(check_reference(&fasta, &fits)?.unwrap().name(), "20");
///
/// let differs = EditSpec::new("chr20", 2, "G", "T")?;
/// let fault = check_reference(&fasta, &differs)?.unwrap_err();
/// assert!(matches!(fault, ReferenceError::Mismatch { found, .. } if found == "C"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn check_reference<'a>(
    fasta: &'a Fasta,
    edit: &EditSpec,
) -> Result<Result<&'a Contig, ReferenceError>, FetchError> {
    let Some(contig) = fasta.resolve(edit.chrom()) else {
        let chrom = edit.chrom().to_owned();
        return Ok(Err(ReferenceError::UnknownContig { chrom }));
    };
    let name = || contig.name().to_owned();
    let start = edit.pos() - 1;
    let end = start.checked_add(edit.reference().len() as u64);
    let Some(end) = end.filter(|&end| end <= contig.len()) else {
        return Ok(Err(ReferenceError::PastContig {
            contig: name(),
            len: contig.len(),
        }));
    };

    let mut found = fasta.fetch(contig, start, end)?;
    found.make_ascii_uppercase();
    Ok(if found == edit.reference().as_bytes() {
        Ok(contig)
    } else if found.contains(&b'N') {
        Err(ReferenceError::UnknownBases { contig: name() })
    } else {
        let found = found.iter().map(|&base| char::from(base)).collect();
        Err(ReferenceError::Mismatch {
            contig: name(),
            found,
        })
    })
}
