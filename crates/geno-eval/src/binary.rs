//! How well a score tells positive from negative variants.

use crate::{
    labelled::LabelledScores,
    ties::{GroupCounts, Ties},
};

/// Metrics of a score that should be high for positive variants.
///
/// Those with a threshold take variants whose score is at least the threshold for positive.
///
/// ```
/// use geno_eval::{BinaryMetrics, LabelledScores};
///
/// let scores = [(true, 0.9), (false, 0.6), (true, 0.6), (false, 0.1)];
/// let metrics = BinaryMetrics::of(&LabelledScores::new(scores)?, 0.5);
/// assert_eq!((metrics.auroc, metrics.sensitivity), (0.875, 1.0));
/// // The scores of 0.6 count together, whatever their order.
/// assert_eq!(metrics.average_precision, 0.5 * 1.0 + 0.5 * 2.0 / 3.0);
/// # Ok::<_, geno_eval::LabelledScoresError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinaryMetrics {
    /// Probability that a positive variant scores above a negative one, ties counting half: the area
    /// under the receiver operating characteristic.
    pub auroc: f64,
    /// `Σ (Rₖ − Rₖ₋₁) · Pₖ` over distinct scores, best first: recall gained at each, times the precision
    /// there. Equal scores count together, so the order of variants plays no part.
    pub average_precision: f64,
    /// Mean over positive variants of the precision at their place, equal scores in the order given, as
    /// the Python package computes it: with ties this depends on that order.
    pub average_precision_in_order: f64,
    /// Mean of sensitivity and specificity.
    pub balanced_accuracy: f64,
    /// Part of the variants that the threshold tells right.
    pub accuracy: f64,
    /// Part of the positive ones.
    pub sensitivity: f64,
    /// Part of the negative ones.
    pub specificity: f64,
}

impl BinaryMetrics {
    /// All metrics.
    pub fn of(scores: &LabelledScores, threshold: f64) -> Self {
        let ties = Ties::of(scores);
        Self {
            average_precision_in_order: average_precision_in_order(scores),
            ..Self::of_groups(&ties, &ties.counts(), threshold)
        }
    }

    /// Of variants in groups of equal scores, the positive ones of a group before the others.
    pub(crate) fn of_groups(ties: &Ties, counts: &GroupCounts, threshold: f64) -> Self {
        let sum = |counts: &[u32]| counts.iter().map(|n| f64::from(*n)).sum::<f64>();
        let (n_positive, n_negative) = (sum(&counts.positive), sum(&counts.negative));
        let (mut seen_positive, mut seen_negative) = (0.0, 0.0);
        let (mut won, mut precision, mut positives_first) = (0.0, 0.0, 0.0);
        let (mut true_positive, mut false_positive) = (0.0, 0.0);
        for (score, (positive, negative)) in ties.scores.iter().zip(counts.groups()) {
            won += positive * (n_negative - seen_negative - negative / 2.0);
            // A variant at a time, as the Python package adds them up.
            for i in 1..=positive as u64 {
                let right = seen_positive + i as f64;
                positives_first += right / (right + seen_negative);
            }
            seen_positive += positive;
            seen_negative += negative;
            if positive > 0.0 {
                precision += positive * seen_positive / (seen_positive + seen_negative);
            }
            if *score >= threshold {
                (true_positive, false_positive) = (seen_positive, seen_negative);
            }
        }
        let sensitivity = true_positive / n_positive;
        let specificity = (n_negative - false_positive) / n_negative;
        let right = true_positive + n_negative - false_positive;
        Self {
            auroc: won / (n_positive * n_negative),
            average_precision: precision / n_positive,
            average_precision_in_order: positives_first / n_positive,
            balanced_accuracy: (sensitivity + specificity) / 2.0,
            accuracy: right / (n_positive + n_negative),
            sensitivity,
            specificity,
        }
    }
}

fn average_precision_in_order(scores: &LabelledScores) -> f64 {
    let mut rows: Vec<_> = scores.rows().to_vec();
    rows.sort_by(|a, b| b.1.partial_cmp(&a.1).expect("scores are finite"));
    let (mut positive, mut sum) = (0.0, 0.0);
    for (i, (label, _)) in rows.iter().enumerate() {
        if *label {
            positive += 1.0;
            sum += positive / (i + 1) as f64;
        }
    }
    sum / positive
}
