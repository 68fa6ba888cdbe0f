//! Blocks in which tokens and what they look at have one norm.

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

/// `x += attention(LN(x), LN(y))`, `x += ffn(LN(x))`: of the state that looks at the actions, or of all
/// tokens, where the first action's prediction depends on the last action.
#[derive(Module, Debug)]
pub(crate) struct Block {
    attn_norm: LayerNorm,
    attn: Attention,
    ffn: PreNormFeedForward,
}

impl Block {
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

    /// The next value of the state `[batch, 1, d]` that looks at actions `[batch, n_actions, d]`.
    pub(crate) fn forward_state(
        &self,
        state: Tensor<3>,
        actions: Tensor<3>,
        mask: Option<&Mask>,
    ) -> Tensor<3> {
        let [_, n_actions, _] = actions.dims();
        let memory = self.attn_norm.forward(actions);
        let seen = if n_actions == 1 {
            self.attn.at_only(memory)
        } else {
            let query = self.attn_norm.forward(state.clone());
            self.attn
                .cross(query, memory, mask.map(|mask| mask.over_actions.clone()))
        };
        self.ffn.forward(state + seen)
    }

    /// The next values of tokens `[batch, 1 + n_actions, d]` that look at each other.
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

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        self.attn_norm.save(&format!("{name}.attn_norm"), sink);
        self.attn.save(&format!("{name}.attn"), sink);
        self.ffn.save(name, sink);
    }
}
