//! Plans that no other plan beats in both distance and cost.

use geno_action::{Haplotype, RelEdit};
use serde::Serialize;

use crate::{Score, record};

/// The Pareto front of distance and cost, cheapest first: each point is nearer than all before it.
///
/// Of points that are equal in both the first one offered stays.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct ParetoFront {
    points: Vec<ParetoPoint>,
}

/// A plan of the front.
#[derive(Clone, Debug, Serialize)]
pub struct ParetoPoint {
    /// Its edits, by position.
    #[serde(serialize_with = "record::edits")]
    pub edits: Vec<RelEdit>,
    /// What it reaches.
    #[serde(flatten)]
    pub score: Score,
}

impl ParetoFront {
    /// The points, cheapest first.
    pub fn points(&self) -> &[ParetoPoint] {
        &self.points
    }

    pub(crate) fn offer(&mut self, candidate: &Haplotype, score: Score) {
        let cheaper = self
            .points
            .partition_point(|point| point.score.cost <= score.cost);
        let nearest = self.points[..cheaper].last();
        if nearest.is_some_and(|point| point.score.distance <= score.distance) {
            return;
        }
        let same_cost = |point: &ParetoPoint| point.score.cost == score.cost;
        let start = cheaper - usize::from(self.points[..cheaper].last().is_some_and(same_cost));
        let beaten = self.points[cheaper..].iter();
        let beaten = beaten.take_while(|point| point.score.distance >= score.distance);
        let end = cheaper + beaten.count();
        let edits = candidate.edits().to_vec();
        self.points
            .splice(start..end, [ParetoPoint { edits, score }]);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use geno_core::Window;
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn the_front_is_what_a_comparison_of_all_pairs_leaves(all in vec((0u8..6, 0u8..6), 0..40)) {
            let window = Arc::new(Window::new(0, b"A".as_slice()).unwrap());
            let candidate = Haplotype::new(window, vec![]).unwrap();
            let mut front = ParetoFront::default();
            for &(distance, cost) in &all {
                front.offer(&candidate, Score::new(distance.into(), cost.into(), 1.0));
            }
            let beats = |a: (u8, u8), b: (u8, u8)| a != b && a.0 <= b.0 && a.1 <= b.1;
            let mut expected = all.clone();
            expected.retain(|&point| !all.iter().any(|&other| beats(other, point)));
            expected.sort_by_key(|&(_, cost)| cost);
            expected.dedup();
            let found = front.points().iter().map(|p| (p.score.distance, p.score.cost));
            let expected = expected.into_iter().map(|(d, c)| (f64::from(d), f64::from(c)));
            prop_assert!(found.eq(expected));
        }
    }
}
