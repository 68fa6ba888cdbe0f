//! How well scores tell positive from negative variants of one class.

use std::collections::BTreeMap;

use geno_core::PythonRandom;

use crate::{
    bootstrap::{Bootstrap, Ends, choice},
    roc::{ScoredGroups, area},
};

/// Variants by class, of classes that have positive and negative ones.
///
/// Over their pairs the area under the receiver operating characteristic is that of [`Auroc`], so that
/// a class, such as "in a coding exon", cannot pass for what is scored.
///
/// [`Auroc`]: crate::Auroc
#[derive(Clone, Debug)]
pub(crate) struct MatchedClasses {
    /// Places of positive and negative variants.
    members: Vec<[Vec<usize>; 2]>,
}

impl MatchedClasses {
    /// Of variants with their class, where it is known, and label; none if no class has both labels.
    pub(crate) fn of<'a>(
        variants: impl IntoIterator<Item = (Option<&'a str>, bool)>,
    ) -> Option<Self> {
        let mut by_class = BTreeMap::<&str, [Vec<usize>; 2]>::new();
        for (i, (class, label)) in variants.into_iter().enumerate() {
            if let Some(class) = class {
                by_class.entry(class).or_default()[usize::from(!label)].push(i);
            }
        }
        let members: Vec<_> = by_class.into_values().collect();
        let members: Vec<_> = members
            .into_iter()
            .filter(|groups| groups.iter().all(|group| !group.is_empty()))
            .collect();
        (!members.is_empty()).then_some(Self { members })
    }

    /// Number of variants.
    pub(crate) fn n(&self) -> usize {
        self.members.iter().flatten().map(Vec::len).sum()
    }

    /// Number of classes.
    pub(crate) fn n_classes(&self) -> usize {
        self.members.len()
    }

    /// The area of scores.
    pub(crate) fn auroc(&self, scores: &[f64]) -> f64 {
        area_of(&self.members, scores)
    }

    /// The interval of the area, from positive and negative variants of each class drawn again.
    pub(crate) fn interval(&self, scores: &[f64], bootstrap: &Bootstrap) -> Option<Ends> {
        self.resample(bootstrap, |members| area_of(members, scores))
    }

    /// The interval of how far the area of scores lies above that of others, from the same draws.
    pub(crate) fn difference(
        &self,
        scores: &[f64],
        others: &[f64],
        bootstrap: &Bootstrap,
    ) -> Option<Ends> {
        self.resample(bootstrap, |members| {
            area_of(members, scores) - area_of(members, others)
        })
    }

    fn resample(
        &self,
        bootstrap: &Bootstrap,
        of: impl Fn(&[[Vec<usize>; 2]]) -> f64,
    ) -> Option<Ends> {
        let mut random = PythonRandom::new(bootstrap.seed);
        let mut again = |group: &Vec<usize>| -> Vec<usize> {
            let n = group.len();
            (0..n).map(|_| group[choice(&mut random, n)]).collect()
        };
        let resamples = (0..bootstrap.n_resamples).map(|_| {
            let members: Vec<[Vec<usize>; 2]> = self
                .members
                .iter()
                .map(|[positive, negative]| [again(positive), again(negative)])
                .collect();
            of(&members)
        });
        bootstrap.interval(resamples.collect())
    }
}

fn area_of(members: &[[Vec<usize>; 2]], scores: &[f64]) -> f64 {
    let groups: Vec<ScoredGroups> = members
        .iter()
        .map(|[positive, negative]| ScoredGroups {
            positive: positive.iter().map(|i| scores[*i]).collect(),
            negative: negative.iter().map(|i| scores[*i]).collect(),
        })
        .collect();
    area(groups.iter()).expect("each class has both labels")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Scores that are the class and nothing else.
    #[test]
    fn a_class_does_not_pass_for_the_label() {
        let variants = [
            (Some("exon"), true, 0.9),
            (Some("exon"), true, 0.9),
            (Some("exon"), false, 0.9),
            (Some("intron"), true, 0.1),
            (Some("intron"), false, 0.1),
            (Some("utr"), true, 0.5),
            (None, false, 0.0),
        ];
        let classes = variants.map(|(class, label, _)| (class, label));
        let scores = variants.map(|(_, _, score)| score);
        let matched = MatchedClasses::of(classes).unwrap();
        assert_eq!((matched.n(), matched.n_classes()), (5, 2));
        assert_eq!(matched.auroc(&scores), 0.5);
        let bootstrap = Bootstrap::default();
        assert_eq!(matched.interval(&scores, &bootstrap), Some([0.5, 0.5]));
        let opposite = scores.map(|score| -score);
        let difference = matched.difference(&scores, &opposite, &bootstrap);
        assert_eq!(difference, Some([0.0, 0.0]));
        assert!(MatchedClasses::of([(Some("a"), true), (Some("b"), false)]).is_none());
    }
}
