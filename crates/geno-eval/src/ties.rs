//! Scores sorted into groups of equals, so that a metric, and each resample of it, costs a pass over the
//! groups.

use crate::labelled::LabelledScores;

/// The distinct scores of variants, best first, and the group of each variant.
pub(crate) struct Ties {
    /// Descending.
    pub(crate) scores: Vec<f64>,
    /// The group of each positive variant, in the order of these.
    pub(crate) positive: Vec<u32>,
    /// The group of each negative variant, in the order of these.
    pub(crate) negative: Vec<u32>,
}

/// Variants of each group, best score first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct GroupCounts {
    pub(crate) positive: Vec<u32>,
    pub(crate) negative: Vec<u32>,
}

impl Ties {
    pub(crate) fn of(scores: &LabelledScores) -> Self {
        let distinct = distinct(scores.rows().iter().map(|(_, score)| *score));
        let group = |score: f64| {
            let place = distinct.partition_point(|other| *other > score);
            u32::try_from(place).expect("fewer than 2³² scores")
        };
        Self {
            positive: scores.of(true).map(group).collect(),
            negative: scores.of(false).map(group).collect(),
            scores: distinct,
        }
    }

    /// All variants, each once.
    pub(crate) fn counts(&self) -> GroupCounts {
        let mut counts = GroupCounts::default();
        counts.clear(self.scores.len());
        self.positive
            .iter()
            .for_each(|group| counts.positive[*group as usize] += 1);
        self.negative
            .iter()
            .for_each(|group| counts.negative[*group as usize] += 1);
        counts
    }
}

impl GroupCounts {
    /// No variant in any of so many groups.
    pub(crate) fn clear(&mut self, n_groups: usize) {
        for counts in [&mut self.positive, &mut self.negative] {
            counts.clear();
            counts.resize(n_groups, 0);
        }
    }

    /// `(positive, negative)` of each group.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (f64, f64)> {
        let groups = self.positive.iter().zip(&self.negative);
        groups.map(|(positive, negative)| (f64::from(*positive), f64::from(*negative)))
    }
}

/// The distinct values, descending.
pub(crate) fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    // -0.0 and 0.0 are one value.
    let mut values: Vec<f64> = values.map(|value| value + 0.0).collect();
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    values.dedup();
    values
}

/// How many of some ascending values a score is above, equal ones counting half.
pub(crate) fn n_below(sorted: &[f64], score: f64) -> f64 {
    let below = sorted.partition_point(|other| *other < score);
    let not_above = sorted.partition_point(|other| *other <= score);
    (below + not_above) as f64 / 2.0
}
