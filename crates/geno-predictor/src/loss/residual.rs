//! The part of an edit's change that a prediction misses.

use burn::tensor::{Bool, Tensor};

use super::masked_mean;

/// `‖ŝ − s′‖² / max(‖s − s′‖², c)`, the mean over predictions, where `c` is the smallest change.
///
/// Edits move a state by very different amounts; here each counts by the part of its own change that
/// is missed, so that small ones count as much as large ones. 1 is copying the source, and
/// `1 −` the loss a skill that is averaged over edits. An edit whose squared change is below `c` counts
/// less, since what moves a state by next to nothing is mostly noise.
///
/// # Shapes
///
/// - `predicted`, `target`: `[batch, n, d]`
/// - `source`: `[batch, d]`, the states before any edit
/// - `mask`: `[batch, n]`, true for predictions that count
/// - `smallest_change`: above 0, in squared state units
/// - output: `[1]`, 0 where none counts
pub fn residual_loss(
    predicted: Tensor<3>,
    target: Tensor<3>,
    source: Tensor<2>,
    mask: Tensor<2, Bool>,
    smallest_change: f64,
) -> Tensor<1> {
    let change = (target.clone() - source.unsqueeze_dim(1))
        .square()
        .sum_dim(2);
    let missed = (predicted - target).square().sum_dim(2);
    let loss = missed / change.clamp_min(smallest_change);
    masked_mean(loss.squeeze_dim(2), mask)
}
