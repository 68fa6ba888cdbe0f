//! Loading, drawing and saving action encoders over bases.

use burn::tensor::Device;
use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightFile};

use super::BaseActionEncoder;
use crate::{
    base_config::BaseActionConfig,
    base_features::BaseFeatures,
    error::{ConfigError, LoadError},
    layer::{LayerNorm, Linear, LinearInit},
    source::{Init, Sink, Source},
};

impl BaseActionEncoder {
    /// Loads the action encoder that a configuration describes.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the configuration describes none, or names a tensor that is missing, has
    /// another shape, or is left over.
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &BaseActionConfig,
        device: &Device,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        let encoder = Self::build(file, config, device)?;
        file.finish()?;
        Ok(encoder)
    }

    /// Draws an untrained action encoder: weights and biases uniform within `±1/√fan_in`, norms of
    /// one, padding zero. The numbers depend on the stream and the configuration alone.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration describes no action encoder.
    pub fn init(
        config: &BaseActionConfig,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let Ok(encoder) = Self::build(stream, config, device);
        Ok(encoder)
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

    /// The tensors, as f32, under the names that [`BaseActionEncoder::load`] reads.
    pub fn to_weights(&self) -> Vec<NewTensor> {
        let mut sink = Sink::default();
        sink.tensor(PADDING.to_owned(), self.padding.val());
        for (linear, name) in self.inner.iter().zip(INNER) {
            linear.save(name, &mut sink);
        }
        for (norm, name) in self.norms.iter().zip(NORMS) {
            norm.save(name, &mut sink);
        }
        self.outer.save(OUTER, &mut sink);
        sink.into_tensors()
    }
}

pub(crate) const PADDING: &str = "padding_embedding";
pub(crate) const INNER: [&str; 2] = ["layers.0", "layers.1"];
pub(crate) const NORMS: [&str; 2] = ["norms.0", "norms.1"];
pub(crate) const OUTER: &str = "output";
