//! The kinds of networks that a model's configuration may name.

use std::collections::BTreeMap;

use burn::tensor::Device;
use geno_core::{Dtype, RandomStream};
use geno_kernels::Kernel;
use geno_weights::{NewTensor, WeightFile, WriteWeightsError, write_weights_with};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ActionEncoder, ActionEncoderConfig, ArchitectureError, BaseActionConfig, BaseActionEncoder,
    CausalConfig, CausalPredictor, ConfigError, EditEncoder, LoadError, NativeActionEncoder,
    NativeBaseActionEncoder, NativeCausalPredictor, NativePredictor, Network, Predictor,
    PredictorConfig, StatePredictor,
};

/// A kind of predictor, with its shape.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use geno_core::RandomStream;
/// use geno_predictor::{Architecture, CausalConfig, PredictorArchitecture};
/// use geno_weights::WeightFile;
///
/// let device = Device::flex();
/// let config = CausalConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..CausalConfig::new(3, 4) };
/// let architecture = PredictorArchitecture::CausalV2(config);
/// let weights = architecture.draw(&mut RandomStream::new(7, "doc"), &device)?;
///
/// let mut file = WeightFile::parse(architecture.write(&weights)?)?;
/// let architecture = PredictorArchitecture::of(&file)?.expect("a file that names its network");
/// assert_eq!(architecture.load(&mut file, &device)?.d_state(), 3);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "architecture")]
pub enum PredictorArchitecture {
    /// [`Predictor`].
    #[serde(rename = "cross_attention_v1")]
    CrossAttentionV1(PredictorConfig),
    /// [`CausalPredictor`].
    #[serde(rename = "causal_v2")]
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

    /// Width of an action.
    pub fn d_action(&self) -> usize {
        match self {
            Self::CrossAttentionV1(config) => config.d_action,
            Self::CausalV2(config) => config.d_action,
        }
    }

    /// Loads a predictor that computes with Burn, in `f32`.
    ///
    /// # Errors
    ///
    /// [`LoadError`], also for a file that says it holds another network.
    pub fn load(
        &self,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Box<dyn StatePredictor>, LoadError> {
        self.check(file)?;
        Ok(match self {
            Self::CrossAttentionV1(config) => Box::new(Predictor::load(file, config, device)?),
            Self::CausalV2(config) => Box::new(CausalPredictor::load(file, config, device)?),
        })
    }

    /// Loads a predictor for this machine's processor, which multiplies matrices in `products`, `bf16`
    /// or else `f32`.
    ///
    /// # Errors
    ///
    /// [`LoadError`], also for a file that says it holds another network.
    pub fn load_native(
        &self,
        file: &mut WeightFile<'_>,
        products: Dtype,
        kernel: Kernel,
    ) -> Result<Box<dyn StatePredictor>, LoadError> {
        self.check(file)?;
        Ok(match self {
            Self::CrossAttentionV1(config) => {
                Box::new(NativePredictor::load(file, config, products, kernel)?)
            }
            Self::CausalV2(config) => {
                Box::new(NativeCausalPredictor::load(file, config, products, kernel)?)
            }
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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "architecture")]
pub enum ActionArchitecture {
    /// [`ActionEncoder`].
    #[serde(rename = "kmer_v1")]
    KmerV1(ActionEncoderConfig),
    /// [`BaseActionEncoder`].
    #[serde(rename = "base_v2")]
    BaseV2(BaseActionConfig),
}

impl ActionArchitecture {
    /// Width of an action.
    pub fn d_action(&self) -> usize {
        match self {
            Self::KmerV1(config) => config.d_action,
            Self::BaseV2(config) => config.d_action,
        }
    }

    /// Loads an action encoder that computes with Burn.
    ///
    /// # Errors
    ///
    /// [`LoadError`], also for a file that says it holds another network.
    pub fn load(
        &self,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Box<dyn EditEncoder>, LoadError> {
        self.check(file)?;
        Ok(match self {
            Self::KmerV1(config) => Box::new(ActionEncoder::load(file, config, device)?),
            Self::BaseV2(config) => Box::new(BaseActionEncoder::load(file, config, device)?),
        })
    }

    /// Loads an action encoder for this machine's processor. Actions come out as tensors on `device`.
    ///
    /// # Errors
    ///
    /// [`LoadError`], also for a file that says it holds another network.
    pub fn load_native(
        &self,
        file: &mut WeightFile<'_>,
        kernel: Kernel,
        device: &Device,
    ) -> Result<Box<dyn EditEncoder>, LoadError> {
        self.check(file)?;
        Ok(match self {
            Self::KmerV1(config) => {
                Box::new(NativeActionEncoder::load(file, config, kernel, device)?)
            }
            Self::BaseV2(config) => {
                Box::new(NativeBaseActionEncoder::load(file, config, kernel, device)?)
            }
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

/// A kind of network with its shape, which weight files may name.
pub trait Architecture: DeserializeOwned + PartialEq + Serialize {
    /// The network that a weight file says it holds; published files do not say.
    ///
    /// # Errors
    ///
    /// [`ArchitectureError::Malformed`].
    fn of(file: &WeightFile<'_>) -> Result<Option<Self>, ArchitectureError> {
        let text = file.metadata().get(KEY);
        text.map(|text| serde_json::from_str(text).map_err(ArchitectureError::Malformed))
            .transpose()
    }

    /// Refuses a file that says it holds another network.
    ///
    /// # Errors
    ///
    /// [`ArchitectureError`].
    fn check(&self, file: &WeightFile<'_>) -> Result<(), ArchitectureError> {
        match Self::of(file)? {
            Some(stored) if stored != *self => Err(ArchitectureError::Other {
                stored: json(&stored),
                configured: json(self),
            }),
            _ => Ok(()),
        }
    }

    /// Lays weights out as a file that says what they are of.
    ///
    /// # Errors
    ///
    /// [`WriteWeightsError`].
    fn write(&self, weights: &[NewTensor]) -> Result<Vec<u8>, WriteWeightsError> {
        write_weights_with(weights, &BTreeMap::from([(KEY.to_owned(), json(self))]))
    }
}

impl Architecture for PredictorArchitecture {}

impl Architecture for ActionArchitecture {}

/// Where a weight file says what network it holds, as JSON.
const KEY: &str = "geno_lewm.architecture";

fn json(architecture: &impl Serialize) -> String {
    serde_json::to_string(architecture).expect("names and whole numbers")
}
