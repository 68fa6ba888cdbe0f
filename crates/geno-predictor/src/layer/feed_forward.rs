//! Two affine maps around a gate.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{Linear, LinearInit, gelu};
use crate::source::{Sink, Source};

/// `y = W₂ · GELU(W₁ · x)`, with the exact GELU.
#[derive(Module, Debug)]
pub(crate) struct FeedForward {
    inner: Linear,
    outer: Linear,
}

impl FeedForward {
    /// Layers under two names, of width `d` outside and `d_inner` inside.
    pub(crate) fn new<S: Source>(
        source: &mut S,
        [inner, outer]: [&str; 2],
        [d, d_inner]: [usize; 2],
        init: fn(usize) -> LinearInit,
        device: &Device,
    ) -> Result<Self, S::Error> {
        Ok(Self {
            inner: Linear::new(source, inner, [d, d_inner], init(d), device)?,
            outer: Linear::new(source, outer, [d_inner, d], init(d_inner), device)?,
        })
    }

    pub(crate) fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        self.outer.forward(gelu(self.inner.forward(x)))
    }

    pub(crate) fn save(&self, [inner, outer]: [&str; 2], sink: &mut Sink<'_>) {
        self.inner.save(inner, sink);
        self.outer.save(outer, sink);
    }
}
