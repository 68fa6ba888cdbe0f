//! What metrics say, and what they do not, in sentences.

use geno_provenance::Label;

use super::{Evaluation, EvaluationOptions, TieRule, measured::Measured, sentence};
use crate::{
    bootstrap::Ends,
    document::{Comparison, MetricRow, StratumRow, Verdict},
    join::{Join, Labels},
    metric_kind::MetricKind,
    number::six_digits,
    report::NO_CLAIM,
};

/// What the metrics of a join do not say.
pub(super) fn limitations(
    evaluation: &Evaluation,
    join: &Join,
    options: &EvaluationOptions,
) -> Vec<Label> {
    let (split, coverage) = (&evaluation.split, &evaluation.coverage);
    let mut all = Vec::new();
    if coverage.unmatched() > 0 {
        let (left_out, of) = (
            coverage.unmatched(),
            coverage.labelled + coverage.not_comparable,
        );
        all.push(format!(
            "{left_out} of {of} labelled variants of {split} are not evaluated: they have no score \
             in every file, or alleles that cannot be compared."
        ));
    }
    if coverage.without_label > 0 {
        let without = coverage.without_label;
        all.push(format!(
            "{without} variants of {split} have no label of either class and are not evaluated."
        ));
    }
    if let Labels::Values(_) = join.labels {
        all.push(format!(
            "The labels of {split} are measured values and no clinical outcomes."
        ));
    }
    match options.bootstrap.n_resamples {
        0 => all.push(format!(
            "No intervals were drawn on {split}, so there is no verdict on it."
        )),
        _ => all.push(format!(
            "Intervals on {split} take variants for independent, which those of one gene or \
             haplotype are not: they are too narrow."
        )),
    }
    if options.ties == TieRule::InOrder {
        all.push(format!(
            "Average precision on {split} depends on the order of variants with equal scores."
        ));
    }
    let without = join
        .columns
        .iter()
        .skip(1)
        .filter(|column| column.threshold.is_none());
    for column in without {
        all.push(format!(
            "Scores of {} have no threshold, so metrics that need one are not compared to it on \
             {split}.",
            column.name
        ));
    }
    for column in join.columns.iter().filter(|column| column.absent > 0) {
        all.push(format!(
            "{} labelled variants of {split} are not in the file of {}, which takes their frequency for 0: \
             whether they are rare or were not looked for it does not say.",
            column.absent, column.name
        ));
    }
    all.push("The metrics do not establish clinical utility.".to_owned());
    all.into_iter().map(sentence).collect()
}

/// What speaks against the scores.
pub(super) fn negative(evaluation: &Evaluation, measured: &[Measured]) -> Vec<Label> {
    let mut all: Vec<String> = evaluation.comparisons.iter().filter_map(lost).collect();
    let split = &evaluation.split;
    for one in measured {
        let (Some(chance), Some(ends)) = (one.kind.chance(), one.interval) else {
            continue;
        };
        all.extend(no_better_than(
            one.kind.name(),
            split,
            one.value,
            ends,
            chance,
        ));
    }
    let of_kind = |kind| measured.iter().find(|one| one.kind == kind);
    if let (Some(all_pairs), Some(matched)) = (
        of_kind(MetricKind::Auroc),
        of_kind(MetricKind::MatchedAuroc),
    ) && let (Some([low, _]), Some([matched_low, _])) = (all_pairs.interval, matched.interval)
        && low > 0.5
        && matched_low <= 0.5
    {
        all.push(format!(
            "On {split} scores tell labels apart, but not within one consequence: what is scored \
             may be the consequence."
        ));
    }
    all.extend(evaluation.strata.iter().filter_map(inverted));
    all.push(NO_CLAIM.to_owned());
    all.into_iter().map(sentence).collect()
}

fn lost(comparison: &Comparison) -> Option<String> {
    let Comparison {
        split,
        metric,
        baseline,
        delta,
        is_primary,
        ..
    } = comparison;
    let (verdict, ends) = (comparison.verdict()?, shown(comparison.interval?));
    let delta = six_digits(*delta);
    match verdict {
        Verdict::Worse => Some(format!(
            "`{metric}` on {split} is worse than that of {baseline}: {delta} ({ends})."
        )),
        Verdict::Inconclusive if *is_primary => Some(format!(
            "`{metric}` on {split} is not shown to differ from that of {baseline}: {delta} ({ends})."
        )),
        Verdict::Improved | Verdict::Inconclusive => None,
    }
}

fn no_better_than(
    name: &str,
    split: &Label,
    value: f64,
    ends: Ends,
    chance: f64,
) -> Option<String> {
    let (said, chance) = (format!("{} ({})", six_digits(value), shown(ends)), chance);
    match () {
        () if ends[1] < chance => Some(format!(
            "`{name}` on {split} is {said}, below the {} of chance: scores point the other way.",
            six_digits(chance)
        )),
        () if ends[0] <= chance => Some(format!(
            "`{name}` on {split} is {said}, which does not exclude the {} of chance.",
            six_digits(chance)
        )),
        () => None,
    }
}

/// A class of variants whose scores point the other way.
fn inverted(row: &StratumRow) -> Option<String> {
    let chance = match row.metric.as_str() {
        "auroc" => 0.5,
        "spearman_rho" => 0.0,
        _ => return None,
    };
    let ends = row.interval.filter(|ends| ends[1] < chance)?;
    let StratumRow {
        split,
        kind,
        class,
        metric,
        n,
        ..
    } = row;
    Some(format!(
        "Within {kind} {class} of {split} ({n} variants) `{metric}` is below chance: {}.",
        shown(ends)
    ))
}

/// A sentence for each metric, as readers of reports look for them, and the verdicts.
pub(super) fn conclusions(evaluation: &Evaluation) -> Vec<Label> {
    let metric = |row: &MetricRow| {
        let (value, ends) = (six_digits(row.value), row.interval.map(shown));
        let ends = ends.map_or(String::new(), |ends| format!(" ({ends})"));
        let against = row.baseline.as_ref().map_or(String::new(), |baseline| {
            format!(", {} against {}", six_digits(baseline.delta), baseline.name)
        });
        format!("`{}` on {} is {value}{ends}{against}.", row.name, row.split)
    };
    let verdict = |comparison: &Comparison| {
        let Comparison {
            split,
            metric,
            baseline,
            is_primary,
            ..
        } = comparison;
        let verdict = comparison.verdict().filter(|_| *is_primary)?;
        let ends = shown(comparison.interval?);
        Some(format!(
            "Against {baseline} the verdict on {split} is {verdict}: the paired interval of \
             `{metric}` is {ends}."
        ))
    };
    let metrics = evaluation.metrics.iter().map(metric);
    let verdicts = evaluation.comparisons.iter().filter_map(verdict);
    metrics.chain(verdicts).map(sentence).collect()
}

fn shown([low, high]: Ends) -> String {
    format!("{} to {}", six_digits(low), six_digits(high))
}
