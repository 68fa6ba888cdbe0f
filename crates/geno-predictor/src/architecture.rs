//! The kinds of networks that a model's configuration may name.

use burn::tensor::Device;
use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightFile};

use crate::{
    ActionEncoder, ActionEncoderConfig, BaseActionConfig, BaseActionEncoder, CausalConfig,
    CausalPredictor, ConfigError, EditEncoder, LoadError, Predictor, PredictorConfig,
    StatePredictor,
};

/// A kind of predictor, with its shape.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PredictorArchitecture {
    /// [`Predictor`].
    CrossAttentionV1(PredictorConfig),
    /// [`CausalPredictor`].
    CausalV2(CausalConfig),
}

impl PredictorArchitecture {
    /// Names of all kinds.
    pub const NAMES: [&str; 2] = ["causal_v2", "cross_attention_v1"];

    /// Width of a state.
    pub fn d_state(&self) -> usize {
        match self {
            Self::CrossAttentionV1(config) => config.d_state,
            Self::CausalV2(config) => config.d_state,
        }
    }

    /// Loads a predictor that computes with Burn, in `f32`.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub fn load(
        &self,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Box<dyn StatePredictor>, LoadError> {
        Ok(match self {
            Self::CrossAttentionV1(config) => Box::new(Predictor::load(file, config, device)?),
            Self::CausalV2(config) => Box::new(CausalPredictor::load(file, config, device)?),
        })
    }

    /// Draws the weights of an untrained predictor, which predicts that nothing changes.
    ///
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn draw(
        &self,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Vec<NewTensor>, ConfigError> {
        Ok(match self {
            Self::CrossAttentionV1(config) => Predictor::init(config, stream, device)?.to_weights(),
            Self::CausalV2(config) => CausalPredictor::init(config, stream, device)?.to_weights(),
        })
    }
}

/// A kind of action encoder, with its shape.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ActionArchitecture {
    /// [`ActionEncoder`].
    KmerV1(ActionEncoderConfig),
    /// [`BaseActionEncoder`].
    BaseV2(BaseActionConfig),
}

impl ActionArchitecture {
    /// Loads an action encoder that computes with Burn.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub fn load(
        &self,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Box<dyn EditEncoder>, LoadError> {
        Ok(match self {
            Self::KmerV1(config) => Box::new(ActionEncoder::load(file, config, device)?),
            Self::BaseV2(config) => Box::new(BaseActionEncoder::load(file, config, device)?),
        })
    }

    /// Draws the weights of an untrained action encoder.
    ///
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn draw(
        &self,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Vec<NewTensor>, ConfigError> {
        Ok(match self {
            Self::KmerV1(config) => ActionEncoder::init(config, stream, device)?.to_weights(),
            Self::BaseV2(config) => BaseActionEncoder::init(config, stream, device)?.to_weights(),
        })
    }
}
