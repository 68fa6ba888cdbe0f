//! Loading, drawing and saving action encoders over bases.

use burn::tensor::Device;

use super::BaseActionEncoder;
use crate::{
    base_config::BaseActionConfig,
    base_features::BaseFeatures,
    error::ConfigError,
    layer::{LayerNorm, Linear, LinearInit},
    network::Network,
    source::{Init, Sink, Source},
};

impl Network for BaseActionEncoder {
    type Config = BaseActionConfig;

    fn validate(config: &BaseActionConfig) -> Result<(), ConfigError> {
        config.validate()
    }

    fn build<S: Source>(
        source: &mut S,
        config: &BaseActionConfig,
        device: &Device,
    ) -> Result<Self, S::Error> {
        let (d, d_action) = (config.d_hidden, config.d_action);
        let linear = |source: &mut S, name, from, to| {
            Linear::new(source, name, [from, to], LinearInit::uniform(from), device)
        };
        Ok(Self {
            padding: source.parameter(PADDING, [d_action], Init::Zeros, device)?,
            inner: [
                linear(source, INNER[0], config.d_features(), d)?,
                linear(source, INNER[1], d, d)?,
            ],
            norms: [
                LayerNorm::new(source, NORMS[0], d, device)?,
                LayerNorm::new(source, NORMS[1], d, device)?,
            ],
            outer: linear(source, OUTER, d, d_action)?,
            features: BaseFeatures::new(config),
            config: config.clone(),
        })
    }

    fn save(&self, sink: &mut Sink<'_>) {
        sink.parameter(PADDING.to_owned(), &self.padding);
        for (linear, name) in self.inner.iter().zip(INNER) {
            linear.save(name, sink);
        }
        for (norm, name) in self.norms.iter().zip(NORMS) {
            norm.save(name, sink);
        }
        self.outer.save(OUTER, sink);
    }
}

pub(crate) const PADDING: &str = "padding_embedding";
pub(crate) const INNER: [&str; 2] = ["layers.0", "layers.1"];
pub(crate) const NORMS: [&str; 2] = ["norms.0", "norms.1"];
pub(crate) const OUTER: &str = "output";
