//! Collects what is held out.

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
    path::Path,
};

use geno_core::{Coded, ErrorCode};

use super::{Aligner, Alignment, Holdouts, ReadEntriesError, entry::Entry, read_entries};
use crate::{
    contig_table::{ContigTable, canonical_contig},
    fasta::{Fasta, FetchError},
    intervals::IntervalIndex,
    packed_edit::PackedEdit,
};

/// Collects chromosomes, intervals, variants and records, and what files name of them.
#[derive(Debug)]
pub struct HoldoutsBuilder<'a> {
    aligner: Aligner<'a>,
    contigs: BTreeSet<String>,
    intervals: Vec<(String, Range<u64>, ())>,
    table: ContigTable,
    variants: Vec<PackedEdit>,
    unaligned: Vec<PackedEdit>,
    records: HashSet<String>,
    counts: HoldoutCounts,
}

/// What was held out, and what of it could not be told exactly.
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Serialize)]
pub struct HoldoutCounts {
    /// Whole contigs.
    pub contigs: u64,
    /// Intervals, those of windows and of symbolic alleles among them.
    pub intervals: u64,
    /// Variants.
    pub variants: u64,
    /// Records, those of windows among them.
    pub records: u64,
    /// Rows that name nothing that changes the sequence.
    pub no_change: u64,
    /// Insertions and deletions that no reference was there to align. They are aligned in each
    /// window instead.
    pub without_reference: u64,
    /// Variants on contigs that the reference has not.
    pub unknown_contig: u64,
    /// Variants whose reference allele the reference does not have: perhaps of another build.
    pub reference_mismatch: u64,
}

/// Why something cannot be held out, or compared with what is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HoldoutError {
    /// The file that names it.
    #[error(transparent)]
    Read(#[from] ReadEntriesError),
    /// The reference cannot be read.
    #[error(transparent)]
    Fasta(#[from] FetchError),
    /// A contig number or a position beyond what any genome has.
    #[error("more than a million contigs, or a position past 17 billion")]
    OutOfRange,
}

impl Coded for HoldoutError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(error) => error.code(),
            Self::Fasta(error) => error.code(),
            Self::OutOfRange => ErrorCode::InputGeneric,
        }
    }
}

impl Holdouts {
    /// Begins to collect. With a reference insertions and deletions are aligned once, without one
    /// in every window that they are compared in.
    pub fn builder(fasta: Option<&Fasta>) -> HoldoutsBuilder<'_> {
        HoldoutsBuilder {
            aligner: Aligner::new(fasta),
            contigs: BTreeSet::new(),
            intervals: Vec::new(),
            table: ContigTable::default(),
            variants: Vec::new(),
            unaligned: Vec::new(),
            records: HashSet::new(),
            counts: HoldoutCounts::default(),
        }
    }
}

impl HoldoutsBuilder<'_> {
    /// Holds out a whole contig.
    pub fn contig(&mut self, name: &str) {
        self.contigs.insert(canonical_contig(name));
        self.counts.contigs = self.contigs.len() as u64;
    }

    /// Holds out a stretch of a contig, 0-based and half-open.
    pub fn interval(&mut self, contig: &str, range: Range<u64>) {
        self.intervals.push((canonical_contig(contig), range, ()));
        self.counts.intervals += 1;
    }

    /// Holds out a record, by its id.
    pub fn record(&mut self, id: &str) {
        self.records.insert(id.to_owned());
        self.counts.records = self.records.len() as u64;
    }

    /// Holds out a variant in all its spellings. `pos` is 1-based, alleles are upper-case `ACGT`.
    ///
    /// # Errors
    ///
    /// [`HoldoutError::Fasta`] if the reference cannot be read, [`HoldoutError::OutOfRange`].
    pub fn variant(
        &mut self,
        contig: &str,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<(), HoldoutError> {
        let normal = self
            .aligner
            .normal_form(contig, pos, reference, alternate)?;
        let (normal, alignment) = normal;
        if normal.is_empty() {
            self.counts.no_change += 1;
            return Ok(());
        }
        let id = self.table.intern(contig);
        let packed = PackedEdit::of(id, &normal).ok_or(HoldoutError::OutOfRange)?;
        match alignment {
            Alignment::Exact => {}
            Alignment::NoReference => self.counts.without_reference += 1,
            Alignment::UnknownContig => self.counts.unknown_contig += 1,
            Alignment::Mismatch => self.counts.reference_mismatch += 1,
        }
        match alignment {
            Alignment::NoReference => self.unaligned.push(packed),
            _ => self.variants.push(packed),
        }
        self.counts.variants += 1;
        Ok(())
    }

    /// Holds out what a file names: a holdout policy (`.json`), lines of variants, windows and
    /// records (`.jsonl`), intervals (`.bed`) or variants (`.vcf`), each also compressed.
    ///
    /// # Errors
    ///
    /// [`HoldoutError`]; also for a single row that cannot be read, since what it names would not
    /// be held out.
    pub fn file(&mut self, path: &Path) -> Result<(), HoldoutError> {
        read_entries(path, |entry| self.entry(entry))
    }

    fn entry(&mut self, entry: Entry) -> Result<(), HoldoutError> {
        match entry {
            Entry::Contig(name) => self.contig(&name),
            Entry::Interval { contig, range } => self.interval(&contig, range),
            Entry::Variant {
                contig,
                pos,
                reference,
                alternate,
            } => {
                self.variant(&contig, pos, &reference, &alternate)?;
            }
            Entry::Window(window) => {
                if let Some((contig, range)) = window.place {
                    self.interval(&contig, range);
                }
                if let Some(id) = window.record_id {
                    self.record(&id);
                }
            }
            Entry::Record(id) => self.record(&id),
            Entry::Nothing => self.counts.no_change += 1,
        }
        Ok(())
    }

    /// What was collected, ready to be asked.
    pub fn build(mut self) -> Holdouts {
        for variants in [&mut self.variants, &mut self.unaligned] {
            variants.sort_unstable();
            variants.dedup();
        }
        Holdouts {
            contigs: self.contigs,
            intervals: IntervalIndex::new(self.intervals),
            table: self.table,
            variants: self.variants,
            unaligned: self.unaligned,
            records: self.records,
            counts: self.counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Exclusion;

    #[test]
    fn files_of_every_kind_are_held_out() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut holdouts = Holdouts::builder(None);
        for path in [
            write("a.json", r#"{"holdout_chroms": ["21"]}"#),
            write("b.bed", "chr20\t100\t200\n"),
            write(
                "c.vcf",
                "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n19\t8\t.\tA\tC\n",
            ),
            write(
                "d.jsonl",
                "{\"record_id\": \"r1\"}\n\n{\"record_id\": \"r2\"}\n",
            ),
        ] {
            holdouts.file(&path).unwrap();
        }
        let holdouts = holdouts.build();
        let expected = HoldoutCounts {
            contigs: 1,
            intervals: 1,
            variants: 1,
            records: 2,
            ..HoldoutCounts::default()
        };
        assert_eq!(*holdouts.counts(), expected);
        assert_eq!(holdouts.window("r2", None), Some(Exclusion::Record));

        let unknown = write("e.txt", "");
        let error = Holdouts::builder(None).file(&unknown).unwrap_err();
        assert!(matches!(
            error,
            HoldoutError::Read(ReadEntriesError::UnknownFormat { .. })
        ));
    }
}
