//! Layer normalisation.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, module::layer_norm},
};

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
        layer_norm(x, self.weight.val(), Some(self.bias.val()), EPSILON)
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        sink.parameter(format!("{name}.weight"), &self.weight);
        sink.parameter(format!("{name}.bias"), &self.bias);
    }
}
