//! A metric of scores and of their baselines.

use geno_core::Digest;
use geno_provenance::Label;

use super::{EvaluationOptions, sentence};
use crate::{
    bootstrap::{Bootstrap, Ends},
    document::{BaselineValue, Comparison, MetricRow},
    join::Join,
    metric_kind::MetricKind,
    number::six_digits,
};

/// A metric of the scores that are evaluated.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) kind: MetricKind,
    pub(super) value: f64,
    pub(super) interval: Option<Ends>,
    pub(super) n: u64,
    /// How it was computed, without what all metrics share.
    pub(super) notes: String,
    pub(super) against: Vec<Against>,
}

/// The same metric of a baseline.
#[derive(Clone, Debug)]
pub(super) struct Against {
    /// Which column of the join it is of.
    pub(super) column: usize,
    pub(super) value: f64,
    pub(super) delta_interval: Option<Ends>,
    pub(super) p_value: Option<f64>,
}

impl Measured {
    /// The row of a document. It names the first baseline alone.
    pub(super) fn row(
        &self,
        join: &Join,
        options: &EvaluationOptions,
        variants: Digest,
    ) -> MetricRow {
        let first = self.against.iter().find(|against| against.column == 1);
        let baseline = first.map(|against| (&join.columns[against.column], against));
        let mut notes = format!("{}; {}", self.notes, interval_note(&options.bootstrap));
        if let Some((column, _)) = baseline {
            notes += &format!("; baseline {} uses {}", column.name, column.field);
        }
        MetricRow {
            name: label(self.kind.name()),
            value: self.value,
            split: options.split.clone(),
            unit: label(self.kind.unit()),
            higher_is_better: true,
            baseline: baseline.map(|(column, against)| BaselineValue {
                name: column.name.clone(),
                value: against.value,
                delta: self.value - against.value,
            }),
            interval: self.interval,
            n: Some(self.n),
            notes: Some(sentence(plain(&notes))),
            variants: Some(variants),
        }
    }

    /// The comparison to each baseline.
    pub(super) fn comparisons(
        &self,
        join: &Join,
        options: &EvaluationOptions,
        primary: MetricKind,
    ) -> Vec<Comparison> {
        let comparison = |against: &Against| Comparison {
            split: options.split.clone(),
            metric: label(self.kind.name()),
            is_primary: self.kind == primary,
            baseline: join.columns[against.column].name.clone(),
            value: self.value,
            baseline_value: against.value,
            delta: self.value - against.value,
            interval: against.delta_interval,
            p_value: against.p_value,
            n: self.n,
        };
        self.against.iter().map(comparison).collect()
    }
}

/// How intervals were drawn.
fn interval_note(bootstrap: &Bootstrap) -> String {
    match bootstrap.n_resamples {
        0 => "no intervals were drawn".to_owned(),
        n => format!(
            "{} bootstrap interval, resamples={n}, seed={}",
            six_digits(bootstrap.level),
            bootstrap.seed
        ),
    }
}

/// A name that is known at compile time.
pub(super) fn label(name: &str) -> Label {
    Label::new(name).expect("a name without control characters")
}

/// A text without control characters, which names of fields may hold.
pub(super) fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}
