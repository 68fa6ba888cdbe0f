//! What a stream of tuples gave, and what it lacked.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{EditSource, TrainingTuple};
use crate::holdout::Exclusion;

/// What a stream gave so far, and what it lacked. Nothing lacking stops a stream, unless its
/// settings are strict.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct TupleReport {
    /// Tuples given.
    pub tuples: u64,
    /// Tuples given, by the source that their edits really came from.
    pub by_source: BTreeMap<EditSource, u64>,
    /// Edits given, by type.
    pub by_type: BTreeMap<&'static str, u64>,
    /// Tuples given, by their number of edits.
    pub by_edit_count: BTreeMap<usize, u64>,
    /// Windows that were drawn from.
    pub windows: u64,
    /// Windows of too many unknown bases.
    pub unusable_windows: u64,
    /// Windows left out, by what was held out.
    pub excluded_windows: BTreeMap<Exclusion, u64>,
    /// Edits left out, by what was held out.
    pub excluded_edits: BTreeMap<Exclusion, u64>,
    /// Variants of a file whose reference allele the window does not have.
    pub reference_mismatches: u64,
    /// Tuples of a source that another source made up for.
    pub fallbacks: BTreeMap<EditSource, u64>,
    /// Tuples of a source that nothing made up for.
    pub short: BTreeMap<EditSource, u64>,
}

impl TupleReport {
    /// Counts a tuple that is handed out.
    pub(crate) fn count(&mut self, tuple: &TrainingTuple) {
        self.tuples += 1;
        *self.by_source.entry(tuple.edit_source()).or_default() += 1;
        *self.by_edit_count.entry(tuple.edits().len()).or_default() += 1;
        for edit in tuple.edits() {
            *self.by_type.entry(edit.edit_type().as_str()).or_default() += 1;
        }
    }

    /// Adds what another report counts.
    pub(crate) fn add(&mut self, other: Self) {
        self.tuples += other.tuples;
        self.windows += other.windows;
        self.unusable_windows += other.unusable_windows;
        self.reference_mismatches += other.reference_mismatches;
        add(&mut self.by_source, other.by_source);
        add(&mut self.by_type, other.by_type);
        add(&mut self.by_edit_count, other.by_edit_count);
        add(&mut self.excluded_windows, other.excluded_windows);
        add(&mut self.excluded_edits, other.excluded_edits);
        add(&mut self.fallbacks, other.fallbacks);
        add(&mut self.short, other.short);
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, others: BTreeMap<K, u64>) {
    for (key, n) in others {
        *counts.entry(key).or_default() += n;
    }
}
