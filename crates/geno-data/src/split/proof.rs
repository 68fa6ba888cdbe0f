//! Compares the training side of a split with the held-out side, an entry at a time.

use std::{collections::BTreeMap, ops::Range, path::Path};

use geno_action::RelEdit;
use geno_core::Window;

use super::{
    CheckStatus, HeldOut, SideReport, SplitCheck, SplitReport,
    held_out::{Unaligned, file_name, sequence_key},
};
use crate::{
    contig_table::canonical_contig,
    holdout::{
        Alignment, HoldoutError,
        entry::{Entry, WindowEntry},
        read_entries,
    },
    intervals::{IntervalIndex, Intervals},
    normal_edit::NormalEdit,
    packed_edit::PackedEdit,
    tuples::TrainingTuple,
};

/// Overlaps that a report shows of each check.
const MAX_EXAMPLES: usize = 20;

/// Compares what training uses with what evaluation uses.
///
/// The held-out side is held in an index, the training side streams by, so either may have
/// millions of entries. What cannot be compared, a window without a place or a deletion without a
/// reference, fails its check unless somebody declares why that is right.
///
/// # Examples
///
/// ```
/// use geno_data::{CheckStatus, HeldOut, SplitCheck, SplitProof};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("eval.bed");
/// std::fs::write(&path, "chr20\t5000\t6000\n")?;
/// let mut held_out = HeldOut::new(None);
/// held_out.file(&path)?;
///
/// let mut proof = SplitProof::new(held_out);
/// proof.window(Some("w1"), None, Some(("20", 4_000..5_000)));
/// proof.window(Some("w2"), None, Some(("NC_000020.10", 5_999..7_000)));
/// let report = proof.finish();
///
/// assert!(!report.ok);
/// let check = report.check(SplitCheck::WindowOverlap);
/// assert_eq!((check.status, check.overlap_count), (CheckStatus::Failed, 1));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SplitProof<'a> {
    pub(super) held_out: HeldOut<'a>,
    places: IntervalIndex<()>,
    windows: IntervalIndex<()>,
    pub(super) side: SideReport,
    pub(super) unaligned: Unaligned,
    pub(super) unplaced_variants: u64,
    pub(super) windows_without_id: u64,
    pub(super) overlaps: BTreeMap<SplitCheck, (u64, Vec<String>)>,
    pub(super) declared: BTreeMap<SplitCheck, String>,
}

impl<'a> SplitProof<'a> {
    /// Begins to compare with a held-out side that is complete.
    pub fn new(mut held_out: HeldOut<'a>) -> Self {
        let (places, windows) = held_out.seal();
        Self {
            held_out,
            places,
            windows,
            side: SideReport::default(),
            unaligned: Unaligned::default(),
            unplaced_variants: 0,
            windows_without_id: 0,
            overlaps: BTreeMap::new(),
            declared: BTreeMap::new(),
        }
    }

    /// Declares why a check may fail. The report says so.
    pub fn declare(&mut self, check: SplitCheck, reason: &str) {
        self.declared.insert(check, reason.to_owned());
    }

    /// Compares what a file of the training side names: the formats of
    /// [`HoldoutsBuilder::file`](crate::HoldoutsBuilder::file).
    ///
    /// # Errors
    ///
    /// [`HoldoutError`]; also for a single row that cannot be read.
    pub fn file(&mut self, path: &Path) -> Result<(), HoldoutError> {
        self.side.files.extend(file_name(path));
        read_entries(path, |entry| match entry {
            Entry::Contig(name) => {
                self.window(None, None, Some((&name, 0..u64::MAX)));
                Ok(())
            }
            Entry::Interval { contig, range } => {
                self.window(None, None, Some((&contig, range)));
                Ok(())
            }
            Entry::Variant {
                contig,
                pos,
                reference,
                alternate,
            } => self.variant(&contig, pos, &reference, &alternate),
            Entry::Window(WindowEntry {
                record_id,
                window_id,
                place,
            }) => {
                let place = place
                    .as_ref()
                    .map(|(contig, range)| (contig.as_str(), range.clone()));
                let ids = (record_id.as_deref(), window_id.as_deref());
                if ids == (None, None) {
                    self.windows_without_id += 1;
                }
                self.window(ids.0, ids.1, place);
                Ok(())
            }
            Entry::Record(id) => {
                self.record(&id);
                Ok(())
            }
            Entry::Nothing => Ok(()),
        })
    }

    /// Compares a variant; `pos` is 1-based, alleles are upper-case `ACGT`.
    ///
    /// # Errors
    ///
    /// [`HoldoutError::Fasta`] if the reference cannot be read.
    pub fn variant(
        &mut self,
        contig: &str,
        pos: u64,
        reference: &str,
        alternate: &str,
    ) -> Result<(), HoldoutError> {
        let aligner = self.held_out.aligner;
        let (normal, alignment) = aligner.normal_form(contig, pos, reference, alternate)?;
        self.compare(contig, &normal, alignment, || {
            format!("{contig}:{pos}:{reference}:{alternate}")
        });
        Ok(())
    }

