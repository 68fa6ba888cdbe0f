//! The primary metric within classes of variants.

use std::collections::BTreeMap;

use geno_provenance::Label;

use super::{
    EvaluationOptions,
    binary::{ends_of, scores_of, value_of},
    measured::{label, plain},
    ranks::pairs,
    sentence,
};
use crate::{
    binary::BinaryMetrics,
    bootstrap::Ends,
    document::{BaselineValue, StratumRow},
    join::{Join, Labels},
    labelled::LabelledScores,
    metric_kind::MetricKind,
    spearman::Spearman,
    strata::StratumKind,
};

/// A metric of some variants, and the same of the first baseline.
struct Within {
    value: f64,
    interval: Option<Ends>,
    baseline: Option<(f64, Option<Ends>)>,
}

/// A row for each class of each kind that sets variants apart.
pub(super) fn measure(
    join: &Join,
    primary: MetricKind,
    options: &EvaluationOptions,
) -> Vec<StratumRow> {
    let mut rows = Vec::new();
    for kind in StratumKind::ALL {
        let mut classes = BTreeMap::<String, Vec<usize>>::new();
        for (i, variant) in join.variants.iter().enumerate() {
            if let Some(class) = variant.strata.class(kind) {
                classes.entry(plain(&class)).or_default().push(i);
            }
        }
        if classes.len() < 2 {
            continue;
        }
        for (class, places) in classes {
            rows.push(row(join, (kind, &class), &places, primary, options));
        }
    }
    rows
}

fn row(
    join: &Join,
    (kind, class): (StratumKind, &str),
    places: &[usize],
    primary: MetricKind,
    options: &EvaluationOptions,
) -> StratumRow {
    let classes = join.labels.classes();
    let n_positive = classes.as_ref().map(|classes| {
        let positive = places.iter().filter(|i| classes[**i]);
        positive.count() as u64
    });
    // What is said of a class is a metric of its variants alone.
    let metric = match primary {
        MetricKind::SpearmanRho => MetricKind::SpearmanRho,
        MetricKind::AveragePrecision | MetricKind::PrecisionByChromosome => {
            MetricKind::AveragePrecision
        }
        _ => MetricKind::Auroc,
    };
    let within = match (&join.labels, &classes) {
        (Labels::Values(values), _) if metric == MetricKind::SpearmanRho => {
            of_values(join, values, places, options)
        }
        (_, Some(classes)) => of_classes(join, classes, places, metric, options),
        _ => None,
    };
    let baseline = |value: f64, baseline: f64| BaselineValue {
        name: join.columns[1].name.clone(),
        value: baseline,
        delta: value - baseline,
    };
    let other = within.as_ref().and_then(|within| {
        let (theirs, interval) = within.baseline?;
        Some((baseline(within.value, theirs), interval))
    });
    let (baseline, delta_interval) = match other {
        Some((baseline, interval)) => (Some(baseline), interval),
        None => (None, None),
    };
    StratumRow {
        split: options.split.clone(),
        kind: label(kind.as_str()),
        class: class_label(class),
        n: places.len() as u64,
        n_positive,
        metric: label(metric.name()),
        value: within.as_ref().map(|within| within.value),
        interval: within.as_ref().and_then(|within| within.interval),
        baseline,
        delta_interval,
    }
}

fn class_label(class: &str) -> Label {
    match class.is_empty() {
        true => label("(empty)"),
        false => sentence(class.to_owned()),
    }
}

fn of_classes(
    join: &Join,
    classes: &[bool],
    places: &[usize],
    metric: MetricKind,
    options: &EvaluationOptions,
) -> Option<Within> {
    let (bootstrap, ties) = (&options.bootstrap, options.ties);
    let own = scores_of(&join.columns[0], classes, places)?;
    let value = |scores: &LabelledScores| value_of(metric, ties, &BinaryMetrics::of(scores, 0.0));
    let baseline = join.columns.get(1).and_then(|column| {
        let other = scores_of(column, classes, places)?;
        let difference = bootstrap.difference((&own, 0.0), (&other, 0.0));
        let difference = difference.expect("columns have the same labels");
        Some((
            value(&other),
            difference.map(|ends| ends_of(metric, ties, &ends)),
        ))
    });
    let intervals = bootstrap.binary(&own, 0.0);
    Some(Within {
        value: value(&own),
        interval: intervals.map(|ends| ends_of(metric, ties, &ends)),
        baseline,
    })
}

fn of_values(
    join: &Join,
    values: &[f64],
    places: &[usize],
    options: &EvaluationOptions,
) -> Option<Within> {
    let own = pairs(&join.columns[0], values, places).ok()?;
    let baseline = join.columns.get(1).and_then(|column| {
        let other = pairs(column, values, places).ok()?;
        let difference = options.bootstrap.spearman_difference(&own, &other);
        let difference = difference.expect("columns have the same variants");
        Some((Spearman::of(&other).rho, difference))
    });
    Some(Within {
        value: Spearman::of(&own).rho,
        interval: options.bootstrap.spearman(&own),
        baseline,
    })
}
