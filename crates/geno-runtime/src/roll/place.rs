//! One haplotype, given edit by edit.

use geno_action::{EditSpec, Haplotype};
use geno_core::{Coded, ErrorCode};
use geno_data::{Fasta, FetchError, RejectReason, check_reference};

use super::{RollError, rows::Windows};
use crate::runtime::Runtime;

/// Why edits make no haplotype of a reference.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceEditsError {
    /// There is no edit.
    #[error("a haplotype has at least one edit")]
    NoEdits,
    /// An edit does not fit the reference, or not the edits before it.
    #[error("edit {number} of the haplotype does not fit")]
    Edit {
        /// Which of those given, counted from 1.
        number: usize,
        /// Why.
        source: RejectReason,
    },
    /// Two edits lie on different contigs.
    #[error("edits of one haplotype lie on two contigs")]
    Contigs,
    /// The reference cannot be read, or changed meanwhile.
    #[error(transparent)]
    Roll(#[from] RollError),
}

impl Coded for PlaceEditsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NoEdits | Self::Contigs => ErrorCode::InputGeneric,
            Self::Edit { source, .. } => source.code(),
            Self::Roll(source) => source.code(),
        }
    }
}

impl From<FetchError> for PlaceEditsError {
    fn from(error: FetchError) -> Self {
        Self::Roll(error.into())
    }
}

impl Runtime {
    /// Places the edits of one haplotype, given in any order, in the window that the first of them is
    /// scored in.
    ///
    /// # Errors
    ///
    /// [`PlaceEditsError`] for edits that do not fit the reference, overlap, or lie too far apart.
    pub fn place_edits(
        &self,
        fasta: &Fasta,
        edits: &[EditSpec],
    ) -> Result<Haplotype, PlaceEditsError> {
        let mut sorted: Vec<_> = edits.iter().zip(1..).collect();
        sorted.sort_by_key(|(edit, _)| edit.pos());
        let fault = |number, source| PlaceEditsError::Edit { number, source };
        let mut contigs = Vec::new();
        for &(edit, number) in &sorted {
            let contig = check_reference(fasta, edit)?;
            contigs.push(contig.map_err(|source| fault(number, source.into()))?);
        }
        let contig = *contigs.first().ok_or(PlaceEditsError::NoEdits)?;
        if contigs.iter().any(|other| other.name() != contig.name()) {
            return Err(PlaceEditsError::Contigs);
        }
        for pair in sorted.windows(2) {
            let [(before, _), (edit, number)] = [pair[0], pair[1]];
            if before.pos() + before.reference().len() as u64 > edit.pos() {
                return Err(fault(number, RejectReason::OverlappingEdits));
            }
        }
        let number = sorted[sorted.len() - 1].1;
        let edits: Vec<&EditSpec> = sorted.into_iter().map(|(edit, _)| edit).collect();
        let haplotype = Windows::new(fasta, self.windows()).haplotype(contig, &edits)?;
        haplotype.ok_or_else(|| fault(number, RejectReason::PastWindow))
    }
}
