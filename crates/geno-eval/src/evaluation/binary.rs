//! Metrics of scores against classes.

use geno_data::canonical_contig;

use super::{
    EvaluateError, EvaluationOptions, Summary, TieRule,
    measured::{Against, Measured},
};
use crate::{
    binary::BinaryMetrics,
    bootstrap::{BinaryIntervals, Ends},
    by_chromosome::PrecisionByChromosome,
    delong::DeLongDifference,
    join::{Join, ScoreColumn},
    label_rule::LabelRule,
    labelled::LabelledScores,
    matched::MatchedClasses,
    metric_kind::MetricKind,
    number::six_digits,
};

/// A baseline with what all its metrics need.
struct Other {
    column: usize,
    threshold: Option<f64>,
    metrics: BinaryMetrics,
    differences: Option<BinaryIntervals>,
    p_value: Option<f64>,
}

/// All metrics that can be computed, and what the scores gave by themselves.
pub(super) fn measure(
    join: &Join,
    classes: &[bool],
    rule: &LabelRule,
    options: &EvaluationOptions,
) -> Result<(Vec<Measured>, Summary), EvaluateError> {
    let column = &join.columns[0];
    let scores = column.labelled(classes)?;
    let threshold = column.threshold;
    // Without a threshold what depends on it is computed and not reported.
    let at = |threshold: Option<f64>| threshold.unwrap_or(0.0);
    let metrics = BinaryMetrics::of(&scores, at(threshold));
    let intervals = options.bootstrap.binary(&scores, at(threshold));
    let other = |(i, column): (usize, &ScoreColumn)| -> Result<Other, EvaluateError> {
        let others = column.labelled(classes)?;
        let theirs = column.threshold;
        let differences = options
            .bootstrap
            .difference((&scores, at(threshold)), (&others, at(theirs)))
            .expect("columns have the same labels");
        let delong = DeLongDifference::of(&scores, &others).expect("columns have the same labels");
        Ok(Other {
            column: i,
            threshold: theirs,
            metrics: BinaryMetrics::of(&others, at(theirs)),
            differences,
            p_value: delong.p_value,
        })
    };
    let others = join.columns.iter().enumerate().skip(1).map(other);
    let others = others.collect::<Result<Vec<_>, _>>()?;

    let labels = match rule {
        LabelRule::Class(rule) => rule.describe(),
        LabelRule::Value { field } => format!("labels of 0 and 1 use {field}"),
    };
    let used = format!("{labels}; scores use {}", column.field);
    let mut all = Vec::new();
    for kind in [
        MetricKind::Auroc,
        MetricKind::AveragePrecision,
        MetricKind::BalancedAccuracy,
        MetricKind::Accuracy,
    ] {
        let notes = match (kind, threshold) {
            (kind, None) if kind.has_threshold() => continue,
            (kind, Some(threshold)) if kind.has_threshold() => {
                format!("threshold={}", six_digits(threshold))
            }
            (MetricKind::AveragePrecision, _) => match options.ties {
                TieRule::Together => format!("{used}; equal scores count together"),
                TieRule::InOrder => format!("{used}; equal scores in the order of variants"),
            },
            _ => used.clone(),
        };
        let value = |metrics: &BinaryMetrics| value_of(kind, options.ties, metrics);
        let ends = |intervals: &BinaryIntervals| ends_of(kind, options.ties, intervals);
        let comparable = |other: &&Other| !kind.has_threshold() || other.threshold.is_some();
        let against = others.iter().filter(comparable).map(|other| Against {
            column: other.column,
            value: value(&other.metrics),
            delta_interval: other.differences.as_ref().map(ends),
            p_value: other.p_value.filter(|_| kind == MetricKind::Auroc),
        });
        all.push(Measured {
            kind,
            value: value(&metrics),
            interval: intervals.as_ref().map(ends),
            n: join.n() as u64,
            notes,
            against: against.collect(),
        });
    }
    all.extend(by_chromosome(join, classes, &used, options));
    all.extend(within_consequence(join, classes, &used, options));
    let summary = Summary::Classes {
        n_positive: scores.n_positive() as u64,
        n_negative: scores.n_negative() as u64,
        metrics,
        intervals,
        threshold,
    };
    Ok((all, summary))
}

