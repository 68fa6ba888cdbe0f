//! Loading, drawing and saving action encoders.

use burn::tensor::Device;
use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightFile};

use super::ActionEncoder;
use crate::{
    action_config::{ActionEncoderConfig, N_EDIT_TYPES},
    error::{ConfigError, LoadError},
    layer::{LayerNorm, Linear, LinearInit},
    sequence_encoder::SequenceEncoder,
    sinusoid::Sinusoid,
    source::{Init, Sink, Source},
};

impl ActionEncoder {
    /// Loads the action encoder that a configuration describes.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the configuration describes none, or names a tensor that is missing, has
    /// another shape, or is left over.
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &ActionEncoderConfig,
        device: &Device,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        let encoder = Self::build(file, config, device)?;
        file.finish()?;
        Ok(encoder)
    }

    /// Draws an untrained action encoder.
    ///
    /// The rules are PyTorch's: embeddings standard normal (the empty 6-mer zero), weights and
    /// biases uniform within `±1/√fan_in`, attention's input weights within `±√(6/4d)` and its
    /// biases zero, padding zero. Unlike the reference, the layers start out different.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration describes no action encoder.
    pub fn init(
        config: &ActionEncoderConfig,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let Ok(encoder) = Self::build(stream, config, device);
        Ok(encoder)
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

    /// The tensors, as f32, under the names that [`ActionEncoder::load`] and the reference read.
    pub fn to_weights(&self) -> Vec<NewTensor> {
        let mut sink = Sink::default();
        sink.tensor(PADDING.to_owned(), self.padding.val());
        sink.tensor(TYPE.to_owned(), self.type_embedding.val());
        self.sequence_encoder.save(&mut sink);
        self.inner.save(INNER, &mut sink);
        self.norm.save(NORM, &mut sink);
        self.outer.save(OUTER, &mut sink);
        sink.into_tensors()
    }
}

pub(crate) const PADDING: &str = "padding_embedding";
pub(crate) const TYPE: &str = "type_embedding.weight";
pub(crate) const INNER: &str = "projection.0";
pub(crate) const NORM: &str = "projection.2";
pub(crate) const OUTER: &str = "projection.3";
