//! The loss of the published models.

use burn::tensor::{Bool, Tensor};

use super::masked_mean;

/// Shortest length that a vector is divided by.
const MIN_NORM: f32 = 1e-8;

/// What the two parts of [`prediction_loss`] count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PredictionWeights {
    /// Of the cosine's distance from 1.
    pub cosine: f64,
    /// Of the mean squared difference.
    pub squared: f64,
}

impl Default for PredictionWeights {
    /// 1 and 0.1.
    fn default() -> Self {
        Self {
            cosine: 1.0,
            squared: 0.1,
        }
    }
}

/// `α·(1 − cos(ŝ, s′)) + β·‖ŝ − s′‖² / d`, the mean over predictions.
///
/// # Shapes
///
/// - `predicted`, `target`: `[batch, n, d]`
/// - `mask`: `[batch, n]`, true for predictions that count
/// - output: `[1]`, 0 where none counts
///
/// # Source
///
/// `prediction_loss` of geno-lewm 0.2.1: vectors are divided by their length, or by `1e-8`.
pub fn prediction_loss(
    predicted: Tensor<3>,
    target: Tensor<3>,
    mask: Tensor<2, Bool>,
    weights: PredictionWeights,
) -> Tensor<1> {
    let d = predicted.dims()[2];
    let unit = |x: Tensor<3>| {
        let norm = x.clone().square().sum_dim(2).sqrt();
        x / norm.clamp_min(MIN_NORM)
    };
    let cosine = (unit(predicted.clone()) * unit(target.clone())).sum_dim(2);
    let squared = (predicted - target)
        .square()
        .sum_dim(2)
        .div_scalar(d as f64);
    let loss =
        (cosine.neg() + 1.0).mul_scalar(weights.cosine) + squared.mul_scalar(weights.squared);
    masked_mean(loss.squeeze_dim(2), mask)
}
