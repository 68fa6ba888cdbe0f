//! What training makes small.

mod cholesky;
mod gaussian;
mod prediction;
mod residual;
mod sliced;

use burn::tensor::{Bool, Tensor};

pub use self::{
    gaussian::gaussian_divergence,
    prediction::{PredictionWeights, prediction_loss},
    residual::residual_loss,
    sliced::{random_directions, sliced_gaussian},
};

/// The mean of `values` `[batch, n]` where `mask` is true, 0 where it nowhere is.
fn masked_mean(values: Tensor<2>, mask: Tensor<2, Bool>) -> Tensor<1> {
    let counted = mask.float();
    let n = counted.clone().sum().clamp_min(1.0);
    (values * counted).sum() / n
}
