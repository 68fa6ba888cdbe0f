//! What of predictions skill is made of, and its intervals.

use std::collections::BTreeMap;

use geno_core::RandomStream;

use super::record::Record;
use crate::bootstrap::Interval;

/// Samples of examples.
const N_DRAWS: usize = 1_000;

/// What of an example's predictions skill needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) missed: f64,
    pub(super) change: f64,
    pub(super) by_mean_change: f64,
}

impl Sums {
    /// One an example.
    pub(super) fn by_example<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Self> {
        let mut sums = BTreeMap::<usize, Self>::new();
        for record in records {
            let sums = sums.entry(record.example).or_default();
            sums.missed += record.missed;
            sums.change += record.change;
            sums.by_mean_change += record.by_mean_change;
        }
        sums.into_values().collect()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.missed += other.missed;
        self.change += other.change;
        self.by_mean_change += other.by_mean_change;
    }

    /// `1 − Σ missed / Σ change`.
    pub(super) fn skill(&self) -> f64 {
        1. - self.missed / self.change
    }

    /// The same of the mean change.
    pub(super) fn mean_change_skill(&self) -> f64 {
        1. - self.by_mean_change / self.change
    }

    /// The interval of a quantity of the sum over examples; none of a single example.
    pub(super) fn interval(sums: &[Self], quantity: fn(&Self) -> f64) -> Option<Interval> {
        if sums.len() < 2 {
            return None;
        }
        let stream = RandomStream::new(0, "validation/bootstrap");
        Some(Interval::of(sums.len(), N_DRAWS, stream, |sample| {
            let mut total = Self::default();
            sample.iter().for_each(|&example| total.add(&sums[example]));
            quantity(&total)
        }))
    }
}
