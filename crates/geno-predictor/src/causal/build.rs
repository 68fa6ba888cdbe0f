//! Loading, drawing and saving causal predictors.

use burn::tensor::Device;

use super::{CausalPredictor, block::CausalBlock};
use crate::{
    causal_config::CausalConfig,
    error::ConfigError,
    layer::LayerNorm,
    network::Network,
    read_out::ReadOut,
    source::{Sink, Source},
    tokens::Tokens,
};

impl Network for CausalPredictor {
    type Config = CausalConfig;

    fn validate(config: &CausalConfig) -> Result<(), ConfigError> {
        config.validate()
    }

    fn build<S: Source>(
        source: &mut S,
        config: &CausalConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let (d, d_state) = (config.d_hidden, config.d_state);
        let n_steps = config.limit().map(|n| n + 1);
        Ok(Self {
            tokens: Tokens::new(source, Some(d_state), [config.d_action, d], n_steps, device)?,
            blocks: (0..config.n_layers)
                .map(|i| CausalBlock::new(source, &block_name(i), config, device))
                .collect::<Result<_, _>>()?,
            final_norm: LayerNorm::new(source, FINAL_NORM, d, device)?,
            read_out: ReadOut::new(source, READ_OUT, [d, d_state], device)?,
            config: config.clone(),
        })
    }

    fn save(&self, sink: &mut Sink<'_>) {
        self.tokens.save(sink);
        for (i, block) in self.blocks.iter().enumerate() {
            block.save(&block_name(i), sink);
        }
        self.final_norm.save(FINAL_NORM, sink);
        self.read_out.save(READ_OUT, sink);
    }
}

pub(crate) const FINAL_NORM: &str = "final_norm";
pub(crate) const READ_OUT: [&str; 3] = ["output.inner", "output.norm", "output.outer"];

pub(crate) fn block_name(i: usize) -> String {
    format!("blocks.{i}")
}
