//! One block: attention and a gated layer, both on a residual stream.

use burn::{
    module::{Module, Param},
    tensor::Tensor,
};
use geno_encoder::CarbonConfig;

use super::{attention::attention, gate::gate, norm::rms_norm, rotation::Rotation};

/// `x ← x + O · attention(norm(x))`, then `x ← x + down(silu(gate(norm(x))) · up(norm(x)))`.
///
/// Layers are `[n_out, n_in]`.
#[derive(Module, Debug)]
pub(super) struct Block {
    pub(super) query: Param<Tensor<2>>,
    pub(super) key: Param<Tensor<2>>,
    pub(super) value: Param<Tensor<2>>,
    pub(super) output: Param<Tensor<2>>,
    pub(super) gate: Param<Tensor<2>>,
    pub(super) up: Param<Tensor<2>>,
    pub(super) down: Param<Tensor<2>>,
    /// `[d]`.
    pub(super) attention_norm: Param<Tensor<1>>,
    /// `[d]`.
    pub(super) gated_norm: Param<Tensor<1>>,
}

impl Block {
    /// # Shapes
    ///
    /// - `x`, output: `[batch · len, d]`, where `len` is that of the rotation
    pub(super) fn forward(
        &self,
        x: Tensor<2>,
        config: &CarbonConfig,
        rotation: &Rotation,
    ) -> Tensor<2> {
        let epsilon = config.rms_norm_eps;
        let normed = rms_norm(x.clone(), self.attention_norm.val(), epsilon);
        let heads =
            [&self.query, &self.key, &self.value].map(|layer| project(normed.clone(), layer));
        let x = x + project(attention(heads, config, rotation), &self.output);

        let normed = rms_norm(x.clone(), self.gated_norm.val(), epsilon);
        let opened = project(normed.clone(), &self.gate);
        let raised = project(normed, &self.up);
        x + project(gate(opened, raised), &self.down)
    }
}

/// `x · Wᵀ`.
fn project(x: Tensor<2>, layer: &Param<Tensor<2>>) -> Tensor<2> {
    x.matmul(layer.val().transpose())
}
