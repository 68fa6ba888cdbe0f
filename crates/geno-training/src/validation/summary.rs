//! What predictions come to, in all and by kind of edit.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{record::Record, sums::Sums};
use crate::bootstrap::Interval;

/// What predictions come to. `s` is the source, `s′` the encoded state, `ŝ` the predicted one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Predictions.
    pub n: usize,
    /// Examples they belong to.
    pub n_examples: usize,
    /// `1 − Σ‖ŝ − s′‖² / Σ‖s − s′‖²`: 0 is copying the source, 1 perfect.
    pub skill: f64,
    /// Its interval over samples of examples, where that was asked for.
    pub skill_interval: Option<Interval>,
    /// The skill of the mean change.
    pub mean_change_skill: f64,
    /// The interval of the difference of both skills, on the same draws.
    pub advantage_interval: Option<Interval>,
    /// Mean of `‖ŝ − s′‖² / max(‖s − s′‖², 10⁻⁶)`, the residual loss.
    pub residual_loss: f64,
    /// Mean `‖s − s′‖²`.
    pub displacement: f64,
    /// Mean `cos(ŝ, s′)`.
    pub cosine: f64,
    /// Part of the predictions that are nearer than the source.
    pub better_than_copy: f64,
    /// Part that are nearer than the mean change.
    pub better_than_mean_change: f64,
    /// Part for which, of an example's alternatives, the predicted one is the nearest.
    pub recall_at_1: Option<f64>,
    /// Part for which it is among the nearest five.
    pub recall_at_5: Option<f64>,
}

/// Summaries of all predictions and of kinds of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Strata {
    /// All.
    pub all: Summary,
    /// By type of the last edit.
    pub by_type: BTreeMap<String, Summary>,
    /// By the base of its 6-mer that the last edit begins at.
    pub by_offset: BTreeMap<usize, Summary>,
    /// By the number of edits.
    pub by_n_edits: BTreeMap<usize, Summary>,
}

impl Summary {
    /// Sums predictions up; none of none, or where no edit changes anything.
    pub(crate) fn of<'a>(
        records: impl IntoIterator<Item = &'a Record>,
        with_intervals: bool,
    ) -> Option<Self> {
        let records: Vec<&Record> = records.into_iter().collect();
        let sums = Sums::by_example(records.iter().copied());
        let mut total = Sums::default();
        sums.iter().for_each(|sums| total.add(sums));
        if total.change <= 0. {
            return None;
        }
        let n = records.len() as f64;
        let mean = |value: fn(&Record) -> f64| records.iter().map(|r| value(r)).sum::<f64>() / n;
        let part = |holds: fn(&Record) -> bool| {
            records.iter().filter(|record| holds(record)).count() as f64 / n
        };
        let ranks: Vec<usize> = records.iter().filter_map(|record| record.rank).collect();
        let recall = |k| {
            let found = ranks.iter().filter(|&&rank| rank < k).count();
            (!ranks.is_empty()).then(|| found as f64 / ranks.len() as f64)
        };
        let interval = |quantity| {
            with_intervals
                .then(|| Sums::interval(&sums, quantity))
                .flatten()
        };
        Some(Self {
            n: records.len(),
            n_examples: sums.len(),
            skill: total.skill(),
            skill_interval: interval(Sums::skill),
            mean_change_skill: total.mean_change_skill(),
            advantage_interval: interval(|sums| sums.skill() - sums.mean_change_skill()),
            residual_loss: mean(|record| record.missed / record.change.max(1e-6)),
            displacement: mean(|record| record.change),
            cosine: mean(|record| record.cosine),
            better_than_copy: part(|record| record.missed < record.change),
            better_than_mean_change: part(|record| record.missed < record.by_mean_change),
            recall_at_1: recall(1),
            recall_at_5: recall(5),
        })
    }
}

impl Strata {
    /// Sums predictions up; none of none, or where no edit changes anything.
    pub(crate) fn of(records: &[Record], with_intervals: bool) -> Option<Self> {
        fn by<K: Ord>(
            records: &[Record],
            with_intervals: bool,
            key: impl Fn(&Record) -> K,
        ) -> BTreeMap<K, Summary> {
            let mut groups = BTreeMap::<K, Vec<&Record>>::new();
            for record in records {
                groups.entry(key(record)).or_default().push(record);
            }
            let summaries = groups
                .into_iter()
                .filter_map(|(key, group)| Some((key, Summary::of(group, with_intervals)?)));
            summaries.collect()
        }
        Some(Self {
            all: Summary::of(records, with_intervals)?,
            by_type: by(records, with_intervals, |record| {
                record.edit_type.as_str().to_owned()
            }),
            by_offset: by(records, with_intervals, |record| record.offset),
            by_n_edits: by(records, with_intervals, |record| record.step),
        })
    }
}
