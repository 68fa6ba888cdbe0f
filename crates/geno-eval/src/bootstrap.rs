//! Intervals from resamples of variants.

use geno_core::PythonRandom;

use crate::{
    binary::BinaryMetrics,
    labelled::LabelledScores,
    spearman::{Paired, Spearman},
    ties::{GroupCounts, Ties},
};

/// How variants are drawn again, with replacement, and how wide an interval is.
///
/// An interval goes from the quantile `(1 − level) / 2` of the resamples to `1 − (1 − level) / 2`, between
/// two of them in proportion. Variants count as independent, though those of one gene or haplotype are not:
/// intervals are too narrow for that.
///
/// Draws are those of the Python package, so that the same seed gives its intervals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Resamples.
    pub n_resamples: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Part of the resamples that an interval holds, between 0 and 1.
    pub level: f64,
}

impl Default for Bootstrap {
    /// 1,000 resamples from the seed 0, 95 % of them.
    fn default() -> Self {
        Self {
            n_resamples: 1_000,
            seed: 0,
            level: 0.95,
        }
    }
}

/// An interval, low end first.
pub type Ends = [f64; 2];

/// Intervals of [`BinaryMetrics`], or of their difference between two scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinaryIntervals {
    /// Of [`BinaryMetrics::auroc`].
    pub auroc: Ends,
    /// Of [`BinaryMetrics::average_precision`].
    pub average_precision: Ends,
    /// Of [`BinaryMetrics::average_precision_in_order`], positive variants of a score coming first in every
    /// resample, as in the Python package.
    pub average_precision_in_order: Ends,
    /// Of [`BinaryMetrics::balanced_accuracy`].
    pub balanced_accuracy: Ends,
    /// Of [`BinaryMetrics::accuracy`].
    pub accuracy: Ends,
}

/// Two scores of variants that are not the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the scores to compare are not of the same variants in the same order")]
pub struct OtherVariants;

impl Bootstrap {
    /// Intervals of metrics; none without resamples. Positive and negative variants are drawn apart, as
    /// many as there are.
    pub fn binary(&self, scores: &LabelledScores, threshold: f64) -> Option<BinaryIntervals> {
        let ties = Ties::of(scores);
        let metrics =
            |counts: &[GroupCounts]| BinaryMetrics::of_groups(&ties, &counts[0], threshold);
        self.intervals(self.resample(&[&ties], metrics), |metrics, of| of(metrics))
    }

    /// Intervals of how far the metrics of a score lie above those of another, from the same draws of both;
    /// none without resamples. Each score has a threshold of its own.
    ///
    /// # Errors
    ///
    /// [`OtherVariants`] if labels differ.
    pub fn difference(
        &self,
        (scores, threshold): (&LabelledScores, f64),
        (others, other_threshold): (&LabelledScores, f64),
    ) -> Result<Option<BinaryIntervals>, OtherVariants> {
        if !scores.has_labels_of(others) {
            return Err(OtherVariants);
        }
        let (ties, other_ties) = (Ties::of(scores), Ties::of(others));
        let metrics = |counts: &[GroupCounts]| {
            [
                BinaryMetrics::of_groups(&ties, &counts[0], threshold),
                BinaryMetrics::of_groups(&other_ties, &counts[1], other_threshold),
            ]
        };
        let resamples = self.resample(&[&ties, &other_ties], metrics);
        Ok(self.intervals(resamples, |[metrics, others], of| of(metrics) - of(others)))
    }

    /// The interval of a rank correlation; none if every resample is constant.
    pub fn spearman(&self, pairs: &Paired) -> Option<Ends> {
        self.of_pairs(pairs.len(), |counts| Spearman::of_counts(pairs, counts))
    }

    /// The interval of how far a rank correlation lies above another, from the same draws of both; none
    /// if every resample is constant.
    ///
    /// # Errors
    ///
    /// [`OtherVariants`] if there are not as many pairs of both.
    pub fn spearman_difference(
        &self,
        pairs: &Paired,
        others: &Paired,
    ) -> Result<Option<Ends>, OtherVariants> {
        if pairs.len() != others.len() {
            return Err(OtherVariants);
        }
        Ok(self.of_pairs(pairs.len(), |counts| {
            let rho = Spearman::of_counts(pairs, counts)?;
            Some(rho - Spearman::of_counts(others, counts)?)
        }))
    }

    /// The interval of what samples of `n` pairs give, said by how often each is in them.
    pub(crate) fn of_pairs(
        &self,
        n: usize,
        mut of: impl FnMut(&[u32]) -> Option<f64>,
    ) -> Option<Ends> {
        let mut random = PythonRandom::new(self.seed);
        let resamples = (0..self.n_resamples).filter_map(|_| {
            let mut counts = vec![0; n];
            (0..n).for_each(|_| counts[choice(&mut random, n)] += 1);
            of(&counts)
        });
        self.interval(resamples.collect())
    }

    /// What each resample gives, of variants that are in the same order in all ties.
    pub(crate) fn resample<T>(
        &self,
        ties: &[&Ties],
        mut of: impl FnMut(&[GroupCounts]) -> T,
    ) -> Vec<T> {
        let mut random = PythonRandom::new(self.seed);
        let mut counts = vec![GroupCounts::default(); ties.len()];
        let (n_positive, n_negative) = (ties[0].positive.len(), ties[0].negative.len());
        let resamples = (0..self.n_resamples).map(|_| {
            for (counts, ties) in counts.iter_mut().zip(ties) {
                counts.clear(ties.scores.len());
            }
            for _ in 0..n_positive {
                let drawn = choice(&mut random, n_positive);
                for (counts, ties) in counts.iter_mut().zip(ties) {
                    counts.positive[ties.positive[drawn] as usize] += 1;
                }
            }
            for _ in 0..n_negative {
                let drawn = choice(&mut random, n_negative);
                for (counts, ties) in counts.iter_mut().zip(ties) {
                    counts.negative[ties.negative[drawn] as usize] += 1;
                }
            }
            of(&counts)
        });
        resamples.collect()
    }

    fn intervals<T>(
        &self,
        resamples: Vec<T>,
        value: impl Fn(&T, fn(&BinaryMetrics) -> f64) -> f64,
    ) -> Option<BinaryIntervals> {
        let of = |metric: fn(&BinaryMetrics) -> f64| {
            self.interval(resamples.iter().map(|one| value(one, metric)).collect())
        };
        Some(BinaryIntervals {
            auroc: of(|metrics| metrics.auroc)?,
            average_precision: of(|metrics| metrics.average_precision)?,
            average_precision_in_order: of(|metrics| metrics.average_precision_in_order)?,
            balanced_accuracy: of(|metrics| metrics.balanced_accuracy)?,
            accuracy: of(|metrics| metrics.accuracy)?,
        })
    }

    pub(crate) fn interval(&self, mut values: Vec<f64>) -> Option<Ends> {
        values.sort_unstable_by(f64::total_cmp);
        let alpha = (1.0 - self.level) / 2.0;
        Some([quantile(&values, alpha)?, quantile(&values, 1.0 - alpha)?])
    }
}

/// One of `n` with equal chances, as `random.choices` draws it.
pub(crate) fn choice(random: &mut PythonRandom, n: usize) -> usize {
    (random.random() * n as f64) as usize
}

/// The quantile `q` of sorted values, between two of them in proportion; none of none.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let place = q * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    let part = place - low as f64;
    Some(sorted[low] * (1.0 - part) + sorted[high] * part)
}
