//! Variants of a genome, to draw from.

use std::{ops::Range, path::Path};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};

use crate::{
    contig_table::ContigTable,
    packed_edit::PackedEdit,
    vcf::{Progress, VcfError, VcfReader, VcfRow},
};

/// Rows between two reports of progress.
const ROWS_A_REPORT: u64 = 1 << 14;

/// Variants of a genome, sorted, in 16 bytes each.
///
/// # Examples
///
/// ```
/// use geno_action::EditSpec;
/// use geno_data::VariantSet;
///
/// let mut variants = VariantSet::default();
/// variants.add(&EditSpec::new("chr20", 101, "A", "C")?)?;
/// variants.add(&EditSpec::new("20", 101, "A", "C")?)?;
/// variants.sort();
/// assert_eq!(variants.len(), 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct VariantSet {
    contigs: ContigTable,
    variants: Vec<PackedEdit>,
    counts: VariantSetCounts,
}

/// What a set was made of.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Serialize)]
pub struct VariantSetCounts {
    /// Variants that were added.
    pub added: u64,
    /// Rows and alleles that make no edit: symbolic, `*`, too long, or not to be parsed.
    pub rejected: u64,
}

/// Why variants could not be collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VariantSetError {
    /// The file.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// A shard.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Shard(#[from] crate::ReadShardError),
    /// A contig number or a position beyond what any genome has.
    #[error("more than a million contigs, or a position past 17 billion")]
    OutOfRange,
}

impl Coded for VariantSetError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Vcf(error) => error.code(),
            #[cfg(feature = "parquet")]
            Self::Shard(error) => error.code(),
            Self::OutOfRange => ErrorCode::InputGeneric,
        }
    }
}

impl VariantSet {
    /// Reads the variants of a VCF file, or of the standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`VariantSetError`] if the file cannot be read; never for a row, which is counted.
    pub fn read_vcf(
        path: &Path,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<Self, VariantSetError> {
        let mut set = Self::default();
        let mut reader = VcfReader::open(path)?;
        while let Some(row) = reader.next() {
            match row? {
                VcfRow::Variant(variant) => set.add(variant.edit())?,
                VcfRow::Rejected(_) => set.reject(),
            }
            if (set.counts.added + set.counts.rejected).is_multiple_of(ROWS_A_REPORT) {
                on_progress(reader.progress());
            }
        }
        set.sort();
        Ok(set)
    }

    /// Adds a variant. [`sort`](Self::sort) before drawing.
    ///
    /// # Errors
    ///
    /// [`VariantSetError::OutOfRange`].
    pub fn add(&mut self, edit: &EditSpec) -> Result<(), VariantSetError> {
        let contig = self.contigs.intern(edit.chrom());
        let (reference, alternate) = (edit.reference().as_bytes(), edit.alternate().as_bytes());
        let packed = PackedEdit::new(contig, edit.pos() - 1, reference, alternate);
        self.variants
            .push(packed.ok_or(VariantSetError::OutOfRange)?);
        self.counts.added += 1;
        Ok(())
    }

    /// Counts a row that makes no edit.
    pub fn reject(&mut self) {
        self.counts.rejected += 1;
    }

    /// Brings what was added into the order of the genome, each variant once.
    pub fn sort(&mut self) {
        self.variants.sort_unstable();
        self.variants.dedup();
    }

    /// How many variants there are.
    pub fn len(&self) -> usize {
        self.variants.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    /// What the set was made of.
    pub fn counts(&self) -> VariantSetCounts {
        self.counts
    }

    /// The variants that begin in a stretch of a contig, 0-based and half-open.
    pub(crate) fn starting_in(&self, contig: &str, range: Range<u64>) -> &[PackedEdit] {
        let id = self.contigs.get(contig);
        let place = |start: u64| {
            let floor = id.and_then(|id| PackedEdit::floor(id, start));
            floor.map_or(0, |floor| {
                self.variants.partition_point(|&edit| edit < floor)
            })
        };
        let (from, to) = (place(range.start), place(range.end));
        &self.variants[from..to.max(from)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_make_no_edit_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.vcf");
        let rows = "20\t9\t.\tA\tC,<DEL>\n20\tx\t.\tA\tC\n20\t3\t.\tA\tAC\n";
        let text = format!("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n{rows}");
        std::fs::write(&path, text).unwrap();
        let set = VariantSet::read_vcf(&path, |_| {}).unwrap();
        assert_eq!(
            set.counts(),
            VariantSetCounts {
                added: 2,
                rejected: 2
            }
        );
        let starts = |range| -> Vec<u64> {
            let found = set.starting_in("chr20", range);
            found.iter().map(|edit| edit.start()).collect()
        };
        assert_eq!(starts(0..100), [2, 8]);
        assert!(starts(3..8).is_empty());
        assert_eq!(starts(8..9), [8]);
        assert!(set.starting_in("2", 0..100).is_empty());
    }
}
