//! Where a target stands among others, by distance from a state.

use std::mem;

use geno_core::{Coded, ErrorCode};

use crate::{
    state_row::{RolloutStates, StateRow},
    vector::l2,
};

/// Ranks the target of each row among the targets of the rows around it.
///
/// Rows are taken in blocks of `n_candidates`, in their order. The candidates of a row are the
/// targets of its block, its own among them. The last block is filled up with the targets of the
/// rows before it, so every row has `n_candidates` as soon as there are so many rows. Candidates
/// are ordered by their distance (L2) from the predicted state, and equal distances by the row's
/// id; the baseline ranks by the distance from the source state.
///
/// Rows of one file stand near each other on the genome, so candidates are mostly other haplotypes
/// of the neighbourhood, often of the same window. The ranks depend on the rows and their order alone.
///
/// At most two blocks are held.
#[derive(Debug)]
pub struct RankTargets {
    n_candidates: usize,
    /// The block that was full last, for its targets.
    before: Vec<RolloutStates>,
    rows: Vec<RolloutStates>,
}

/// A single target has no rank.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("ranks need at least two haplotypes, and there are {found}")]
pub struct TooFewTargetsError {
    /// How many there were.
    pub found: usize,
}

impl Coded for TooFewTargetsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl RankTargets {
    /// Ranks among so many targets.
    ///
    /// # Panics
    ///
    /// If there are fewer than two.
    pub fn new(n_candidates: usize) -> Self {
        assert!(n_candidates >= 2, "a rank needs two candidates");
        Self {
            n_candidates,
            before: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Takes a row, and gives the rows of its block if that is full now.
    pub fn add(&mut self, row: RolloutStates) -> Vec<StateRow> {
        self.rows.push(row);
        if self.rows.len() < self.n_candidates {
            return Vec::new();
        }
        let ranked = ranked(&self.rows, &[]);
        self.before = mem::take(&mut self.rows);
        ranked
    }

    /// The rows of the last block, which may be none.
    ///
    /// # Errors
    ///
    /// [`TooFewTargetsError`] if there was no row but one, or none.
    pub fn finish(self) -> Result<Vec<StateRow>, TooFewTargetsError> {
        let found = self.rows.len();
        if self.before.is_empty() && found < 2 {
            return Err(TooFewTargetsError { found });
        }
        let n_filled = (self.n_candidates - self.rows.len()).min(self.before.len());
        let fill = &self.before[self.before.len() - n_filled..];
        Ok(ranked(&self.rows, fill))
    }
}

fn ranked(rows: &[RolloutStates], others: &[RolloutStates]) -> Vec<StateRow> {
    let rank = |from: &[f64], own: &RolloutStates| {
        let key = |row: &RolloutStates| l2(from, &row.states().target);
        let own_key = key(own);
        let is_nearer = |row: &&RolloutStates| {
            let order = key(row).total_cmp(&own_key).then(row.id().cmp(own.id()));
            order.is_lt()
        };
        1 + rows.iter().chain(others).filter(is_nearer).count() as u64
    };
    let row = |row: &RolloutStates| {
        let target_rank = rank(&row.states().predicted, row);
        let baseline_target_rank = rank(&row.states().source, row);
        StateRow::new(row.clone(), target_rank, baseline_target_rank)
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use geno_provenance::Label;

    use super::*;
    use crate::StateTriple;

    /// A row on a line: its place is its target, it predicts `predicted` and starts at 1.
    fn row(id: &str, predicted: f64, target: f64) -> RolloutStates {
        let states = StateTriple {
            source: vec![1.0],
            predicted: vec![predicted],
            target: vec![target],
        };
        let label = |text| Label::new(text).unwrap();
        RolloutStates::new(label(id), label("s"), 1.try_into().unwrap(), states).unwrap()
    }

    fn ranks(rows: &[StateRow]) -> Vec<(u64, u64)> {
        let ranks = rows
            .iter()
            .map(|row| (row.target_rank(), row.baseline_target_rank()));
        ranks.collect()
    }

    #[test]
    fn ranks_count_targets_that_are_nearer() {
        let mut rank = RankTargets::new(3);
        assert!(rank.add(row("a", 2.1, 2.0)).is_empty());
        assert!(rank.add(row("b", 2.9, 4.0)).is_empty());
        // From 2.9: 3 is nearest, then 2, then 4. From 1: 2, 3, 4.
        let first = rank.add(row("c", 9.0, 3.0));
        assert_eq!(ranks(&first), [(1, 1), (3, 3), (2, 2)]);
        // Filled up with the targets 4 and 3 of the rows before.
        assert!(rank.add(row("d", 3.4, 5.0)).is_empty());
        assert_eq!(ranks(&rank.finish().unwrap()), [(3, 3)]);
    }

    #[test]
    fn equal_distances_go_by_id() {
        let mut rank = RankTargets::new(2);
        rank.add(row("b", 3.0, 4.0));
        assert_eq!(ranks(&rank.add(row("a", 3.0, 4.0))), [(2, 2), (1, 1)]);
        assert_eq!(rank.finish(), Ok(Vec::new()));
    }

    #[test]
    fn one_row_alone_has_no_rank() {
        let mut rank = RankTargets::new(2);
        rank.add(row("a", 1.0, 1.0));
        assert_eq!(rank.finish(), Err(TooFewTargetsError { found: 1 }));
        let none = RankTargets::new(2).finish();
        assert_eq!(none, Err(TooFewTargetsError { found: 0 }));
    }
}
