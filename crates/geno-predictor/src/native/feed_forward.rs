//! Two affine maps around a gate.

use geno_kernels::{Affine, Kernel, LayerNorm, gelu};
use geno_weights::WeightError;

use super::{layers::Layers, workspace::sized};

/// `W₂ · GELU(W₁ · x)`.
#[derive(Debug)]
pub(super) struct FeedForward {
    inner: Affine,
    outer: Affine,
}

impl FeedForward {
    /// Layers under two names, of width `d` outside and `d_inner` inside.
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        [inner, outer]: [&str; 2],
        [d, d_inner]: [usize; 2],
    ) -> Result<Self, WeightError> {
        Ok(Self {
            inner: layers.affine(inner, [d, d_inner])?,
            outer: layers.affine(outer, [d_inner, d])?,
        })
    }

    /// `out += ffn(x)`.
    pub(super) fn add(&self, kernel: Kernel, x: &[f32], inner: &mut Vec<f32>, out: &mut [f32]) {
        let (d, d_inner) = (self.inner.weight().inner(), self.inner.weight().columns());
        let inner = sized(inner, x.len() / d * d_inner);
        self.inner.forward(kernel, x, inner);
        gelu(kernel, inner, d_inner);
        self.outer.add(kernel, inner, out);
    }
}

/// `x += ffn(LN(x))`.
#[derive(Debug)]
pub(super) struct NormedFeedForward {
    norm: LayerNorm,
    ffn: FeedForward,
}

impl NormedFeedForward {
    /// Layers under three names, of width `d` outside and `d_inner` inside.
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        [norm, inner, outer]: [String; 3],
        [d, d_inner]: [usize; 2],
    ) -> Result<Self, WeightError> {
        Ok(Self {
            norm: layers.norm(&norm, d)?,
            ffn: FeedForward::load(layers, [&inner, &outer], [d, d_inner])?,
        })
    }

    pub(super) fn add(
        &self,
        kernel: Kernel,
        x: &mut [f32],
        normed: &mut Vec<f32>,
        inner: &mut Vec<f32>,
    ) {
        let normed = sized(normed, x.len());
        self.norm.forward(kernel, x, normed);
        self.ffn.add(kernel, normed, inner, x);
    }
}
