//! What training must not see: chromosomes, intervals, variants and records.

mod aligner;
mod build;
pub(crate) mod entry;
mod read;

use std::{
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use geno_action::RelEdit;

pub(crate) use self::{
    aligner::{Aligner, Alignment},
    read::{read_bed, read_entries},
};
pub use self::{
    build::{HoldoutCounts, HoldoutError, HoldoutsBuilder},
    read::{EntryFault, ReadEntriesError},
};
use crate::{
    contig_table::{ContigTable, canonical_contig},
    intervals::{IntervalIndex, Intervals},
    normal_edit::NormalEdit,
    packed_edit::PackedEdit,
};

/// Chromosomes, intervals, variants and records that are kept for evaluation.
///
/// A contig is one under all its spellings (`20`, `chr20`, `NC_000020.10`), and a variant under all
/// of its: both sides are compared trimmed and left-aligned.
///
/// # Examples
///
/// ```
/// use geno_action::RelEdit;
/// use geno_data::{Exclusion, Holdouts};
///
/// let mut holdouts = Holdouts::builder(None);
/// holdouts.contig("chr21");
/// holdouts.interval("20", 5_000..6_000);
/// holdouts.variant("chr20", 104, "A", "C")?;
/// let holdouts = holdouts.build();
///
/// let excluded = holdouts.window("w1", Some(("NC_000021.8", 0..100)));
/// assert_eq!(excluded, Some(Exclusion::Contig));
///
/// // The same substitution, written with the base before it.
/// let edit = RelEdit::new(2, "GA", "GC")?;
/// assert_eq!(holdouts.edit("20", 100, b"ACGATT", &edit), Some(Exclusion::Variant));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Holdouts {
    contigs: BTreeSet<String>,
    intervals: IntervalIndex<()>,
    table: ContigTable,
    /// In normal form, sorted.
    variants: Vec<PackedEdit>,
    /// Insertions and deletions that no reference was there to align, sorted.
    unaligned: Vec<PackedEdit>,
    records: HashSet<String>,
    counts: HoldoutCounts,
}

/// Why a window or an edit is left out.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// Its record is held out.
    Record,
    /// Its contig is held out.
    Contig,
    /// It touches a held-out interval.
    Interval,
    /// It is a held-out variant; of a window, it holds the place of one.
    Variant,
    /// A repeat carries the edit out of its window, so it cannot be compared with what is held out.
    Unresolved,
}

impl Exclusion {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::Record,
        Self::Contig,
        Self::Interval,
        Self::Variant,
        Self::Unresolved,
    ];

    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Contig => "contig",
            Self::Interval => "interval",
            Self::Variant => "variant",
            Self::Unresolved => "unresolved",
        }
    }
}

impl Holdouts {
    /// Nothing is held out.
    pub fn none() -> Self {
        Self::builder(None).build()
    }

    /// What was held out, and how well it can be told.
    pub fn counts(&self) -> &HoldoutCounts {
        &self.counts
    }

    /// Why a window is left out, if it is: for its record, its contig, or an interval that it
    /// touches.
    ///
    /// `place` is its contig and its stretch of it, 0-based and half-open.
    pub fn window(&self, record_id: &str, place: Option<(&str, Range<u64>)>) -> Option<Exclusion> {
        if self.records.contains(record_id) {
            return Some(Exclusion::Record);
        }
        let (contig, range) = place?;
        self.stretch(&canonical_contig(contig), range)
    }

    /// Whether a window holds the place of a held-out variant.
    pub fn window_holds_variant(&self, contig: &str, range: Range<u64>) -> bool {
        let Some(id) = self.table.get(contig) else {
            return false;
        };
        let holds = |variants| !starting_in(variants, id, range.clone()).is_empty();
        holds(&self.variants) || holds(&self.unaligned)
    }

