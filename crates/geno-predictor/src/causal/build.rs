//! Loading, drawing and saving causal predictors.

use burn::tensor::Device;

use super::{CausalPredictor, block::CausalBlock};
use crate::{
    causal_config::{CausalConfig, StepPositions},
    error::ConfigError,
    layer::{LayerNorm, Linear, LinearInit},
    network::Network,
    source::{Init, Sink, Source},
};

/// Deviation that embeddings are drawn with.
const EMBEDDING_DEVIATION: f64 = 0.02;

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
        let linear = |source: &mut S, name, from| {
            Linear::new(source, name, [from, d], LinearInit::truncated(from), device)
        };
        let embedding = |source: &mut S, name, rows| {
            source.parameter(name, [rows, d], Init::Normal(EMBEDDING_DEVIATION), device)
        };
        let learned = config.positions == StepPositions::Learned;
        Ok(Self {
            state_projection: linear(source, STATE, d_state)?,
            action_projection: linear(source, ACTION, config.d_action)?,
            token_type: embedding(source, TOKEN_TYPE, 2)?,
            step_position: learned
                .then(|| embedding(source, STEP_POSITION, config.max_edits + 1))
                .transpose()?,
            blocks: (0..config.n_layers)
                .map(|i| CausalBlock::new(source, &block_name(i), config, device))
                .collect::<Result<_, _>>()?,
            final_norm: LayerNorm::new(source, FINAL_NORM, d, device)?,
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
        self.state_projection.save(STATE, sink);
        self.action_projection.save(ACTION, sink);
        sink.tensor(TOKEN_TYPE.to_owned(), self.token_type.val());
        if let Some(positions) = &self.step_position {
            sink.tensor(STEP_POSITION.to_owned(), positions.val());
        }
        for (i, block) in self.blocks.iter().enumerate() {
            block.save(&block_name(i), sink);
        }
        self.final_norm.save(FINAL_NORM, sink);
        self.output_inner.save(OUTPUT_INNER, sink);
        self.output_norm.save(OUTPUT_NORM, sink);
        self.output_outer.save(OUTPUT_OUTER, sink);
    }
}

const STATE: &str = "state_projection";
const ACTION: &str = "action_projection";
const TOKEN_TYPE: &str = "token_type_embedding.weight";
const STEP_POSITION: &str = "step_position_embedding.weight";
const FINAL_NORM: &str = "final_norm";
const OUTPUT_INNER: &str = "output.inner";
const OUTPUT_NORM: &str = "output.norm";
const OUTPUT_OUTER: &str = "output.outer";

fn block_name(i: usize) -> String {
    format!("blocks.{i}")
}
