//! Blocks in which the actions look at the state.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    config::PredictorConfig,
    layer::{Attention, LayerNorm},
    mask::{self, Mask},
    residual::{PreNormFeedForward, new_attention},
    source::{Sink, Source},
};

/// Each action looks at the state, itself and the actions before it:
/// `a += attention(LN(a), LN([s ‖ a]))`, `a += ffn(LN(a))`.
#[derive(Module, Debug)]
pub(crate) struct ActionsToState {
    query_norm: LayerNorm,
    memory_norm: LayerNorm,
    attn: Attention,
    ffn: PreNormFeedForward,
}

impl ActionsToState {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        name: &str,
        config: &PredictorConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let d = config.d_hidden;
        let mut norm = |which| LayerNorm::new(source, &format!("{name}.{which}"), d, device);
        let (query_norm, memory_norm) = (norm("query_norm")?, norm("memory_norm")?);
        Ok(Self {
            query_norm,
            memory_norm,
            attn: new_attention(source, name, config, device)?,
            ffn: PreNormFeedForward::new(source, name, config, device)?,
        })
    }

    /// The actions' next values, from `[batch, 1, d]` and `[batch, n_actions, d]`.
    ///
    /// Padding changes too, where the reference keeps it: nothing ever looks at it.
    pub(crate) fn forward(
        &self,
        state: Tensor<3>,
        actions: Tensor<3>,
        mask: Option<&Mask>,
    ) -> Tensor<3> {
        let [_, n_actions, _] = actions.dims();
        let query = self.query_norm.forward(actions.clone());
        let memory = self
            .memory_norm
            .forward(Tensor::cat(vec![state, actions.clone()], 1));

        let padding = mask.map(|mask| mask.over_tokens.clone());
        let future = (n_actions > 1).then(|| mask::causal(n_actions, 1, &actions.device()));
        let bias = match (padding, future) {
            (Some(padding), Some(future)) => Some(padding + future),
            (padding, future) => padding.or(future),
        };
        self.ffn
            .forward(actions + self.attn.cross(query, memory, bias))
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        self.query_norm.save(&format!("{name}.query_norm"), sink);
        self.memory_norm.save(&format!("{name}.memory_norm"), sink);
        self.attn.save(&format!("{name}.attn"), sink);
        self.ffn.save(name, sink);
    }
}