    /// Why an edit of a window is left out, if it is.
    ///
    /// `sequence` is the window's bases, in upper case, from the 0-based `origin` of the contig on;
    /// it holds the bases that the edit replaces.
    pub fn edit(
        &self,
        contig: &str,
        origin: u64,
        sequence: &[u8],
        edit: &RelEdit,
    ) -> Option<Exclusion> {
        let variants = [&self.variants, &self.unaligned];
        let no_variant = variants.iter().all(|variants| variants.is_empty());
        if self.contigs.is_empty() && self.intervals.is_empty() && no_variant {
            return None;
        }
        let start = origin + edit.rel_pos() as u64;
        let (reference, alternate) = (edit.reference().as_bytes(), edit.alternate().as_bytes());
        let mut normal = NormalEdit::trimmed(start, reference, alternate);
        let open = normal.align(sequence, origin);

        let name = canonical_contig(contig);
        if let Some(exclusion) = self.stretch(&name, normal.touched.clone()) {
            return Some(exclusion);
        }
        let id = self.table.get(&name);
        let key = id.and_then(|id| PackedEdit::of(id, &normal));
        if key.is_some_and(|key| self.variants.binary_search(&key).is_ok()) {
            return Some(Exclusion::Variant);
        }
        if id.is_some_and(|id| self.is_unaligned_variant(id, origin, sequence, &normal)) {
            return Some(Exclusion::Variant);
        }
        let is_compared = id.is_some() || self.intervals.contig(&name).is_some();
        let is_open = open.left && origin > 0 || open.right;
        (is_open && is_compared).then_some(Exclusion::Unresolved)
    }

    /// Whether an edit is one of the insertions and deletions that are aligned only here, in the
    /// window.
    fn is_unaligned_variant(
        &self,
        id: u32,
        origin: u64,
        sequence: &[u8],
        edit: &NormalEdit,
    ) -> bool {
        let end = origin + sequence.len() as u64;
        let mut inside = starting_in(&self.unaligned, id, origin..end).iter();
        inside.any(|held_out| {
            let Some((reference, alternate)) = held_out.alleles() else {
                return false;
            };
            let (reference, alternate) = (reference.as_bytes(), alternate.as_bytes());
            let mut held_out = NormalEdit::trimmed(held_out.start(), reference, alternate);
            let begin = (held_out.start - origin) as usize;
            if !sequence[begin..].starts_with(reference) {
                return false;
            }
            held_out.align(sequence, origin);
            held_out.is_same_as(edit)
        })
    }

    /// `contig` is a canonical name.
    fn stretch(&self, contig: &str, range: Range<u64>) -> Option<Exclusion> {
        if self.contigs.contains(contig) {
            return Some(Exclusion::Contig);
        }
        let touches = |intervals: &Intervals<()>| intervals.overlaps(range).next().is_some();
        let intervals = self.intervals.contig(contig);
        intervals
            .is_some_and(touches)
            .then_some(Exclusion::Interval)
    }
}

