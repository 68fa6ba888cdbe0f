//! What both predictors end with.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    layer::{LayerNorm, Linear, LinearInit, gelu},
    source::{Sink, Source},
};

/// Shortest length that a prediction is divided by.
pub(crate) const MIN_NORM: f32 = 1e-12;

/// `Δ = W·LN(GELU(V·x))`, `ŝ = (s + Δ) / ‖s + Δ‖`, where `W` is drawn as zeros.
#[derive(Module, Debug)]
pub(crate) struct ReadOut {
    inner: Linear,
    norm: LayerNorm,
    outer: Linear,
}

impl ReadOut {
    /// Layers under three names, from rows of width `d` to states.
    pub(crate) fn new<S: Source>(
        source: &mut S,
        [inner, norm, outer]: [&str; 3],
        [d, d_state]: [usize; 2],
        device: &Device,
    ) -> Result<Self, S::Error> {
        Ok(Self {
            inner: Linear::new(source, inner, [d, d], LinearInit::truncated(d), device)?,
            norm: LayerNorm::new(source, norm, d, device)?,
            outer: Linear::new(source, outer, [d, d_state], LinearInit::ZERO, device)?,
        })
    }

    /// Predictions `[batch, n, d_state]` from states `[batch, d_state]` and rows `[batch, n, d]`.
    pub(crate) fn forward(&self, states: Tensor<2>, rows: Tensor<3>) -> Tensor<3> {
        let hidden = self.norm.forward(gelu(self.inner.forward(rows)));
        let moved = self.outer.forward(hidden) + states.unsqueeze_dim(1);
        let length = moved.clone().square().sum_dim(2).sqrt();
        moved / length.clamp_min(MIN_NORM)
    }

    pub(crate) fn save(&self, [inner, norm, outer]: [&str; 3], sink: &mut Sink<'_>) {
        self.inner.save(inner, sink);
        self.norm.save(norm, sink);
        self.outer.save(outer, sink);
    }
}
