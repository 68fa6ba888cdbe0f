//! What every block of the predictor has.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    config::PredictorConfig,
    layer::{Attention, FeedForward, LayerNorm, LinearInit},
    source::{Sink, Source},
};

/// `x += ffn(LN(x))`, the second half of every block.
#[derive(Module, Debug)]
pub(crate) struct PreNormFeedForward {
    norm: LayerNorm,
    ffn: FeedForward,
}

impl PreNormFeedForward {
    pub(crate) fn new<S: Source>(
        source: &mut S,
        name: &str,
        config: &PredictorConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let [norm, inner, outer] = Self::names(name);
        let widths = [config.d_hidden, config.ffn_dim];
        Ok(Self {
            norm: LayerNorm::new(source, &norm, config.d_hidden, device)?,
            ffn: FeedForward::new(
                source,
                [&inner, &outer],
                widths,
                LinearInit::truncated,
                device,
            )?,
        })
    }

    pub(crate) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        x.clone() + self.ffn.forward(self.norm.forward(x))
    }

    pub(crate) fn save(&self, name: &str, sink: &mut Sink<'_>) {
        let [norm, inner, outer] = Self::names(name);
        self.norm.save(&norm, sink);
        self.ffn.save([&inner, &outer], sink);
    }

    pub(crate) fn names(name: &str) -> [String; 3] {
        ["ffn_norm", "ffn.net.0", "ffn.net.2"].map(|part| format!("{name}.{part}"))
    }
}

/// The attention of a block, under `{name}.attn`.
pub(crate) fn new_attention<S: Source>(
    source: &mut S,
    name: &str,
    config: &PredictorConfig,
    device: &Device,
) -> Result<Attention, S::Error> {
    let d = config.d_hidden;
    let init = Attention::truncated(d);
    Attention::new(
        source,
        &format!("{name}.attn"),
        d,
        config.n_heads,
        init,
        device,
    )
}
