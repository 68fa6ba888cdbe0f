//! One edit, on a contig and inside a window.

use std::fmt;

use geno_core::{Coded, ErrorCode, is_acgt};

use crate::{EditType, MAX_ALLELE_LEN};

/// An edit of a contig: `reference` at the 1-based `pos` becomes `alternate`, as in a VCF.
///
/// Its `Debug` shows the kind and the lengths of the alleles alone.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct EditSpec {
    chrom: String,
    pos: u64,
    alleles: Alleles,
}

/// An edit inside a window: positions count from 0 at the window's first base.
///
/// Its `Debug` shows the kind and the lengths of the alleles alone.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct RelEdit {
    rel_pos: usize,
    alleles: Alleles,
}

/// Upper-case `ACGT`, 1 to [`MAX_ALLELE_LEN`] bases, not equal.
#[derive(Clone, Eq, Hash, PartialEq)]
struct Alleles {
    reference: String,
    alternate: String,
}

/// Why an edit cannot be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The contig has no name.
    #[error("edit names no contig")]
    NoContig,
    /// Positions count from 1.
    #[error("edit has position 0, but positions count from 1")]
    PositionZero,
    /// An allele is empty or holds a letter other than upper-case `ACGT`.
    #[error("{allele} allele is not a run of upper-case ACGT")]
    NotDna {
        /// `reference` or `alternate`.
        allele: &'static str,
    },
    /// The alleles are equal.
    #[error("reference and alternate alleles are equal")]
    NoChange,
    /// An allele is longer than the models take.
    #[error(
        "alleles of {reference} and {alternate} bases, of which at most {MAX_ALLELE_LEN} are supported"
    )]
    TooLong {
        /// Length of the reference allele.
        reference: usize,
        /// Length of the alternate allele.
        alternate: usize,
    },
    /// The edit begins before its window.
    #[error("edit begins before its window")]
    BeforeWindow,
}

impl Coded for EditError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::TooLong { .. } => ErrorCode::InputUnsupportedEdit,
            Self::BeforeWindow => ErrorCode::InputOutOfWindow,
            _ => ErrorCode::InputInvalidEdit,
        }
    }
}

impl Alleles {
    fn new(reference: &str, alternate: &str) -> Result<Self, EditError> {
        for (allele, bases) in [("reference", reference), ("alternate", alternate)] {
            if bases.is_empty() || !is_acgt(bases.as_bytes()) {
                return Err(EditError::NotDna { allele });
            }
        }
        if reference == alternate {
            return Err(EditError::NoChange);
        }
        let (r, a) = (reference.len(), alternate.len());
        if r > MAX_ALLELE_LEN || a > MAX_ALLELE_LEN {
            return Err(EditError::TooLong {
                reference: r,
                alternate: a,
            });
        }
        Ok(Self {
            reference: reference.to_owned(),
            alternate: alternate.to_owned(),
        })
    }

    fn edit_type(&self) -> EditType {
        EditType::of_lengths(self.reference.len(), self.alternate.len())
    }
}

