//! A window of a corpus or a genome, with its name.

use std::fmt;

use geno_core::{Digest, Window};

/// A window to train on: where it comes from, and its bases.
///
/// Its `Debug` shows lengths alone.
#[derive(Clone, Eq, PartialEq)]
pub struct CorpusWindow {
    /// The record that the window was cut from: a name in the corpus, or
    /// `SOURCE:CONTIG:START-END` (1-based) for a window of a genome.
    pub record_id: String,
    /// Which part of the corpus, or which kind of region.
    pub source: String,
    /// The contig, for a window that has a place in a genome.
    pub chrom: Option<String>,
    /// The bases, and where they begin: on the contig, or in the record.
    pub window: Window,
}

impl CorpusWindow {
    /// First base, 0-based.
    pub fn start_bp(&self) -> u64 {
        self.window.start()
    }

    /// One past the last base.
    pub fn end_bp(&self) -> u64 {
        self.window.start() + self.window.len() as u64
    }

    /// The name of the sequence, wherever it stands: the SHA-256 of its bases.
    pub fn window_id(&self) -> Digest {
        Digest::of(self.window.bases())
    }
}

impl fmt::Debug for CorpusWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorpusWindow")
            .field("window", &self.window)
            .field("is_placed", &self.chrom.is_some())
            .finish_non_exhaustive()
    }
}
