//! Whether a run still goes well.

use geno_predictor::gaussian_divergence;

use burn::tensor::{Device, Tensor, TensorData};

use super::{error::TrainError, gradients::StepGradients};
use crate::{Alert, CollapseMetrics, CollapseMonitor, Criterion};

/// How many times as large as the best a validation loss may become.
const MAX_GROWTH: f64 = 10.;
/// Added to the eigenvalues of the covariance in the divergence from a normal distribution.
const DIVERGENCE_EPSILON: f64 = 1e-6;

/// An error unless a step's numbers are finite.
pub(super) fn check_step(step: u64, gradients: &StepGradients) -> Result<(), TrainError> {
    let numbers = [
        ("loss", gradients.prediction),
        ("regularizer", gradients.regularizer),
    ];
    match numbers.into_iter().find(|(_, value)| !value.is_finite()) {
        Some((what, value)) => Err(TrainError::Diverged { step, what, value }),
        None => Ok(()),
    }
}

/// An error if a validation is far worse than the best one was.
pub(super) fn check_validation(step: u64, loss: f64, best: Option<f64>) -> Result<(), TrainError> {
    let is_lost = !loss.is_finite() || best.is_some_and(|best| loss > MAX_GROWTH * best.max(1.));
    let what = "validation loss";
    match is_lost {
        true => Err(TrainError::Diverged {
            step,
            what,
            value: loss,
        }),
        false => Ok(()),
    }
}

/// Compares the predictions of a step with each other.
pub(super) fn look(
    monitor: &mut CollapseMonitor,
    gradients: &StepGradients,
    d_state: usize,
    device: &Device,
) -> Result<(CollapseMetrics, Vec<Alert>), TrainError> {
    let [predicted, target] = &gradients.rows;
    let rows = TensorData::new(predicted.clone(), [predicted.len() / d_state, d_state]);
    let rows = Tensor::<2>::from_data(rows, device);
    let kl = gaussian_divergence(rows, DIVERGENCE_EPSILON).into_scalar::<f32>();
    let metrics = CollapseMetrics::of(predicted, target, d_state, f64::from(kl))?;
    let alerts = monitor.observe(&metrics);
    Ok((metrics, alerts))
}

/// Whether alerts say that predictions have become alike. The divergence from a normal distribution
/// does not: of states of length 1 it is always large.
pub(super) fn has_collapsed(alerts: &[Alert]) -> bool {
    alerts
        .iter()
        .any(|alert| alert.criterion != Criterion::KlReg)
}
