//! Loading, drawing and saving predictors.

use burn::tensor::Device;

use super::{CrossBlock, Predictor};
use crate::{
    config::PredictorConfig,
    cross_block::{ActionsToState, StateToActions},
    error::ConfigError,
    layer::{LayerNorm, Linear, LinearInit},
    network::Network,
    self_block::SelfBlock,
    source::{Init, Sink, Source},
};

/// Deviation that embeddings are drawn with.
const EMBEDDING_DEVIATION: f64 = 0.02;

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
        let linear = |source: &mut S, name, from| {
            Linear::new(source, name, [from, d], LinearInit::truncated(from), device)
        };
        let embedding = |source: &mut S, name, rows| {
            source.parameter(name, [rows, d], Init::Normal(EMBEDDING_DEVIATION), device)
        };
        let cross_block = |source: &mut S, i| -> Result<CrossBlock, S::Error> {
            let name = cross_name(i);
            Ok(if i % 2 == 0 {
                CrossBlock::Even(StateToActions::new(source, &name, config, device)?)
            } else {
                CrossBlock::Odd(ActionsToState::new(source, &name, config, device)?)
            })
        };

        Ok(Self {
            state_projection: (d_state != d)
                .then(|| linear(source, STATE, d_state))
                .transpose()?,
            action_projection: linear(source, ACTION, config.d_action)?,
            token_type: embedding(source, TOKEN_TYPE, 2)?,
            step_position: embedding(source, STEP_POSITION, config.max_actions + 1)?,
            cross_blocks: (0..config.n_cross_layers)
                .map(|i| cross_block(source, i))
                .collect::<Result<_, _>>()?,
            self_blocks: (0..config.n_self_layers)
                .map(|i| SelfBlock::new(source, &self_name(i), config, device))
                .collect::<Result<_, _>>()?,
            output_inner: linear(source, OUTPUT_INNER, d)?,
            output_norm: LayerNorm::new(source, OUTPUT_NORM, d, device)?,
            output_outer: Linear::new(
                source,
                OUTPUT_OUTER,
                [d, d_state],
                LinearInit::ZERO,
                device,
            )?,
            config: config.clone(),
        })
    }

    fn save(&self, sink: &mut Sink) {
        if let Some(projection) = &self.state_projection {
            projection.save(STATE, sink);
        }
        self.action_projection.save(ACTION, sink);
        sink.tensor(TOKEN_TYPE.to_owned(), self.token_type.val());
        sink.tensor(STEP_POSITION.to_owned(), self.step_position.val());
        for (i, block) in self.cross_blocks.iter().enumerate() {
            match block {
                CrossBlock::Even(block) => block.save(&cross_name(i), sink),
                CrossBlock::Odd(block) => block.save(&cross_name(i), sink),
            }
        }
        for (i, block) in self.self_blocks.iter().enumerate() {
            block.save(&self_name(i), sink);
        }
        self.output_inner.save(OUTPUT_INNER, sink);
        self.output_norm.save(OUTPUT_NORM, sink);
        self.output_outer.save(OUTPUT_OUTER, sink);
    }
}

pub(crate) const STATE: &str = "state_projection";
pub(crate) const ACTION: &str = "action_projection";
pub(crate) const TOKEN_TYPE: &str = "token_type_embedding.weight";
pub(crate) const STEP_POSITION: &str = "step_position_embedding.weight";
pub(crate) const OUTPUT_INNER: &str = "output_mlp.0";
pub(crate) const OUTPUT_NORM: &str = "output_mlp.2";
pub(crate) const OUTPUT_OUTER: &str = "output_mlp.3";

pub(crate) fn cross_name(i: usize) -> String {
    format!("cross_blocks.{i}")
}

pub(crate) fn self_name(i: usize) -> String {
    format!("self_blocks.{i}")
}
