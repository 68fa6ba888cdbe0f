//! Blocks in which state and actions look at one another.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    config::PredictorConfig,
    layer::{Attention, LayerNorm},
    mask::Mask,
    residual::{PreNormFeedForward, new_attention},
    source::{Sink, Source},
};

/// `x += attention(LN(x))`, `x += ffn(LN(x))`, where every token sees every other: the first
/// action's prediction depends on the last action.
#[derive(Module, Debug)]
pub(crate) struct SelfBlock {
    attn_norm: LayerNorm,
    attn: Attention,
    ffn: PreNormFeedForward,
}

impl SelfBlock {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        name: &str,
        config: &PredictorConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let d = config.d_hidden;
        let attn_norm = LayerNorm::new(source, &format!("{name}.attn_norm"), d, device)?;
        Ok(Self {
            attn_norm,
            attn: new_attention(source, name, config, device)?,
            ffn: PreNormFeedForward::new(source, name, config, device)?,
        })
    }

    /// The tokens' next values: `[batch, 1 + n_actions, d]`.
    pub(crate) fn forward(&self, tokens: Tensor<3>, mask: Option<&Mask>) -> Tensor<3> {
        let normed = self.attn_norm.forward(tokens.clone());
        let seen = self
            .attn
            .within(normed, mask.map(|mask| mask.over_tokens.clone()));
        self.ffn.forward(tokens + seen)
    }

    /// The actions' next values only, as nothing reads the state's after the last block.
    pub(crate) fn forward_actions(&self, tokens: Tensor<3>, mask: Option<&Mask>) -> Tensor<3> {
        let n_actions = tokens.dims()[1] - 1;
        let normed = self.attn_norm.forward(tokens.clone());
        let query = normed.clone().narrow(1, 1, n_actions);
        let bias = mask.map(|mask| mask.over_tokens.clone());
        let seen = self.attn.cross(query, normed, bias);
        self.ffn.forward(tokens.narrow(1, 1, n_actions) + seen)
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink) {
        self.attn_norm.save(&format!("{name}.attn_norm"), sink);
        self.attn.save(&format!("{name}.attn"), sink);
        self.ffn.save(name, sink);
    }
}
