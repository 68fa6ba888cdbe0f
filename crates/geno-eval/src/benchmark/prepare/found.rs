//! A variant that a source names, and a row that is left out.

use std::collections::BTreeMap;

use geno_provenance::Json;

use crate::benchmark::rule::ClinvarRegion;

/// A variant as a source names it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Which of the files that are read.
    pub(super) file: usize,
    /// Its line, or the number of a record.
    pub(super) line: u64,
    /// As written.
    pub(super) contig: String,
    /// 1-based.
    pub(super) pos: u64,
    /// In upper case.
    pub(super) reference: String,
    /// In upper case; empty for a deletion that is written without the base before it.
    pub(super) alternate: String,
    /// The label, rising with surprise.
    pub(super) label: f64,
    /// Molecular consequences, if the source names them.
    pub(super) terms: Vec<String>,
    /// Which variants are wanted, where consequences decide.
    pub(super) region: Option<ClinvarRegion>,
    /// What goes to the row of labels beside the variant.
    pub(super) extra: BTreeMap<String, Json>,
    /// The other variant of a pair has the same.
    pub(super) pair: Option<String>,
}

/// A row that is left out.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Skipped {
    pub(super) file: usize,
    pub(super) line: u64,
    pub(super) reason: &'static str,
}

impl Found {
    pub(super) fn skipped(&self, reason: &'static str) -> Skipped {
        Skipped {
            file: self.file,
            line: self.line,
            reason,
        }
    }
}
