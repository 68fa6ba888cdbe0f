//! What rows of states add up to.

mod read;
mod scores;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    num::NonZeroU32,
};

use geno_core::{Coded, Digest, DigestHasher, ErrorCode};
use geno_provenance::Label;

use self::scores::Sums;
pub use self::{
    read::{ReadRowsError, aggregate_rows},
    scores::RolloutScores,
};
use crate::StateRow;

/// Adds rows of states up, a row at a time, by split and by number of edits.
///
/// Memory grows with the names of the rows alone, which the identity of a set of rows needs.
#[derive(Debug)]
pub struct RolloutMetrics {
    recall_k: u64,
    d_state: Option<usize>,
    ids: BTreeMap<Label, Place>,
    /// In the order in which they first came.
    splits: Vec<Split>,
}

/// Where a row was counted.
#[derive(Debug)]
struct Place {
    split: usize,
    n_edits: NonZeroU32,
}

#[derive(Debug)]
struct Split {
    name: Label,
    all: Sums,
    by_edits: BTreeMap<NonZeroU32, Sums>,
}

/// The metrics of one split.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitSummary {
    /// The split.
    pub split: Label,
    /// Over all its rows.
    pub all: RolloutScores,
    /// Over the rows of each number of edits.
    pub by_edits: BTreeMap<NonZeroU32, RolloutScores>,
}

/// Why a row cannot be counted with the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddRowError {
    /// Two rows have one name.
    #[error("a row before has the same id")]
    Duplicate,
    /// States of two models are no one set.
    #[error("states have {found} numbers, those of the rows before {expected}")]
    Width {
        /// Width of the row's states.
        found: usize,
        /// Width of the others'.
        expected: usize,
    },
}

impl Coded for AddRowError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl RolloutMetrics {
    /// Counts a target as found where its rank is at most `recall_k`.
    pub fn new(recall_k: u64) -> Self {
        Self {
            recall_k,
            d_state: None,
            ids: BTreeMap::new(),
            splits: Vec::new(),
        }
    }

    /// The rank up to which a target counts as found.
    pub fn recall_k(&self) -> u64 {
        self.recall_k
    }

    /// How many rows were added.
    pub fn n_rows(&self) -> usize {
        self.ids.len()
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// [`AddRowError`]; the row is then not counted.
    pub fn add(&mut self, row: &StateRow) -> Result<(), AddRowError> {
        let rollout = row.rollout();
        let found = rollout.states().source.len();
        let expected = *self.d_state.get_or_insert(found);
        if found != expected {
            return Err(AddRowError::Width { found, expected });
        }
        let Entry::Vacant(id) = self.ids.entry(rollout.id().clone()) else {
            return Err(AddRowError::Duplicate);
        };
        let name = rollout.split();
        let split = self.splits.iter().position(|split| split.name == *name);
        let split = split.unwrap_or_else(|| {
            self.splits.push(Split {
                name: name.clone(),
                all: Sums::default(),
                by_edits: BTreeMap::new(),
            });
            self.splits.len() - 1
        });
        let n_edits = rollout.n_edits();
        id.insert(Place { split, n_edits });
        let split = &mut self.splits[split];
        split.all.add(row, self.recall_k);
        let stratum = split.by_edits.entry(n_edits).or_default();
        stratum.add(row, self.recall_k);
        Ok(())
    }

    /// The metrics of each split, by its name.
    pub fn finish(self) -> Vec<SplitSummary> {
        let summary = |(i, split): (usize, &Split)| {
            let ids = |n_edits: Option<NonZeroU32>| {
                let is_in = move |place: &Place| {
                    place.split == i && n_edits.is_none_or(|n_edits| place.n_edits == n_edits)
                };
                let ids = self.ids.iter();
                let ids = ids.filter(move |(_, place)| is_in(place));
                identity(&split.name, n_edits, ids.map(|(id, _)| id))
            };
            let strata = split.by_edits.iter();
            let strata = strata.map(|(&n, sums)| (n, sums.scores(ids(Some(n)))));
            SplitSummary {
                split: split.name.clone(),
                all: split.all.scores(ids(None)),
                by_edits: strata.collect(),
            }
        };
        let mut splits: Vec<_> = self.splits.iter().enumerate().map(summary).collect();
        splits.sort_by(|a, b| a.split.cmp(&b.split));
        splits
    }
}

/// What tells a set of rows from any other: SHA-256 of the lines `split`, `k` or `*`, and the sorted
/// names.
fn identity<'a>(
    split: &Label,
    n_edits: Option<NonZeroU32>,
    ids: impl Iterator<Item = &'a Label>,
) -> Digest {
    let mut hasher = DigestHasher::default();
    hasher.update(split.as_bytes());
    let n_edits = n_edits.map_or("*".to_owned(), |n_edits| n_edits.to_string());
    hasher.update(format!("\n{n_edits}").as_bytes());
    for id in ids {
        hasher.update(b"\n");
        hasher.update(id.as_bytes());
    }
    hasher.finish()
}
