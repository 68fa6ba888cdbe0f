//! Division of each row by its root mean square.

use burn::tensor::Tensor;

#[cfg(feature = "cpu")]
use super::fused;

/// `x / √(mean(x²) + ε) · w` over each row.
///
/// # Shapes
///
/// - `x`, output: `[rows, d]`
/// - `weight`: `[d]`
pub(super) fn rms_norm(x: Tensor<2>, weight: Tensor<1>, epsilon: f64) -> Tensor<2> {
    #[cfg(feature = "cpu")]
    if let Some(normed) = fused::rms_norm(&x, &weight, epsilon) {
        return normed;
    }
    composed(x, weight, epsilon)
}

/// [`rms_norm`] in the operations of any device.
pub(super) fn composed(x: Tensor<2>, weight: Tensor<1>, epsilon: f64) -> Tensor<2> {
    let mean_square = x.clone().square().mean_dim(1);
    x * mean_square.add_scalar(epsilon).sqrt().recip() * weight.unsqueeze()
}
