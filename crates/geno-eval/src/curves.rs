//! Curves of a score over all thresholds, and how far they would lie elsewhere with other variants.

use crate::{
    bootstrap::{Bootstrap, Ends},
    labelled::LabelledScores,
    ties::{GroupCounts, Ties},
};

/// What each threshold gives. Equal scores are one step, so the order of variants plays no part.
///
/// ```
/// use geno_eval::{Curves, LabelledScores};
///
/// let scores = [(true, 0.9), (false, 0.6), (true, 0.6), (false, 0.1)];
/// let curves = Curves::of(&LabelledScores::new(scores)?);
/// assert_eq!(curves.roc, [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
/// assert_eq!(curves.precision_recall[0], (0.5, 1.0));
/// # Ok::<_, geno_eval::LabelledScoresError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// False and true positive rate, from the origin, the highest threshold first. The area below it is
    /// [`BinaryMetrics::auroc`](crate::BinaryMetrics::auroc).
    pub roc: Vec<(f64, f64)>,
    /// Recall and precision at each distinct score, the highest first; both ends of a step, so that the
    /// area below it is [`BinaryMetrics::average_precision`](crate::BinaryMetrics::average_precision).
    pub precision_recall: Vec<(f64, f64)>,
}

/// Where curves of resampled variants lie, place by place: no curve as a whole has to lie in between.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveBands {
    /// Places from 0 to 1, evenly spaced: false positive rates of the one curve, recalls of the other.
    pub places: Vec<f64>,
    /// The true positive rate at each, between two thresholds in proportion.
    pub true_positive_rate: Vec<Ends>,
    /// The precision at the highest threshold that reaches the recall.
    pub precision: Vec<Ends>,
}

impl Curves {
    /// The curves.
    pub fn of(scores: &LabelledScores) -> Self {
        let ties = Ties::of(scores);
        let steps = Steps::of(&ties.counts());
        let mut precision_recall = Vec::new();
        let mut before = 0.0;
        for (_, recall, precision) in &steps.0 {
            if before > 0.0 && *recall > before {
                precision_recall.push((before, *precision));
            }
            precision_recall.push((*recall, *precision));
            before = *recall;
        }
        let roc = steps
            .0
            .iter()
            .map(|(false_rate, recall, _)| (*false_rate, *recall));
        Self {
            roc: [(0.0, 0.0)].into_iter().chain(roc).collect(),
            precision_recall,
        }
    }
}

impl Bootstrap {
    /// Bands of both curves at so many places; none without resamples or with fewer than two places.
    pub fn curves(&self, scores: &LabelledScores, n_places: usize) -> Option<CurveBands> {
        if n_places < 2 {
            return None;
        }
        let places: Vec<f64> = (0..n_places)
            .map(|i| i as f64 / (n_places - 1) as f64)
            .collect();
        let ties = Ties::of(scores);
        let resamples = self.resample(&[&ties], |counts| Steps::of(&counts[0]).at(&places));
        let band = |of: fn(&At) -> f64| -> Option<Vec<Ends>> {
            let at = |i: usize| self.interval(resamples.iter().map(|one| of(&one[i])).collect());
            (0..n_places).map(at).collect()
        };
        Some(CurveBands {
            true_positive_rate: band(|at| at.true_positive_rate)?,
            precision: band(|at| at.precision)?,
            places,
        })
    }
}

/// False positive rate, recall and precision after each group of equal scores that is not empty.
struct Steps(Vec<(f64, f64, f64)>);

/// Both curves at one place.
struct At {
    true_positive_rate: f64,
    precision: f64,
}

impl Steps {
    fn of(counts: &GroupCounts) -> Self {
        let (n_positive, n_negative) = counts
            .groups()
            .fold((0.0, 0.0), |(p, n), group| (p + group.0, n + group.1));
        let (mut positive, mut negative) = (0.0, 0.0);
        let groups = counts.groups().filter(|group| group.0 + group.1 > 0.0);
        let steps = groups.map(|group| {
            positive += group.0;
            negative += group.1;
            (
                negative / n_negative,
                positive / n_positive,
                positive / (positive + negative),
            )
        });
        Self(steps.collect())
    }

