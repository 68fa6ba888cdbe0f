//! How well a score tells two groups apart, also within classes that are to be equal for both.

use geno_core::RandomStream;

use crate::{bootstrap::quantile, ties::n_below};

/// Scores of two groups within one class, such as a molecular consequence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoredGroups {
    /// Scores of what should be high.
    pub positive: Vec<f64>,
    /// Scores of what should be low.
    pub negative: Vec<f64>,
}

/// Area under the receiver operating characteristic, over pairs of one class.
///
/// ```text
/// AUROC = Σ_c Σ_{p, n in c} ([p > n] + ½ [p = n]) / Σ_c n⁺_c · n⁻_c
/// ```
///
/// For one class this is the Mann–Whitney statistic with average ranks for ties; over several, no
/// pair is of two classes, so that a class cannot pass for what is scored. Each class counts by its
/// pairs.
///
/// The interval is that of a bootstrap: the members of each group of each class are drawn again,
/// with replacement, and the middle 95 % are taken. Members count as independent.
///
/// ```
/// use geno_eval::{Auroc, ScoredGroups};
///
/// let groups = ScoredGroups {
///     positive: vec![0.9, 0.5],
///     negative: vec![0.1, 0.5],
/// };
/// assert_eq!(Auroc::of(&[groups], 200).unwrap().value, 0.875);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auroc {
    /// The area; one half says nothing.
    pub value: f64,
    /// Lower end of the interval.
    pub ci_low: f64,
    /// Upper end of it.
    pub ci_high: f64,
    /// Scores of what should be high, in classes that have both.
    pub n_positive: usize,
    /// Scores of what should be low, in classes that have both.
    pub n_negative: usize,
}

impl Auroc {
    /// The area over classes; none if no class has both groups, or a score is no number.
    pub fn of(classes: &[ScoredGroups], n_draws: usize) -> Option<Self> {
        let scores = |groups: &ScoredGroups| [groups.positive.clone(), groups.negative.clone()];
        let mut all = classes.iter().flat_map(scores).flatten();
        if all.any(f64::is_nan) {
            return None;
        }
        let is_paired =
            |groups: &&ScoredGroups| !groups.positive.is_empty() && !groups.negative.is_empty();
        let classes: Vec<&ScoredGroups> = classes.iter().filter(is_paired).collect();
        let value = area(classes.iter().copied())?;

        let mut stream = RandomStream::new(0, "auroc/bootstrap");
        let mut draws: Vec<f64> = (0..n_draws)
            .map(|_| {
                let drawn: Vec<_> = classes
                    .iter()
                    .map(|groups| again(groups, &mut stream))
                    .collect();
                area(drawn.iter()).unwrap_or(value)
            })
            .collect();
        draws.sort_unstable_by(f64::total_cmp);
        Some(Self {
            value,
            ci_low: quantile(&draws, 0.025).unwrap_or(value),
            ci_high: quantile(&draws, 0.975).unwrap_or(value),
            n_positive: classes.iter().map(|groups| groups.positive.len()).sum(),
            n_negative: classes.iter().map(|groups| groups.negative.len()).sum(),
        })
    }
}

pub(crate) fn area<'a>(classes: impl Iterator<Item = &'a ScoredGroups>) -> Option<f64> {
    let (mut won, mut pairs) = (0.0, 0.0);
    for ScoredGroups { positive, negative } in classes {
        let mut sorted = negative.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        won += positive
            .iter()
            .map(|score| n_below(&sorted, *score))
            .sum::<f64>();
        pairs += (positive.len() * negative.len()) as f64;
    }
    (pairs > 0.0).then(|| won / pairs)
}

fn again(groups: &ScoredGroups, stream: &mut RandomStream) -> ScoredGroups {
    let mut draw = |scores: &[f64]| {
        let n = scores.len() as u64;
        scores
            .iter()
            .map(|_| scores[stream.below(n) as usize])
            .collect()
    };
    ScoredGroups {
        positive: draw(&groups.positive),
        negative: draw(&groups.negative),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(positive: &[f64], negative: &[f64]) -> ScoredGroups {
        ScoredGroups {
            positive: positive.to_vec(),
            negative: negative.to_vec(),
        }
    }

    #[test]
    fn it_counts_the_pairs_that_are_in_order() {
        let mut stream = RandomStream::new(1, "scores");
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.below(9) as f64).collect() };
        let (positive, negative) = (draw(37), draw(23));
        let mut won = 0.0;
        for p in &positive {
            for n in &negative {
                won += if p > n {
                    1.0
                } else if p == n {
                    0.5
                } else {
                    0.0
                };
            }
        }
        let auroc = Auroc::of(&[groups(&positive, &negative)], 0).unwrap();
        assert!((auroc.value - won / (37.0 * 23.0)).abs() < 1e-12);
    }

    #[test]
    fn a_class_cannot_pass_for_what_is_scored() {
        // Scores say which class a variant is of, and nothing more.
        let classes = [
            groups(&[1.0, 2.0, 1.0, 2.0], &[1.0, 2.0]),
            groups(&[11.0, 12.0], &[11.0, 12.0, 11.0, 12.0]),
        ];
        let pooled = groups(&[1., 2., 1., 2., 11., 12.], &[1., 2., 11., 12., 11., 12.]);
        assert_eq!(Auroc::of(&classes, 10).unwrap().value, 0.5);
        assert!(Auroc::of(&[pooled], 10).unwrap().value < 0.4);
    }

    #[test]
    fn the_interval_holds_the_area_and_narrows_with_members() {
        let width = |n: u32| {
            let spread = |shift: f64| (0..n).map(|i| f64::from(i % 10) + shift).collect();
            let groups = ScoredGroups {
                positive: spread(2.5),
                negative: spread(0.0),
            };
            let auroc = Auroc::of(&[groups], 400).unwrap();
            assert!(auroc.ci_low < auroc.value && auroc.value < auroc.ci_high);
            auroc.ci_high - auroc.ci_low
        };
        assert!(width(1000) < 0.5 * width(50));
    }

    #[test]
    fn one_group_alone_and_what_is_no_number_have_no_area() {
        assert_eq!(Auroc::of(&[groups(&[1.0], &[])], 10), None);
        assert_eq!(
            Auroc::of(&[groups(&[1.0], &[]), groups(&[], &[1.0])], 10),
            None
        );
        assert_eq!(Auroc::of(&[groups(&[f64::NAN], &[1.0])], 10), None);
    }
}
