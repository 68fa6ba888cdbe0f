//! The gate of a gated layer.

use burn::tensor::{Tensor, activation::silu};

#[cfg(feature = "cpu")]
use super::fused;

/// `silu(gate) · up`, value by value.
pub(super) fn gate(gate: Tensor<2>, up: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "cpu")]
    if let Some(gated) = fused::gate(&gate, &up) {
        return gated;
    }
    composed(gate, up)
}

/// [`gate`] in the operations of any device.
pub(super) fn composed(gate: Tensor<2>, up: Tensor<2>) -> Tensor<2> {
    silu(gate) * up
}