/// The part of sorted variants that begins in a stretch of a contig.
fn starting_in(variants: &[PackedEdit], id: u32, range: Range<u64>) -> &[PackedEdit] {
    let place = |start| match PackedEdit::floor(id, start) {
        Some(floor) => variants.partition_point(|&variant| variant < floor),
        None => variants.len(),
    };
    let (from, to) = (place(range.start), place(range.end));
    &variants[from..to.max(from)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fasta;

    /// Contig `chr20`: unique sequence, a run of `CA`, unique sequence.
    fn fasta() -> (tempfile::TempDir, Fasta, Vec<u8>) {
        let sequence = [b"GATTGC".as_slice(), &b"CA".repeat(20), b"GGTTCAGT"].concat();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        let text = format!(">chr20\n{}\n", String::from_utf8_lossy(&sequence));
        std::fs::write(&path, text).unwrap();
        let fasta = Fasta::open(&path).unwrap();
        (folder, fasta, sequence)
    }

    fn edit(rel_pos: usize, reference: &str, alternate: &str) -> RelEdit {
        RelEdit::new(rel_pos, reference, alternate).unwrap()
    }

    #[test]
    fn a_variant_is_held_out_under_every_spelling_and_name() {
        let (_folder, fasta, sequence) = fasta();
        for (pos, reference, alternate) in [(6, "CCA", "C"), (30, "ACA", "A"), (41, "CACA", "CA")] {
            let mut holdouts = Holdouts::builder(Some(&fasta));
            holdouts
                .variant("NC_000020.10", pos, reference, alternate)
                .unwrap();
            let holdouts = holdouts.build();
            for spelling in [
                edit(5, "CCA", "C"),
                edit(20, "CAC", "C"),
                edit(43, "ACA", "A"),
            ] {
                let excluded = holdouts.edit("20", 0, &sequence, &spelling);
                assert_eq!(excluded, Some(Exclusion::Variant), "{pos} {spelling:?}");
            }
            let other = edit(20, "CACAC", "C");
            assert_eq!(holdouts.edit("20", 0, &sequence, &other), None);
            assert_eq!(
                holdouts.edit("21", 0, &sequence, &edit(20, "CAC", "C")),
                None
            );
        }
    }

    #[test]
    fn without_a_reference_variants_are_aligned_in_each_window() {
        let (_folder, _fasta, sequence) = fasta();
        let mut holdouts = Holdouts::builder(None);
        holdouts.variant("chr20", 30, "ACA", "A").unwrap();
        let holdouts = holdouts.build();
        assert_eq!(holdouts.counts().without_reference, 1);
        let excluded = |edit| holdouts.edit("20", 0, &sequence, &edit);
        assert_eq!(excluded(edit(5, "CCA", "C")), Some(Exclusion::Variant));
        assert_eq!(excluded(edit(5, "CCACA", "C")), None);
        assert_eq!(holdouts.window("r", Some(("20", 0..50))), None);
        assert!(holdouts.window_holds_variant("20", 0..50));
    }

    #[test]
    fn an_edit_that_a_repeat_carries_into_an_interval_is_left_out() {
        let (_folder, _fasta, sequence) = fasta();
        let mut holdouts = Holdouts::builder(None);
        holdouts.interval("chr20", 6..8);
        let holdouts = holdouts.build();
        let in_repeat = edit(40, "CAC", "C");
        let excluded = holdouts.edit("20", 0, &sequence, &in_repeat);
        assert_eq!(excluded, Some(Exclusion::Interval));
        let outside = edit(49, "T", "C");
        assert_eq!(holdouts.edit("20", 0, &sequence, &outside), None);
    }

    #[test]
    fn a_repeat_longer_than_the_window_leaves_the_edit_unresolved() {
        let (_folder, fasta, sequence) = fasta();
        let mut holdouts = Holdouts::builder(Some(&fasta));
        holdouts.variant("20", 20, "ACA", "A").unwrap();
        let holdouts = holdouts.build();
        let inside = &sequence[20..40];
        let excluded = holdouts.edit("20", 20, inside, &edit(6, "CAC", "C"));
        assert_eq!(excluded, Some(Exclusion::Unresolved));
    }

    #[test]
    fn windows_are_left_out_by_record_contig_and_interval() {
        let mut holdouts = Holdouts::builder(None);
        holdouts.record("r1");
        holdouts.contig("chrX");
        holdouts.interval("1", 100..200);
        holdouts.variant("1", 501, "A", "C").unwrap();
        let holdouts = holdouts.build();
        let window = |id, contig, range| holdouts.window(id, Some((contig, range)));
        assert_eq!(window("r1", "5", 0..9), Some(Exclusion::Record));
        assert_eq!(holdouts.window("r1", None), Some(Exclusion::Record));
        assert_eq!(window("r", "NC_000023.10", 0..9), Some(Exclusion::Contig));
        assert_eq!(window("r", "chr1", 199..300), Some(Exclusion::Interval));
        assert_eq!(window("r", "chr1", 200..300), None);
        assert!(holdouts.window_holds_variant("chr1", 500..501));
        assert!(!holdouts.window_holds_variant("chr1", 501..502));
        assert!(!holdouts.window_holds_variant("chr2", 500..501));
    }
}
