//! How good a plan is.

use std::cmp::Ordering;

use serde::Serialize;

/// Distance and cost of a plan, and what they come to together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Distance of its predicted state to the target.
    pub distance: f64,
    /// Cost of its edits.
    pub cost: f64,
    /// `distance + cost_weight · cost`, which is to be small.
    pub objective: f64,
}

impl Score {
    pub(crate) fn new(distance: f64, cost: f64, cost_weight: f64) -> Self {
        let objective = distance + cost_weight * cost;
        Self {
            distance,
            cost,
            objective,
        }
    }

    /// Better first: by objective, then distance, then cost.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let by_objective = self.objective.total_cmp(&other.objective);
        let by_distance = || self.distance.total_cmp(&other.distance);
        let by_cost = || self.cost.total_cmp(&other.cost);
        by_objective.then_with(by_distance).then_with(by_cost)
    }

    pub(crate) fn is_better_than(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Less
    }
}
