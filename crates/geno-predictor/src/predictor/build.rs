//! Loading, drawing and saving predictors.

use burn::tensor::Device;

use super::{CrossBlock, Predictor};
use crate::{
    block::Block,
    config::PredictorConfig,
    cross_block::ActionsToState,
    error::ConfigError,
    network::Network,
    read_out::ReadOut,
    source::{Sink, Source},
    tokens::Tokens,
};

impl Network for Predictor {
    type Config = PredictorConfig;

    fn validate(config: &PredictorConfig) -> Result<(), ConfigError> {
        config.validate()
    }

    fn build<S: Source>(
        source: &mut S,
        config: &PredictorConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let (d, d_state) = (config.d_hidden, config.d_state);
        let cross_block = |source: &mut S, i| -> Result<CrossBlock, S::Error> {
            let name = cross_name(i);
            Ok(if i % 2 == 0 {
                CrossBlock::Even(Block::new(source, &name, config, device)?)
            } else {
                CrossBlock::Odd(ActionsToState::new(source, &name, config, device)?)
            })
        };

        let projected = (d_state != d).then_some(d_state);
        let n_steps = Some(config.max_actions + 1);
        Ok(Self {
            tokens: Tokens::new(source, projected, [config.d_action, d], n_steps, device)?,
            cross_blocks: (0..config.n_cross_layers)
                .map(|i| cross_block(source, i))
                .collect::<Result<_, _>>()?,
            self_blocks: (0..config.n_self_layers)
                .map(|i| Block::new(source, &self_name(i), config, device))
                .collect::<Result<_, _>>()?,
            read_out: ReadOut::new(source, READ_OUT, [d, d_state], device)?,
            config: config.clone(),
        })
    }

    fn save(&self, sink: &mut Sink<'_>) {
        self.tokens.save(sink);
        for (i, block) in self.cross_blocks.iter().enumerate() {
            match block {
                CrossBlock::Even(block) => block.save(&cross_name(i), sink),
                CrossBlock::Odd(block) => block.save(&cross_name(i), sink),
            }
        }
        for (i, block) in self.self_blocks.iter().enumerate() {
            block.save(&self_name(i), sink);
        }
        self.read_out.save(READ_OUT, sink);
    }
}

pub(crate) const READ_OUT: [&str; 3] = ["output_mlp.0", "output_mlp.2", "output_mlp.3"];

pub(crate) fn cross_name(i: usize) -> String {
    format!("cross_blocks.{i}")
}

pub(crate) fn self_name(i: usize) -> String {
    format!("self_blocks.{i}")
}
