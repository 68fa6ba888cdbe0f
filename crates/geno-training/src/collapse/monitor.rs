//! Alerts when predictions begin to collapse.

use std::fmt;

use serde::Serialize;

use super::CollapseMetrics;

/// What an alert is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Predictions vary less than half as much as targets.
    PredVarPerDim,
    /// Predictions lie less than half as far apart as in the first batch observed.
    PairwisePredDistMean,
    /// The regulariser is above 10.
    KlReg,
}

/// A criterion that is not met.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Alert {
    /// Which one.
    pub criterion: Criterion,
    /// Where it begins.
    pub threshold: f64,
    /// What was measured.
    pub value: f64,
}

/// Looks at a batch every so many steps.
///
/// # Source
///
/// `CollapseMonitor` of geno-lewm 0.2.1, with its criteria in their order.
#[derive(Clone, Debug)]
pub struct CollapseMonitor {
    every: u64,
    initial_distance: Option<f64>,
}

/// Largest regulariser without an alert.
const MAX_KL_REG: f64 = 10.0;

impl CollapseMonitor {
    /// A monitor for every so many steps; 0 is every step.
    pub fn new(every: u64) -> Self {
        Self {
            every: every.max(1),
            initial_distance: None,
        }
    }

    /// A monitor that goes on where another stood.
    pub fn resumed(every: u64, initial_distance: Option<f64>) -> Self {
        Self {
            initial_distance,
            ..Self::new(every)
        }
    }

    /// Mean distance of two predictions in the first batch observed, to go on from.
    pub fn initial_distance(&self) -> Option<f64> {
        self.initial_distance
    }

    /// Whether it looks at the batch of a step, counted from 1.
    pub fn is_due(&self, step: u64) -> bool {
        step > 0 && step.is_multiple_of(self.every)
    }

    /// What is wrong with a batch. The first one sets how far apart predictions are expected to be.
    pub fn observe(&mut self, metrics: &CollapseMetrics) -> Vec<Alert> {
        let distance = metrics.pairwise_pred_dist_mean;
        let initial = *self.initial_distance.get_or_insert(distance);
        let low = |criterion, value, threshold| (value < threshold, criterion, value, threshold);
        let (variance, target) = (metrics.pred_var_per_dim, metrics.target_var_per_dim);
        let criteria = [
            low(Criterion::PredVarPerDim, variance, 0.5 * target),
            low(Criterion::PairwisePredDistMean, distance, 0.5 * initial),
            (
                metrics.kl_reg > MAX_KL_REG,
                Criterion::KlReg,
                metrics.kl_reg,
                MAX_KL_REG,
            ),
        ];
        let alerts = criteria.into_iter().filter(|(is_on, ..)| *is_on);
        let alert = |(_, criterion, value, threshold)| Alert {
            criterion,
            threshold,
            value,
        };
        alerts.map(alert).collect()
    }
}

impl Criterion {
    /// Its name, that of the metric.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PredVarPerDim => "pred_var_per_dim",
            Self::PairwisePredDistMean => "pairwise_pred_dist_mean",
            Self::KlReg => "kl_reg",
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            criterion,
            threshold,
            value,
        } = self;
        let side = match criterion {
            Criterion::KlReg => "above",
            _ => "below",
        };
        write!(
            f,
            "{} is {value:.4}, {side} {threshold:.4}",
            criterion.as_str()
        )
    }
}
