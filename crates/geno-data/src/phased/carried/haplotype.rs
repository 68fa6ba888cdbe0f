//! What a chromosome copy carries.

use std::fmt;

use geno_action::EditSpec;

use crate::vcf::Variant;

/// Neighbouring edits that at least one chromosome copy carries together, and no further neighbour.
///
/// Its `Debug` shows how many there are.
#[derive(Clone, Eq, PartialEq)]
pub struct CarriedHaplotype {
    contig: usize,
    variants: Vec<Variant>,
    n_copies: u32,
}

impl CarriedHaplotype {
    /// Joins variants, by position; the first that replaces what the one before it replaces is the
    /// error.
    pub(super) fn new(
        contig: usize,
        variants: Vec<Variant>,
        n_copies: u32,
    ) -> Result<Self, Box<Variant>> {
        let end = |edit: &EditSpec| edit.pos() + edit.reference().len() as u64;
        let mut pairs = variants.windows(2);
        if let Some(pair) = pairs.find(|pair| end(pair[0].edit()) > pair[1].edit().pos()) {
            return Err(Box::new(pair[1].clone()));
        }
        Ok(Self {
            contig,
            variants,
            n_copies,
        })
    }

    /// Which of [`Fasta::contigs`](crate::Fasta::contigs) it lies on.
    pub fn contig(&self) -> usize {
        self.contig
    }

    /// Its edits, by position; at least one. No two replace one base.
    pub fn edits(&self) -> impl ExactSizeIterator<Item = &EditSpec> {
        self.variants.iter().map(Variant::edit)
    }

    /// Its edits with their rows.
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// How many of the chromosome copies carry it.
    pub fn n_copies(&self) -> u32 {
        self.n_copies
    }
}

impl fmt::Debug for CarriedHaplotype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarriedHaplotype")
            .field("n_edits", &self.variants.len())
            .field("n_copies", &self.n_copies)
            .finish_non_exhaustive()
    }
}
