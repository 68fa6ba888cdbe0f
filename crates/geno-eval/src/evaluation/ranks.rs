//! Scores against numbers, by rank.

use super::{
    EvaluateError, EvaluationOptions, Summary,
    measured::{Against, Measured},
};
use crate::{
    join::{Join, ScoreColumn},
    label_rule::LabelRule,
    metric_kind::MetricKind,
    spearman::{Paired, Spearman},
};

/// The rank correlation, and what the scores gave by themselves.
pub(super) fn measure(
    join: &Join,
    values: &[f64],
    rule: &LabelRule,
    options: &EvaluationOptions,
) -> Result<(Vec<Measured>, Summary), EvaluateError> {
    let all: Vec<usize> = (0..values.len()).collect();
    let paired = |column: &ScoreColumn| {
        pairs(column, values, &all).map_err(|source| EvaluateError::Ranks {
            scores: column.name.clone(),
            source,
        })
    };
    let own = paired(&join.columns[0])?;
    let against = |(column, scores): (usize, &ScoreColumn)| {
        let other = paired(scores)?;
        let difference = options.bootstrap.spearman_difference(&own, &other);
        Ok(Against {
            column,
            value: Spearman::of(&other).rho,
            delta_interval: difference.expect("columns have the same variants"),
            p_value: None,
        })
    };
    let against = join.columns.iter().enumerate().skip(1).map(against);
    let against = against.collect::<Result<Vec<_>, EvaluateError>>()?;
    let (rho, interval) = (Spearman::of(&own).rho, options.bootstrap.spearman(&own));
    let field = match rule {
        LabelRule::Value { field } => field,
        LabelRule::Class(_) => "classes",
    };
    let measured = Measured {
        kind: MetricKind::SpearmanRho,
        value: rho,
        interval,
        n: join.n() as u64,
        notes: format!("labels use {field}; scores use {}", join.columns[0].field),
        against,
    };
    Ok((vec![measured], Summary::Values { rho, interval }))
}

/// Labels with the scores of some of the variants.
pub(super) fn pairs(
    column: &ScoreColumn,
    values: &[f64],
    places: &[usize],
) -> Result<Paired, crate::spearman::PairedError> {
    let pairs: Vec<(f64, f64)> = places
        .iter()
        .map(|i| (values[*i], column.values[*i]))
        .collect();
    Paired::new(&pairs)
}
