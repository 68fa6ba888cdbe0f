//! One alternate allele of a VCF row.

use std::fmt;

use geno_action::EditSpec;

use super::stated_context::StatedContext;

/// One alternate allele of a VCF row that the models can take.
///
/// Its `Debug` shows where in the file it stands and the shape of the edit, nothing of what it is.
#[derive(Clone, Eq, PartialEq)]
pub struct Variant {
    pub(crate) line: u64,
    pub(crate) record: u64,
    pub(crate) allele: usize,
    pub(crate) id: String,
    pub(crate) edit: EditSpec,
    pub(crate) context: StatedContext,
    pub(crate) notation: Option<String>,
}

impl Variant {
    /// The line of the file, 1-based.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The row among the rows after the header, 0-based.
    pub fn record(&self) -> u64 {
        self.record
    }

    /// The alternate allele of that row, 1-based as in genotypes.
    pub fn allele(&self) -> usize {
        self.allele
    }

    /// The ID column as written, `.` where there is none.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Contig as written, position, and alleles in upper case.
    pub fn edit(&self) -> &EditSpec {
        &self.edit
    }

    /// The variant as it was written, if it comes from a [`VariantList`](crate::VariantList).
    pub fn notation(&self) -> Option<&str> {
        self.notation.as_deref()
    }

    /// What the row states of its surroundings: nothing, unless the reader was opened with
    /// [`VcfReader::open_with_context`](crate::VcfReader::open_with_context).
    pub fn context(&self) -> StatedContext {
        self.context
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variant")
            .field("line", &self.line)
            .field("allele", &self.allele)
            .field("edit", &self.edit)
            .finish_non_exhaustive()
    }
}
