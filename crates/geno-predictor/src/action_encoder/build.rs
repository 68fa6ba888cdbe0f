//! Loading, drawing and saving action encoders.

use burn::tensor::Device;

use super::ActionEncoder;
use crate::{
    action_config::{ActionEncoderConfig, N_EDIT_TYPES},
    error::ConfigError,
    layer::{LayerNorm, Linear, LinearInit},
    network::Network,
    sequence_encoder::SequenceEncoder,
    sinusoid::Sinusoid,
    source::{Init, Sink, Source},
};

impl Network for ActionEncoder {
    type Config = ActionEncoderConfig;

    fn validate(config: &ActionEncoderConfig) -> Result<(), ConfigError> {
        config.validate()
    }

    fn build<S: Source>(
        source: &mut S,
        config: &ActionEncoderConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let (d_action, d_hidden) = (config.d_action, config.d_hidden);
        let linear = |source: &mut S, name, from, to| {
            Linear::new(source, name, [from, to], LinearInit::uniform(from), device)
        };
        let types = [N_EDIT_TYPES, config.d_type];
        Ok(Self {
            padding: source.parameter(PADDING, [d_action], Init::Zeros, device)?,
            type_embedding: source.parameter(TYPE, types, Init::Normal(1.), device)?,
            sequence_encoder: SequenceEncoder::new(source, config, device)?,
            inner: linear(source, INNER, config.d_features(), d_hidden)?,
            norm: LayerNorm::new(source, NORM, d_hidden, device)?,
            outer: linear(source, OUTER, d_hidden, d_action)?,
            sinusoid: Sinusoid::new(config.d_pos, config.max_window_bp),
            config: config.clone(),
        })
    }

    fn save(&self, sink: &mut Sink<'_>) {
        sink.parameter(PADDING.to_owned(), &self.padding);
        sink.parameter(TYPE.to_owned(), &self.type_embedding);
        self.sequence_encoder.save(sink);
        self.inner.save(INNER, sink);
        self.norm.save(NORM, sink);
        self.outer.save(OUTER, sink);
    }
}

pub(crate) const PADDING: &str = "padding_embedding";
pub(crate) const TYPE: &str = "type_embedding.weight";
pub(crate) const INNER: &str = "projection.0";
pub(crate) const NORM: &str = "projection.2";
pub(crate) const OUTER: &str = "projection.3";