impl EditSpec {
    /// Creates an edit.
    ///
    /// # Errors
    ///
    /// [`EditError`] for an empty contig name, position 0, alleles that are not upper-case `ACGT`,
    /// equal, or longer than [`MAX_ALLELE_LEN`].
    pub fn new(
        chrom: impl Into<String>,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<Self, EditError> {
        let chrom = chrom.into();
        if chrom.is_empty() {
            return Err(EditError::NoContig);
        }
        if pos == 0 {
            return Err(EditError::PositionZero);
        }
        Ok(Self {
            chrom,
            pos,
            alleles: Alleles::new(reference, alternate)?,
        })
    }

    /// The contig, as it was named.
    pub fn chrom(&self) -> &str {
        &self.chrom
    }

    /// First base of the reference allele, 1-based.
    pub fn pos(&self) -> u64 {
        self.pos
    }

    /// The bases replaced.
    pub fn reference(&self) -> &str {
        &self.alleles.reference
    }

    /// The bases put in their place.
    pub fn alternate(&self) -> &str {
        &self.alleles.alternate
    }

    /// What kind of edit this is.
    pub fn edit_type(&self) -> EditType {
        self.alleles.edit_type()
    }

    /// The same edit, in a window that begins at the 0-based `window_start`.
    ///
    /// # Errors
    ///
    /// [`EditError::BeforeWindow`]. Whether the edit reaches past the window's end is checked
    /// where it is applied.
    pub fn relative_to(&self, window_start: u64) -> Result<RelEdit, EditError> {
        let rel_pos = (self.pos - 1)
            .checked_sub(window_start)
            .and_then(|offset| usize::try_from(offset).ok())
            .ok_or(EditError::BeforeWindow)?;
        Ok(RelEdit {
            rel_pos,
            alleles: self.alleles.clone(),
        })
    }
}

impl RelEdit {
    /// Creates an edit of the bases at the 0-based `rel_pos` of a window.
    ///
    /// # Errors
    ///
    /// [`EditError`] for alleles that are not upper-case `ACGT`, equal, or too long.
    pub fn new(rel_pos: usize, reference: &str, alternate: &str) -> Result<Self, EditError> {
        Ok(Self {
            rel_pos,
            alleles: Alleles::new(reference, alternate)?,
        })
    }

    /// First base replaced, 0-based in the window.
    pub fn rel_pos(&self) -> usize {
        self.rel_pos
    }

    /// One past the last base replaced.
    pub fn end(&self) -> usize {
        self.rel_pos + self.alleles.reference.len()
    }

    /// The bases replaced.
    pub fn reference(&self) -> &str {
        &self.alleles.reference
    }

    /// The bases put in their place.
    pub fn alternate(&self) -> &str {
        &self.alleles.alternate
    }

    /// What kind of edit this is.
    pub fn edit_type(&self) -> EditType {
        self.alleles.edit_type()
    }

    /// The edit that takes this one back, in the edited window.
    pub fn inverse(&self) -> Self {
        let alleles = Alleles {
            reference: self.alleles.alternate.clone(),
            alternate: self.alleles.reference.clone(),
        };
        Self {
            rel_pos: self.rel_pos,
            alleles,
        }
    }
}

impl fmt::Debug for Alleles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (reference, alternate) = (self.reference.len(), self.alternate.len());
        write!(f, "{} {reference}>{alternate}", self.edit_type())
    }
}

impl fmt::Debug for EditSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EditSpec({:?})", self.alleles)
    }
}

impl fmt::Debug for RelEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelEdit({:?})", self.alleles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_edits_are_named() {
        let error = |pos, r, a| EditSpec::new("1", pos, r, a).unwrap_err();
        assert_eq!(error(0, "A", "C"), EditError::PositionZero);
        assert_eq!(
            error(1, "", "C"),
            EditError::NotDna {
                allele: "reference"
            }
        );
        assert_eq!(
            error(1, "A", "c"),
            EditError::NotDna {
                allele: "alternate"
            }
        );
        assert_eq!(error(1, "A", "A"), EditError::NoChange);
        let long = EditError::TooLong {
            reference: 1,
            alternate: 17,
        };
        assert_eq!(error(1, "A", &"C".repeat(17)), long);
        assert_eq!(long.code(), ErrorCode::InputUnsupportedEdit);
        assert_eq!(EditSpec::new("", 1, "A", "C"), Err(EditError::NoContig));
    }

    #[test]
    fn debug_shows_the_shape_of_an_edit_alone() {
        let edit = EditSpec::new("20", 1_300_205, "A", "AGG").unwrap();
        let relative = edit.relative_to(1_300_000).unwrap();
        assert_eq!(
            format!("{edit:?} {relative:?}"),
            "EditSpec(INS 1>3) RelEdit(INS 1>3)"
        );
    }

    #[test]
    fn positions_become_offsets() {
        let edit = EditSpec::new("1", 10, "A", "C").unwrap();
        assert_eq!(edit.relative_to(9).unwrap().rel_pos(), 0);
        assert_eq!(edit.relative_to(10), Err(EditError::BeforeWindow));
    }
}
