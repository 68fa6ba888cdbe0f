//! The metrics of a set of rows.

use geno_core::Digest;

use crate::{
    StateRow,
    vector::{cosine, l2, squared_distance},
};

/// How near predictions come to their targets, each metric beside that of the source state: a
/// prediction that nothing changes.
///
/// # Units
///
/// Cosines lie in −1 to 1. Distances are those of the states, of length 1 under `l2_normalized_v2`.
/// Recall and its baseline are shares of the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RolloutScores {
    /// Rows.
    pub n: u64,
    /// What tells these rows from any others.
    pub row_identity: Digest,
    /// Mean cosine of prediction and target.
    pub cosine: f64,
    /// Mean cosine of source and target.
    pub baseline_cosine: f64,
    /// Mean distance of prediction and target.
    pub l2: f64,
    /// Mean distance of source and target.
    pub baseline_l2: f64,
    /// Share of rows whose target is among the `recall_k` nearest of the prediction.
    pub recall: f64,
    /// The same from the source.
    pub baseline_recall: f64,
    /// `1 − Σ‖ŝ − s′‖² / Σ‖s − s′‖²`: 1 is exact, 0 is copying the source, and below 0 is worse than
    /// that. Nothing where no target differs from its source.
    pub skill: Option<f64>,
}

/// Sums over rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    n: u64,
    cosine: f64,
    baseline_cosine: f64,
    l2: f64,
    baseline_l2: f64,
    found: u64,
    baseline_found: u64,
    squared_error: f64,
    squared_change: f64,
}

impl Sums {
    pub(super) fn add(&mut self, row: &StateRow, recall_k: u64) {
        let states = row.rollout().states();
        let (source, predicted, target) = (&states.source, &states.predicted, &states.target);
        self.n += 1;
        self.cosine += cosine(predicted, target);
        self.baseline_cosine += cosine(source, target);
        self.l2 += l2(predicted, target);
        self.baseline_l2 += l2(source, target);
        self.found += u64::from(row.target_rank() <= recall_k);
        self.baseline_found += u64::from(row.baseline_target_rank() <= recall_k);
        self.squared_error += squared_distance(predicted, target);
        self.squared_change += squared_distance(source, target);
    }

    /// # Panics
    ///
    /// If there was no row.
    pub(super) fn scores(&self, row_identity: Digest) -> RolloutScores {
        assert!(self.n > 0, "a set of rows has a row");
        let mean = |sum: f64| sum / self.n as f64;
        let changes = self.squared_change > 0.0;
        RolloutScores {
            n: self.n,
            row_identity,
            cosine: mean(self.cosine),
            baseline_cosine: mean(self.baseline_cosine),
            l2: mean(self.l2),
            baseline_l2: mean(self.baseline_l2),
            recall: mean(self.found as f64),
            baseline_recall: mean(self.baseline_found as f64),
            skill: changes.then(|| 1.0 - self.squared_error / self.squared_change),
        }
    }
}
