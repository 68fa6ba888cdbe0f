//! The held-out side of a split, indexed.

use std::{collections::HashSet, ops::Range, path::Path};

use super::SideReport;
use crate::{
    contig_table::{ContigTable, canonical_contig},
    fasta::Fasta,
    holdout::{
        Aligner, Alignment, HoldoutError,
        entry::{Entry, WindowEntry},
        read_entries,
    },
    intervals::IntervalIndex,
    normal_edit::NormalEdit,
    packed_edit::PackedEdit,
};

/// Variants that cannot be compared, by why not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unaligned {
    pub(crate) no_reference: u64,
    pub(crate) unknown_contig: u64,
    pub(crate) reference_mismatch: u64,
}

impl Unaligned {
    pub(crate) fn add(&mut self, alignment: Alignment) {
        match alignment {
            Alignment::Exact => {}
            Alignment::NoReference => self.no_reference += 1,
            Alignment::UnknownContig => self.unknown_contig += 1,
            Alignment::Mismatch => self.reference_mismatch += 1,
        }
    }

    pub(crate) fn total(self) -> u64 {
        self.no_reference + self.unknown_contig + self.reference_mismatch
    }
}

/// Collects what evaluation uses; about 50 bytes a variant.
#[derive(Debug)]
pub struct HeldOut<'a> {
    pub(crate) aligner: Aligner<'a>,
    pub(crate) has_reference: bool,
    pub(crate) table: ContigTable,
    pub(crate) variants: Vec<PackedEdit>,
    pub(crate) unaligned: Unaligned,
    places: Vec<(String, Range<u64>, ())>,
    windows: Vec<(String, Range<u64>, ())>,
    pub(crate) contigs: HashSet<String>,
    pub(crate) ids: HashSet<String>,
    pub(crate) windows_without_id: u64,
    pub(crate) side: SideReport,
}

impl<'a> HeldOut<'a> {
    /// Begins to collect. Insertions and deletions are compared where a reference is there to align
    /// them.
    pub fn new(fasta: Option<&'a Fasta>) -> Self {
        Self {
            aligner: Aligner::new(fasta),
            has_reference: fasta.is_some(),
            table: ContigTable::default(),
            variants: Vec::new(),
            unaligned: Unaligned::default(),
            places: Vec::new(),
            windows: Vec::new(),
            contigs: HashSet::new(),
            ids: HashSet::new(),
            windows_without_id: 0,
            side: SideReport::default(),
        }
    }

    /// Adds a whole contig.
    pub fn contig(&mut self, name: &str) {
        self.contigs.insert(canonical_contig(name));
        self.side.windows += 1;
    }

    /// Adds what a file names: the formats of [`HoldoutsBuilder::file`](crate::HoldoutsBuilder::file).
    ///
    /// # Errors
    ///
    /// [`HoldoutError`]; also for a single row that cannot be read.
    pub fn file(&mut self, path: &Path) -> Result<(), HoldoutError> {
        self.side.files.extend(file_name(path));
        read_entries(path, |entry| self.entry(entry))
    }

    fn entry(&mut self, entry: Entry) -> Result<(), HoldoutError> {
        match entry {
            Entry::Contig(name) => self.contig(&name),
            Entry::Interval { contig, range } => {
                self.windows.push((canonical_contig(&contig), range, ()));
                self.side.windows += 1;
            }
            Entry::Variant {
                contig,
                pos,
                reference,
                alternate,
            } => {
                let (normal, alignment) = self
                    .aligner
                    .normal_form(&contig, pos, &reference, &alternate)?;
                self.variant(&contig, &normal, alignment)?;
            }
            Entry::Window(window) => self.window(window),
            Entry::Record(id) => self.id(id),
            Entry::Nothing => {}
        }
        Ok(())
    }

    fn variant(
        &mut self,
        contig: &str,
        normal: &NormalEdit,
        alignment: Alignment,
    ) -> Result<(), HoldoutError> {
        if normal.is_empty() {
            return Ok(());
        }
        let id = self.table.intern(contig);
        let packed = PackedEdit::of(id, normal).ok_or(HoldoutError::OutOfRange)?;
        self.variants.push(packed);
        self.places
            .push((canonical_contig(contig), normal.touched.clone(), ()));
        self.unaligned.add(alignment);
        self.side.variants += 1;
        Ok(())
    }

    fn window(&mut self, window: WindowEntry) {
        self.side.windows += 1;
        match window.place {
            Some((contig, range)) => self.windows.push((canonical_contig(&contig), range, ())),
            None => self.side.unplaced_windows += 1,
        }
        if window.record_id.is_none() && window.window_id.is_none() {
            self.windows_without_id += 1;
        }
        window.record_id.into_iter().for_each(|id| self.id(id));
        window
            .window_id
            .into_iter()
            .for_each(|id| self.id(sequence_key(&id)));
    }

    fn id(&mut self, id: String) {
        self.ids.insert(id);
        self.side.records = self.ids.len() as u64;
    }

    /// Sorts everything, to be asked from now on: the places of variants, and the windows.
    pub(crate) fn seal(&mut self) -> (IntervalIndex<()>, IntervalIndex<()>) {
        self.variants.sort_unstable();
        self.variants.dedup();
        let places = IntervalIndex::new(std::mem::take(&mut self.places));
        (
            places,
            IntervalIndex::new(std::mem::take(&mut self.windows)),
        )
    }
}

/// The id of a window's sequence, told from ids of records.
pub(crate) fn sequence_key(window_id: &str) -> String {
    format!("sha256:{}", window_id.trim_start_matches("sha256:"))
}

pub(crate) fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}
