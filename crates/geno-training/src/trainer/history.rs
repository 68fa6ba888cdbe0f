//! How a run went.

use geno_plot::{LinePlot, Series};
use serde::{Deserialize, Serialize};

use crate::validation::Summary;

/// The losses and validations of a run.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrainHistory {
    /// Mean losses of the steps since the point before.
    pub training: Vec<LossPoint>,
    /// Every validation.
    pub validation: Vec<SkillPoint>,
    /// Losses after the last point, added up, and how many they are.
    pending: (f64, u64),
}

/// The mean loss of some steps.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LossPoint {
    /// The last of them.
    pub step: u64,
    /// Their prediction loss.
    pub loss: f64,
}

/// What a validation came to.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SkillPoint {
    /// The step before it.
    pub step: u64,
    /// `1 − Σ‖ŝ − s′‖² / Σ‖s − s′‖²`.
    pub skill: f64,
    /// Of the mean change.
    pub mean_change_skill: f64,
    /// Mean `‖ŝ − s′‖² / ‖s − s′‖²`.
    pub residual_loss: f64,
}

impl TrainHistory {
    /// Adds the loss of a step, which ends a point or does not.
    pub(super) fn add_step(&mut self, step: u64, loss: f64, ends_point: bool) {
        self.pending.0 += loss;
        self.pending.1 += 1;
        if ends_point {
            let (sum, n) = std::mem::take(&mut self.pending);
            let loss = sum / n as f64;
            self.training.push(LossPoint { step, loss });
        }
    }

    pub(super) fn add_validation(&mut self, step: u64, summary: &Summary) {
        self.validation.push(SkillPoint {
            step,
            skill: summary.skill,
            mean_change_skill: summary.mean_change_skill,
            residual_loss: summary.residual_loss,
        });
    }

    /// Forgets what came after a step.
    pub(super) fn go_back(&mut self, step: u64) {
        self.training.retain(|point| point.step <= step);
        self.validation.retain(|point| point.step <= step);
        self.pending = (0., 0);
    }

    /// The run as a plot: the loss, and the parts of the change that were missed.
    pub fn plot(&self) -> LinePlot<'static> {
        let points = |of: fn(&SkillPoint) -> f64| {
            let points = self.validation.iter();
            points.map(|point| (point.step as f64, of(point))).collect()
        };
        let training = self.training.iter();
        let training = training
            .map(|point| (point.step as f64, point.loss))
            .collect();
        let series = [
            ("training loss", training),
            ("held out, 1 − skill", points(|point| 1. - point.skill)),
            ("held out, mean edit", points(|point| point.residual_loss)),
            (
                "mean change, 1 − skill",
                points(|point| 1. - point.mean_change_skill),
            ),
        ];
        LinePlot {
            title: "Training",
            description: "The training loss and the parts of the change that were missed, by step.",
            x_label: "step",
            y_label: "part of the change that is missed",
            series: series
                .into_iter()
                .map(|(name, points)| Series {
                    name,
                    points,
                    ..Series::default()
                })
                .collect(),
            ..LinePlot::default()
        }
    }
}
