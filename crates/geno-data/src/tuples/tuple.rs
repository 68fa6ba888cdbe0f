//! One training tuple.

use std::{fmt, sync::Arc};

use geno_action::{Haplotype, RelEdit};
use geno_core::{Digest, Window};
use serde::Serialize;

use super::EditSource;
use crate::corpus::CorpusWindow;

/// A window, edits of it, and the window after them.
///
/// Tuples of one window share it. The `Debug` shows no sequence and no place.
#[derive(Clone)]
pub struct TrainingTuple {
    pub(crate) origin: Arc<Origin>,
    pub(crate) edit_source: EditSource,
    pub(crate) n_copies: Option<u32>,
    pub(crate) haplotype: Haplotype,
    pub(crate) target: Vec<u8>,
}

/// Where a window comes from.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) record_id: String,
    pub(crate) source: String,
    pub(crate) chrom: Option<String>,
    pub(crate) window_id: Digest,
}

impl Origin {
    /// Takes a window apart into its origin and its bases.
    pub(crate) fn of(window: CorpusWindow) -> (Arc<Self>, Arc<Window>) {
        let window_id = window.window_id();
        let origin = Self {
            record_id: window.record_id,
            source: window.source,
            chrom: window.chrom,
            window_id,
        };
        (Arc::new(origin), Arc::new(window.window))
    }
}

impl TrainingTuple {
    /// The record that the window comes from.
    pub fn record_id(&self) -> &str {
        &self.origin.record_id
    }

    /// The part of a corpus, or the kind of region, that the window comes from.
    pub fn window_source(&self) -> &str {
        &self.origin.source
    }

    /// The window's contig, if it has a place on a genome.
    pub fn chrom(&self) -> Option<&str> {
        self.origin.chrom.as_deref()
    }

    /// The SHA-256 of the window's bases; files write its hexadecimal digits alone.
    pub fn window_id(&self) -> Digest {
        self.origin.window_id
    }

    /// The source that the edits really came from, which may be a fall-back.
    pub fn edit_source(&self) -> EditSource {
        self.edit_source
    }

    /// How many chromosome copies of the phased file carry these edits and no further neighbour.
    pub fn n_copies(&self) -> Option<u32> {
        self.n_copies
    }

    /// The window before the edits.
    pub fn window(&self) -> &Arc<Window> {
        self.haplotype.window()
    }

    /// The edits, by position; at least one.
    pub fn edits(&self) -> &[RelEdit] {
        self.haplotype.edits()
    }

    /// The window and its edits.
    pub fn haplotype(&self) -> &Haplotype {
        &self.haplotype
    }

    /// The window after the edits, as the state contract of the settings sees it.
    pub fn target_window(&self) -> &[u8] {
        &self.target
    }

    /// Where a state of the window is pooled: at its first edit, as in scoring. The target is pooled
    /// there too.
    pub fn locus(&self) -> usize {
        self.edits()[0].rel_pos()
    }

    /// The tuple as an object of a JSON Lines file. Field names are the Python package's.
    ///
    /// With `sequences` it holds the bases of both windows; without, a window is known by its place
    /// or its id.
    pub fn row(&self, sequences: bool) -> TupleRow<'_> {
        let window = self.window();
        let text = |bases: &[u8]| String::from_utf8_lossy(bases).into_owned();
        TupleRow {
            window_id: self.window_id().to_hex(),
            source_record_id: self.record_id(),
            source: self.window_source(),
            chrom: self.chrom(),
            window_start_bp: window.start(),
            window_end_bp: window.start() + window.len() as u64,
            edit_source: self.edit_source,
            n_copies: self.n_copies,
            rel_edits: self.edits().iter().map(EditRow::of).collect(),
            source_window: sequences.then(|| text(window.bases())),
            target_window: sequences.then(|| text(&self.target)),
        }
    }
}

impl fmt::Debug for TrainingTuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrainingTuple")
            .field("edit_source", &self.edit_source)
            .field("edits", &self.edits())
            .field("target_len", &self.target.len())
            .finish_non_exhaustive()
    }
}

/// A tuple as it is written to a file.
#[derive(Serialize)]
pub struct TupleRow<'a> {
    window_id: String,
    source_record_id: &'a str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chrom: Option<&'a str>,
    window_start_bp: u64,
    window_end_bp: u64,
    edit_source: EditSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    n_copies: Option<u32>,
    rel_edits: Vec<EditRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_window: Option<String>,
}

#[derive(Serialize)]
struct EditRow<'a> {
    rel_pos: usize,
    edit_type: u8,
    ref_bases: &'a str,
    alt_bases: &'a str,
}

/// Edits as the `rel_edits` of a [`TupleRow`].
#[cfg(feature = "parquet")]
pub(crate) fn edits_as_json(edits: &[RelEdit]) -> String {
    let rows: Vec<_> = edits.iter().map(EditRow::of).collect();
    serde_json::to_string(&rows).expect("texts and numbers")
}

impl<'a> EditRow<'a> {
    fn of(edit: &'a RelEdit) -> Self {
        Self {
            rel_pos: edit.rel_pos(),
            edit_type: edit.edit_type().id(),
            ref_bases: edit.reference(),
            alt_bases: edit.alternate(),
        }
    }
}