/// A metric that has a field of its own.
pub(super) fn value_of(kind: MetricKind, ties: TieRule, metrics: &BinaryMetrics) -> f64 {
    match (kind, ties) {
        (MetricKind::AveragePrecision, TieRule::Together) => metrics.average_precision,
        (MetricKind::AveragePrecision, TieRule::InOrder) => metrics.average_precision_in_order,
        (MetricKind::BalancedAccuracy, _) => metrics.balanced_accuracy,
        (MetricKind::Accuracy, _) => metrics.accuracy,
        _ => metrics.auroc,
    }
}

/// Its interval, or that of its difference.
pub(super) fn ends_of(kind: MetricKind, ties: TieRule, intervals: &BinaryIntervals) -> Ends {
    match (kind, ties) {
        (MetricKind::AveragePrecision, TieRule::Together) => intervals.average_precision,
        (MetricKind::AveragePrecision, TieRule::InOrder) => intervals.average_precision_in_order,
        (MetricKind::BalancedAccuracy, _) => intervals.balanced_accuracy,
        (MetricKind::Accuracy, _) => intervals.accuracy,
        _ => intervals.auroc,
    }
}

fn by_chromosome(
    join: &Join,
    classes: &[bool],
    used: &str,
    options: &EvaluationOptions,
) -> Option<Measured> {
    let contigs: Vec<String> = join
        .variants
        .iter()
        .map(|variant| canonical_contig(&variant.chrom))
        .collect();
    let precision = |column: &ScoreColumn| {
        let rows = contigs.iter().zip(classes).zip(&column.values);
        let rows = rows.map(|((contig, class), score)| (contig.as_str(), *class, *score));
        PrecisionByChromosome::of(rows).expect("scores are finite")
    };
    // Of one chromosome it is the average precision, which is there already.
    let own = precision(&join.columns[0]).filter(|own| own.sizes.len() > 1)?;
    let against = join.columns.iter().enumerate().skip(1);
    let against = against.filter_map(|(column, scores)| {
        let other = precision(scores)?;
        let difference = own.difference(&other, &options.bootstrap);
        Some(Against {
            column,
            value: other.value,
            delta_interval: difference.expect("columns have the same variants"),
            p_value: None,
        })
    });
    Some(Measured {
        kind: MetricKind::PrecisionByChromosome,
        value: own.value,
        interval: own.interval(&options.bootstrap),
        n: own.n as u64,
        notes: format!("{used}; chromosomes are weighted by variants and drawn as a whole"),
        against: against.collect(),
    })
}

fn within_consequence(
    join: &Join,
    classes: &[bool],
    used: &str,
    options: &EvaluationOptions,
) -> Option<Measured> {
    let consequence = join
        .variants
        .iter()
        .map(|variant| variant.strata.consequence.as_deref());
    let matched = MatchedClasses::of(consequence.zip(classes.iter().copied()))?;
    let own = &join.columns[0].values;
    let against = join.columns.iter().enumerate().skip(1);
    let against = against.map(|(column, scores)| Against {
        column,
        value: matched.auroc(&scores.values),
        delta_interval: matched.difference(own, &scores.values, &options.bootstrap),
        p_value: None,
    });
    let n_classes = matched.n_classes();
    Some(Measured {
        kind: MetricKind::MatchedAuroc,
        value: matched.auroc(own),
        interval: matched.interval(own, &options.bootstrap),
        n: matched.n() as u64,
        notes: format!("{used}; pairs of one consequence alone, of {n_classes} with both labels"),
        against: against.collect(),
    })
}

/// Scores of some of the variants, if they have both labels.
pub(super) fn scores_of(
    column: &ScoreColumn,
    classes: &[bool],
    places: &[usize],
) -> Option<LabelledScores> {
    let rows = places.iter().map(|i| (classes[*i], column.values[*i]));
    LabelledScores::new(rows).ok()
}
