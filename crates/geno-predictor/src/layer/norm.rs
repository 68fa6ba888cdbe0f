//! Layer normalisation.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, module},
};

#[cfg(feature = "cpu")]
use super::fused;
use crate::source::{Init, Sink, Source};

/// Added to a variance before its root is taken.
pub(crate) const EPSILON: f64 = 1e-5;

/// `y = (x − mean) / √(variance + 10⁻⁵) · weight + bias`, along the last axis.
#[derive(Module, Debug)]
pub(crate) struct LayerNorm {
    /// `[d]`, drawn as ones.
    weight: Param<Tensor<1>>,
    /// `[d]`, drawn as zeros.
    bias: Param<Tensor<1>>,
}

impl LayerNorm {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        name: &str,
        d: usize,
        device: &Device,
    ) -> Result<Self, S::Error> {
        Ok(Self {
            weight: source.parameter(&format!("{name}.weight"), [d], Init::Ones, device)?,
            bias: source.parameter(&format!("{name}.bias"), [d], Init::Zeros, device)?,
        })
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        layer_norm(x, self.weight.val(), self.bias.val())
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        sink.parameter(format!("{name}.weight"), &self.weight);
        sink.parameter(format!("{name}.bias"), &self.bias);
    }
}

/// `(x − mean) / √(variance + 10⁻⁵) · weight + bias`, along the last axis.
pub(super) fn layer_norm<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
) -> Tensor<D> {
    #[cfg(feature = "cpu")]
    if let Some(out) = fused::layer_norm(&x, &weight, &bias) {
        return out;
    }
    composed(x, weight, bias)
}

/// [`layer_norm`] in the operations of any device.
pub(super) fn composed<const D: usize>(
    x: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
) -> Tensor<D> {
    module::layer_norm(x, weight, Some(bias), EPSILON)
}
