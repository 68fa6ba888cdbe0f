//! What a run tells as it goes on.

use serde::Serialize;

use crate::{Alert, CollapseMetrics, validation::Summary};

/// What a run tells as it goes on, and writes into its log.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainEvent {
    /// It begins.
    Start {
        /// Examples to train on.
        examples: usize,
        /// Their predictions.
        predictions: usize,
        /// Numbers that are trained.
        parameters: usize,
    },
    /// It goes on from a checkpoint.
    Resume {
        /// Steps that were done.
        step: u64,
    },
    /// A step was taken.
    Step(StepEvent),
    /// The states that were held out were predicted.
    Validation(Box<ValidationEvent>),
    /// Predictions were compared with each other.
    Collapse {
        /// The step.
        step: u64,
        /// What was measured.
        metrics: CollapseMetrics,
        /// What is wrong.
        alerts: Vec<Alert>,
    },
    /// A checkpoint was written.
    Checkpoint {
        /// The step.
        step: u64,
        /// Whether its validation is the best so far.
        is_best: bool,
    },
    /// It went back to the checkpoint before predictions became alike.
    RollBack {
        /// The step it came from.
        step: u64,
        /// The step it goes on from.
        to_step: u64,
        /// What the learning rate is multiplied by from now on.
        lr_scale: f64,
    },
    /// It ended.
    End {
        /// The step.
        step: u64,
        /// Why: `finished` or `interrupted`.
        reason: &'static str,
    },
}

/// A step of the optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StepEvent {
    /// Its number, from 1.
    pub step: u64,
    /// The learning rate.
    pub lr: f64,
    /// The whole loss.
    pub loss: f64,
    /// Its part from predictions.
    pub loss_pred: f64,
    /// Its part from the regulariser.
    pub loss_reg: f64,
    /// Norm of the gradients before they were clipped.
    pub grad_norm: f64,
    /// Predictions it was computed from.
    pub predictions: usize,
    /// How long it took.
    pub seconds: f64,
}

/// A validation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ValidationEvent {
    /// The step before it.
    pub step: u64,
    /// What all predictions come to.
    #[serde(flatten)]
    pub summary: Summary,
}

impl TrainEvent {
    /// Its name and fields in the log.
    pub fn line(&self) -> (&'static str, serde_json::Value) {
        use serde_json::{json, to_value};
        let value = |value: Result<serde_json::Value, _>| value.expect("numbers and names");
        match self {
            Self::Start {
                examples,
                predictions,
                parameters,
            } => (
                "train.start",
                json!({"examples": examples, "predictions": predictions, "parameters": parameters}),
            ),
            Self::Resume { step } => ("train.resume", json!({"step": step})),
            Self::Step(step) => ("train.step", value(to_value(step))),
            Self::Validation(event) => ("train.validation", value(to_value(event))),
            Self::Collapse {
                step,
                metrics,
                alerts,
            } => {
                let name = match alerts.is_empty() {
                    true => "train.collapse",
                    false => "train.collapse.alert",
                };
                (
                    name,
                    json!({"step": step, "metrics": metrics, "alerts": alerts}),
                )
            }
            Self::Checkpoint { step, is_best } => (
                "train.checkpoint",
                json!({"step": step, "is_best": is_best}),
            ),
            Self::RollBack {
                step,
                to_step,
                lr_scale,
            } => (
                "train.rollback",
                json!({"step": step, "to_step": to_step, "lr_scale": lr_scale}),
            ),
            Self::End { step, reason } => ("train.end", json!({"step": step, "reason": reason})),
        }
    }
}