    /// At places that ascend.
    fn at(&self, places: &[f64]) -> Vec<At> {
        let (mut i, mut j) = (0, 0);
        let mut before = (0.0, 0.0);
        let at = places.iter().map(|place| {
            while let Some((x, y, _)) = self.0.get(i).filter(|step| step.0 <= *place) {
                before = (*x, *y);
                i += 1;
            }
            let true_positive_rate = match self.0.get(i) {
                None => before.1,
                Some((x, y, _)) => before.1 + (y - before.1) * (place - before.0) / (x - before.0),
            };
            while self
                .0
                .get(j)
                .is_some_and(|step| step.1 == 0.0 || step.1 < *place)
            {
                j += 1;
            }
            let precision = self.0.get(j).or(self.0.last()).map_or(0.0, |step| step.2);
            At {
                true_positive_rate,
                precision,
            }
        });
        at.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::BinaryMetrics;

    fn labelled() -> impl Strategy<Value = LabelledScores> {
        let rows = prop::collection::vec((any::<bool>(), 0u8..12), 0..40);
        rows.prop_map(|rows| {
            let rows = rows
                .into_iter()
                .map(|(label, score)| (label, f64::from(score)));
            let rows = rows.chain([(true, 5.0), (false, 4.0)]);
            LabelledScores::new(rows).unwrap()
        })
    }

    proptest! {
        #[test]
        fn areas_are_those_of_the_metrics(scores in labelled()) {
            let curves = Curves::of(&scores);
            let metrics = BinaryMetrics::of(&scores, 0.0);
            let area: f64 = curves.roc.windows(2)
                .map(|ends| (ends[1].0 - ends[0].0) * (ends[0].1 + ends[1].1) / 2.0).sum();
            prop_assert!((area - metrics.auroc).abs() < 1e-12);
            let start = [(0.0, curves.precision_recall.iter().find(|point| point.0 > 0.0).unwrap().1)];
            let points: Vec<_> = start.into_iter().chain(curves.precision_recall).collect();
            let steps = points.windows(2).filter(|ends| ends[1].0 > ends[0].0);
            let area: f64 = steps.map(|ends| (ends[1].0 - ends[0].0) * ends[1].1).sum();
            prop_assert!((area - metrics.average_precision).abs() < 1e-12);
        }

        #[test]
        fn bands_lie_in_order_and_end_where_every_curve_does(scores in labelled(), seed in 0u64..9) {
            let bootstrap = Bootstrap { n_resamples: 30, seed, level: 0.9 };
            let bands = bootstrap.curves(&scores, 11).unwrap();
            for [low, high] in bands.true_positive_rate.iter().chain(&bands.precision) {
                prop_assert!(-1e-12 < *low && *low < high + 1e-12 && *high < 1.0 + 1e-12);
            }
            for end in bands.true_positive_rate[10] {
                prop_assert!((end - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_curve_lies_in_the_band_of_its_own_variants() {
        let rows = (0..400u32).map(|i| {
            (
                i % 3 == 0,
                f64::from((i * 7919) % 101) + f64::from(i % 3 == 0) * 30.0,
            )
        });
        let scores = LabelledScores::new(rows).unwrap();
        let bands = Bootstrap::default().curves(&scores, 21).unwrap();
        let ties = Ties::of(&scores);
        let at = Steps::of(&ties.counts()).at(&bands.places);
        for ((at, [low, high]), place) in
            at.iter().zip(&bands.true_positive_rate).zip(&bands.places)
        {
            let rate = at.true_positive_rate;
            assert!(
                *low <= rate + 1e-12 && rate <= *high + 1e-12,
                "{place}: {low} {rate} {high}"
            );
        }
    }

    #[test]
    fn without_resamples_there_is_no_band() {
        let scores = LabelledScores::new([(true, 1.0), (false, 0.0)]).unwrap();
        let none = Bootstrap {
            n_resamples: 0,
            ..Bootstrap::default()
        };
        assert_eq!(none.curves(&scores, 11), None);
        assert_eq!(Bootstrap::default().curves(&scores, 1), None);
    }
}
