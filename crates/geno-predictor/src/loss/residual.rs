//! The part of an edit's change that a prediction misses.

use burn::tensor::{Bool, Tensor};

use super::masked_mean;

/// Smallest squared change that an error is divided by.
const MIN_CHANGE: f32 = 1e-6;

/// `‖ŝ − s′‖² / max(‖s − s′‖², 10⁻⁶)`, the mean over predictions.
///
/// Edits move a state by very different amounts; here each counts by the part of its own change that
/// is missed, so that small ones count as much as large ones. 1 is copying the source, and
/// `1 −` the loss a skill that is averaged over edits.
///
/// # Shapes
///
/// - `predicted`, `target`: `[batch, n, d]`
/// - `source`: `[batch, d]`, the states before any edit
/// - `mask`: `[batch, n]`, true for predictions that count
/// - output: `[1]`, 0 where none counts
pub fn residual_loss(
    predicted: Tensor<3>,
    target: Tensor<3>,
    source: Tensor<2>,
    mask: Tensor<2, Bool>,
) -> Tensor<1> {
    let change = (target.clone() - source.unsqueeze_dim(1))
        .square()
        .sum_dim(2);
    let missed = (predicted - target).square().sum_dim(2);
    let loss = missed / change.clamp_min(MIN_CHANGE);
    masked_mean(loss.squeeze_dim(2), mask)
}
