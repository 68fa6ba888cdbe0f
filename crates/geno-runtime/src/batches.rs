//! The sites of a VCF, in batches.

use std::path::Path;

use geno_core::Digest;
use geno_data::{
    CenteredWindows, Fasta, PlaceError, Placed, PlacedSite, RejectedRow, SiteGrouper, Skip,
    VcfError, VcfReader,
};

/// Sites to compute together, and the rows rejected on the way to them.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) sites: Vec<PlacedSite>,
    pub(crate) rejected: Vec<RejectedRow>,
}

/// Reads a VCF a batch at a time. Memory is that of one batch.
pub(crate) struct Batches<'a> {
    placed: SiteGrouper<'a, VcfReader>,
    size: usize,
}

impl<'a> Batches<'a> {
    /// Opens a VCF; `size` is the least number of edits in a batch that is not the last, `skip`
    /// what is left out before the first.
    pub(crate) fn open(
        vcf: &Path,
        fasta: &'a Fasta,
        windows: CenteredWindows,
        size: usize,
        skip: Skip,
    ) -> Result<Self, VcfError> {
        let rows = VcfReader::open(vcf)?;
        Ok(Self {
            placed: SiteGrouper::new(rows, fasta, windows).skipping(skip),
            size,
        })
    }

    /// How much of the VCF has been read.
    pub(crate) fn progress(&self) -> geno_data::Progress {
        self.placed.rows().progress()
    }

    /// The digest of the VCF, once it is read to its end.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.placed.rows().digest()
    }

    /// The next batch, or nothing when the VCF is read to its end.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, PlaceError> {
        let mut batch = Batch::default();
        let mut n_edits = 0;
        // Rejected rows count too, so that a file of nothing else still comes in batches.
        while n_edits + batch.rejected.len() < self.size {
            match self.placed.next() {
                Some(Ok(Placed::Site(site))) => {
                    n_edits += site.variants().len();
                    batch.sites.push(site);
                }
                Some(Ok(Placed::Rejected(row))) => batch.rejected.push(row),
                Some(Err(error)) => return Err(error),
                None => break,
            }
        }
        let is_empty = batch.sites.is_empty() && batch.rejected.is_empty();
        Ok((!is_empty).then_some(batch))
    }
}
