//! Loading, drawing and saving causal predictors.

use burn::tensor::Device;
use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightFile};

use super::{CausalPredictor, block::CausalBlock};
use crate::{
    causal_config::{CausalConfig, StepPositions},
    error::{ConfigError, LoadError},
    layer::{LayerNorm, Linear, LinearInit},
    source::{Init, Sink, Source},
};

/// Deviation that embeddings are drawn with.
const EMBEDDING_DEVIATION: f64 = 0.02;

impl CausalPredictor {
    /// Loads the predictor that a configuration describes.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the configuration describes none, or names a tensor that is missing, has
    /// another shape, or is left over.
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &CausalConfig,
        device: &Device,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        let predictor = Self::build(file, config, device)?;
        file.finish()?;
        Ok(predictor)
    }

    /// Draws an untrained predictor, which predicts that nothing changes.
    ///
    /// Weights are normal with deviation `√(2 / fan_in)`, cut at two deviations, embeddings normal
    /// with deviation 0.02, the last layer and all biases zero. The numbers depend on the stream
    /// and the configuration alone.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the configuration describes no predictor.
    pub fn init(
        config: &CausalConfig,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        let Ok(predictor) = Self::build(stream, config, device);
        Ok(predictor)
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

    /// The tensors, as f32, under the names that [`CausalPredictor::load`] reads.
    pub fn to_weights(&self) -> Vec<NewTensor> {
        let mut sink = Sink::default();
        self.state_projection.save(STATE, &mut sink);
        self.action_projection.save(ACTION, &mut sink);
        sink.tensor(TOKEN_TYPE.to_owned(), self.token_type.val());
        if let Some(positions) = &self.step_position {
            sink.tensor(STEP_POSITION.to_owned(), positions.val());
        }
        for (i, block) in self.blocks.iter().enumerate() {
            block.save(&block_name(i), &mut sink);
        }
        self.final_norm.save(FINAL_NORM, &mut sink);
        self.output_inner.save(OUTPUT_INNER, &mut sink);
        self.output_norm.save(OUTPUT_NORM, &mut sink);
        self.output_outer.save(OUTPUT_OUTER, &mut sink);
        sink.into_tensors()
    }
}

pub(crate) const STATE: &str = "state_projection";
pub(crate) const ACTION: &str = "action_projection";
pub(crate) const TOKEN_TYPE: &str = "token_type_embedding.weight";
pub(crate) const STEP_POSITION: &str = "step_position_embedding.weight";
pub(crate) const FINAL_NORM: &str = "final_norm";
pub(crate) const OUTPUT_INNER: &str = "output.inner";
pub(crate) const OUTPUT_NORM: &str = "output.norm";
pub(crate) const OUTPUT_OUTER: &str = "output.outer";

pub(crate) fn block_name(i: usize) -> String {
    format!("blocks.{i}")
}
