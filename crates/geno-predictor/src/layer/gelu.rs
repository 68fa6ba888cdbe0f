//! The Gaussian error linear unit.

use burn::tensor::{Tensor, activation};

#[cfg(feature = "cpu")]
use super::fused;

/// `x·Φ(x)`, value by value.
pub(crate) fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "cpu")]
    if let Some(out) = fused::gelu(&x) {
        return out;
    }
    composed(x)
}

/// [`gelu`] in the operations of any device.
pub(super) fn composed<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    activation::gelu(x)
}