    fn compare(
        &mut self,
        contig: &str,
        normal: &NormalEdit,
        alignment: Alignment,
        show: impl Fn() -> String,
    ) {
        if normal.is_empty() {
            return;
        }
        self.side.variants += 1;
        self.unaligned.add(alignment);
        let id = self.held_out.table.get(contig);
        let packed = id.and_then(|id| PackedEdit::of(id, normal));
        if packed.is_some_and(|packed| self.held_out.variants.binary_search(&packed).is_ok()) {
            self.overlap(SplitCheck::VariantEquality, show());
        }
        if self.in_held_out_window(contig, normal.touched.clone()) {
            self.overlap(SplitCheck::WindowContainment, show());
        }
    }

    /// Compares an edit of a window that has no place on a genome.
    pub fn unplaced_variant(&mut self) {
        self.side.variants += 1;
        self.unplaced_variants += 1;
    }

    /// Compares a window: the id of its record, the SHA-256 of its sequence in hexadecimal, and its
    /// place, 0-based and half-open, as far as it has them.
    pub fn window(
        &mut self,
        record_id: Option<&str>,
        window_id: Option<&str>,
        place: Option<(&str, Range<u64>)>,
    ) {
        self.side.windows += 1;
        if let Some(id) = record_id {
            self.record(id);
        }
        if let Some(id) = window_id {
            self.record(&sequence_key(id));
        }
        let Some((contig, range)) = place else {
            self.side.unplaced_windows += 1;
            return;
        };
        let show = || format!("{contig}:{}-{}", range.start, range.end);
        if touches(&self.places, contig, range.clone()) {
            self.overlap(SplitCheck::WindowContainment, show());
        }
        if self.in_held_out_window(contig, range.clone()) {
            self.overlap(SplitCheck::WindowOverlap, show());
        }
    }

    /// Compares a training tuple: its window, its record and its edits.
    ///
    /// # Errors
    ///
    /// [`HoldoutError::Fasta`] if the reference cannot be read.
    pub fn tuple(&mut self, tuple: &TrainingTuple) -> Result<(), HoldoutError> {
        let window = tuple.window();
        let start = window.start();
        let range = start..start + window.len() as u64;
        let place = tuple.chrom().map(|contig| (contig, range));
        let window_id = tuple.window_id().to_hex();
        self.window(Some(tuple.record_id()), Some(&window_id), place);
        for edit in tuple.edits() {
            match tuple.chrom() {
                Some(contig) => self.edit(contig, window, edit)?,
                None => self.unplaced_variant(),
            }
        }
        Ok(())
    }

    /// Compares an edit of a window, which has the bases to align it unless a repeat reaches past
    /// its ends.
    fn edit(&mut self, contig: &str, window: &Window, edit: &RelEdit) -> Result<(), HoldoutError> {
        let (origin, bases) = (window.start(), window.bases());
        let start = origin + edit.rel_pos() as u64;
        let (reference, alternate) = (edit.reference(), edit.alternate());
        let mut normal = NormalEdit::trimmed(start, reference.as_bytes(), alternate.as_bytes());
        let open = normal.align(bases, origin);
        if open.left && origin > 0 || open.right {
            return self.variant(contig, start + 1, reference, alternate);
        }
        self.compare(contig, &normal, Alignment::Exact, || {
            format!("{contig}:{}:{reference}:{alternate}", start + 1)
        });
        Ok(())
    }

    /// Compares a record.
    pub fn record(&mut self, id: &str) {
        self.side.records += 1;
        if self.held_out.ids.contains(id) {
            self.overlap(SplitCheck::RecordIdentity, id.to_owned());
        }
    }

    fn in_held_out_window(&self, contig: &str, range: Range<u64>) -> bool {
        self.held_out.contigs.contains(&canonical_contig(contig))
            || touches(&self.windows, contig, range)
    }

    fn overlap(&mut self, check: SplitCheck, example: String) {
        let (count, examples) = self.overlaps.entry(check).or_default();
        *count += 1;
        if examples.len() < MAX_EXAMPLES && !examples.contains(&example) {
            examples.push(example);
        }
    }

    /// The report, when all of the training side went by.
    pub fn finish(self) -> SplitReport {
        let checks = SplitCheck::ALL.map(|check| self.check(check));
        let failed = checks
            .iter()
            .any(|check| check.status == CheckStatus::Failed);
        let compared = checks
            .iter()
            .any(|check| check.status != CheckStatus::NothingToCompare);
        SplitReport {
            schema_version: "1.0.0",
            generated_by: "geno-lewm tuples",
            ok: compared && !failed,
            normalization: match self.held_out.has_reference {
                true => "left_aligned",
                false => "trimmed",
            },
            train: self.side,
            held_out: self.held_out.side,
            leakage_checks: checks.into(),
        }
    }
}

fn touches(index: &IntervalIndex<()>, contig: &str, range: Range<u64>) -> bool {
    let touches = |intervals: &Intervals<()>| intervals.overlaps(range).next().is_some();
    index.contig(&canonical_contig(contig)).is_some_and(touches)
}
