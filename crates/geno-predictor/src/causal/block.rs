//! One block of the causal predictor.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    attention::{CausalAttention, KeyValues},
    rotation::Rotation,
};
use crate::{
    causal_config::CausalConfig,
    layer::{FeedForward, LayerNorm, LinearInit},
    source::{Sink, Source},
};

/// `x += attention(LN(x))`, `x += ffn(LN(x))`.
#[derive(Module, Debug)]
pub(crate) struct CausalBlock {
    attn_norm: LayerNorm,
    attn: CausalAttention,
    ffn_norm: LayerNorm,
    ffn: FeedForward,
}

impl CausalBlock {
    pub(super) fn new<S: Source>(
        source: &mut S,
        name: &str,
        config: &CausalConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let d = config.d_hidden;
        let [attn_norm, attn, ffn_norm, inner, outer] = Self::names(name);
        let widths = [d, config.ffn_dim];
        let init = LinearInit::truncated;
        Ok(Self {
            attn_norm: LayerNorm::new(source, &attn_norm, d, device)?,
            attn: CausalAttention::new(source, &attn, d, config.n_heads, device)?,
            ffn_norm: LayerNorm::new(source, &ffn_norm, d, device)?,
            ffn: FeedForward::new(source, [&inner, &outer], widths, init, device)?,
        })
    }

    pub(super) fn forward(
        &self,
        x: Tensor<3>,
        past: &mut Option<KeyValues>,
        rotation: Option<&Rotation>,
    ) -> Tensor<3> {
        let x = x.clone() + self.attn.forward(self.attn_norm.forward(x), past, rotation);
        x.clone() + self.ffn.forward(self.ffn_norm.forward(x))
    }

    pub(super) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        let [attn_norm, attn, ffn_norm, inner, outer] = Self::names(name);
        self.attn_norm.save(&attn_norm, sink);
        self.attn.save(&attn, sink);
        self.ffn_norm.save(&ffn_norm, sink);
        self.ffn.save([&inner, &outer], sink);
    }

    pub(crate) fn names(name: &str) -> [String; 5] {
        ["attn_norm", "attn", "ffn_norm", "ffn.inner", "ffn.outer"]
            .map(|part| format!("{name}.{part}"))
    }
}
