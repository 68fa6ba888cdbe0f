//! The configuration of a model, as its directory carries it.

use std::collections::BTreeMap;

use geno_action::MAX_ALLELE_LEN;
use geno_core::{Coded, DEFAULT_WINDOW_BP, Dtype, ErrorCode, Layout, PoolType, StateContract};
use serde::{Deserialize, de::IgnoredAny};

use crate::layout::{LayoutError, windows_of};

/// What a model's YAML file says about scoring with it.
///
/// Key names are those of the published models, absent keys mean their defaults, and
/// `encoder.state_contract` absent means [`StateContract::LegacyRawV1`]. Sections about training,
/// data and logging are accepted and not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The encoder and how states are made from it.
    pub encoder: EncoderSection,
    /// Sizes of the predictor.
    pub predictor: PredictorSection,
    /// Sizes of the action encoder.
    pub action: ActionSection,
    schema_version: Option<String>,
    #[serde(rename = "run_id")]
    _run_id: IgnoredAny,
    #[serde(rename = "seed")]
    _seed: IgnoredAny,
    #[serde(rename = "phase")]
    _phase: IgnoredAny,
    #[serde(rename = "deterministic")]
    _deterministic: IgnoredAny,
    #[serde(rename = "training")]
    _training: IgnoredAny,
    #[serde(rename = "optimizer")]
    _optimizer: IgnoredAny,
    #[serde(rename = "data")]
    _data: IgnoredAny,
    #[serde(rename = "eval")]
    _eval: IgnoredAny,
    #[serde(rename = "observability")]
    _observability: IgnoredAny,
    #[serde(rename = "runtime")]
    _runtime: IgnoredAny,
}

/// The encoder and how states are made from it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncoderSection {
    /// A folder inside the model directory, or a model's name on a hub.
    pub model_id: String,
    /// Revision of that model.
    pub revision: String,
    /// Number format the model was trained and calibrated with.
    pub dtype: Dtype,
    /// Which hidden state is pooled: 0 the embeddings, `i` after block `i`, −1 the last.
    pub state_layer: i32,
    /// Which rows are pooled.
    pub pool_type: PoolType,
    /// Tokens to either side of the edit's token.
    pub pool_radius: usize,
    /// What published receipts commit to. Whether states really are normalised is the contract's.
    pub normalize: bool,
    /// How states are made.
    pub state_contract: StateContract,
    /// Bases of a window.
    pub window_bp: u64,
    /// How windows are laid.
    pub layout: Layout,
    #[serde(rename = "trust_remote_code")]
    _trust_remote_code: IgnoredAny,
}

impl Default for EncoderSection {
    fn default() -> Self {
        Self {
            model_id: "HuggingFaceBio/Carbon-500M".to_owned(),
            revision: "main".to_owned(),
            dtype: Dtype::Bf16,
            state_layer: 20,
            pool_type: PoolType::CenteredMean,
            pool_radius: 8,
            normalize: true,
            state_contract: StateContract::LegacyRawV1,
            window_bp: DEFAULT_WINDOW_BP,
            layout: Layout::Centered,
            _trust_remote_code: IgnoredAny,
        }
    }
}

/// Sizes of the predictor.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictorSection {
    /// Architecture; `cross_attention` and `cross_attention_v1` are the same.
    pub architecture: String,
    /// Cross-attention blocks.
    pub n_layers: usize,
    /// Attention heads.
    pub n_heads: usize,
    /// Width of a state.
    pub d_state: usize,
    /// Width of the blocks.
    pub d_hidden: usize,
    /// Self-attention blocks.
    pub n_self_layers: usize,
    /// Width of the feed-forward layers.
    pub ffn_dim: usize,
    /// Number format of the published weights; a label that decides nothing.
    pub dtype: Dtype,
    /// Number format in which the native backend multiplies matrices, `fp32` or `bf16`.
    pub compute_dtype: Dtype,
    #[serde(rename = "d_action")]
    _d_action: IgnoredAny,
}

impl Default for PredictorSection {
    fn default() -> Self {
        Self {
            architecture: "cross_attention".to_owned(),
            n_layers: 6,
            n_heads: 8,
            d_state: 512,
            d_hidden: 768,
            n_self_layers: 2,
            ffn_dim: 768,
            dtype: Dtype::Bf16,
            compute_dtype: Dtype::F32,
            _d_action: IgnoredAny,
        }
    }
}

/// Sizes of the action encoder.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionSection {
    /// Width of an action.
    pub d_action: usize,
    /// Most edits of one haplotype.
    pub max_len: usize,
    /// Width of the position features.
    pub d_pos: usize,
    /// Width of the type embedding.
    pub d_type: usize,
    /// Width of the allele encoder.
    pub d_seq: usize,
    /// Width of the projection's hidden layer.
    pub d_hidden: usize,
    #[serde(rename = "sub_encoders")]
    _sub_encoders: IgnoredAny,
}

impl Default for ActionSection {
    fn default() -> Self {
        Self {
            d_action: 64,
            max_len: 16,
            d_pos: 128,
            d_type: 64,
            d_seq: 256,
            d_hidden: 1024,
            _sub_encoders: IgnoredAny,
        }
    }
}

/// Why a model's configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelConfigError {
    /// Not UTF-8.
    #[error("model configuration is not UTF-8")]
    NotUtf8(#[from] std::str::Utf8Error),
    /// Not YAML, an unknown key or a value of the wrong type; the source says where.
    #[error("model configuration cannot be read")]
    Yaml(#[source] Box<serde_saphyr::Error>),
    /// A top-level key that does not exist.
    #[error("model configuration has the unknown key `{0}`")]
    UnknownKey(String),
    /// Written for another version of the schema.
    #[error("model configuration has schema version `{0}`, not 1.x")]
    SchemaVersion(String),
    /// A predictor is computed in floating point.
    #[error("`predictor.dtype` cannot be int8")]
    PredictorInt8,
    /// A predictor architecture this version does not have.
    #[error("predictor architecture `{0}` is not supported")]
    Architecture(String),
    /// A number format in which the predictor does not compute.
    #[error("`predictor.compute_dtype` is `{0}`, which must be `fp32` or `bf16`")]
    ComputeDtype(Dtype),
    /// A window layout that the rest of the configuration does not allow.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A window that could not hold the longest allele right of its centre.
    #[error("`encoder.window_bp` is {0}, which must be at least {MIN_WINDOW_BP}")]
    WindowTooShort(u64),
    /// A size that cannot be.
    #[error("`{key}` is {value}, which must be at least 1")]
    TooSmall {
        /// The key.
        key: &'static str,
        /// Its value.
        value: u64,
    },
}

impl Coded for ModelConfigError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownKey(_) => ErrorCode::ConfigUnknownTopLevelKey,
            Self::SchemaVersion(_) => ErrorCode::ConfigSchemaIncompat,
            _ => ErrorCode::ConfigGeneric,
        }
    }
}

/// Shortest window, in bases: the centre and the longest allele right of it.
const MIN_WINDOW_BP: u64 = 2 * MAX_ALLELE_LEN as u64;

const TOP_LEVEL_KEYS: [&str; 14] = [
    "run_id",
    "seed",
    "phase",
    "deterministic",
    "schema_version",
    "encoder",
    "predictor",
    "action",
    "training",
    "optimizer",
    "data",
    "eval",
    "observability",
    "runtime",
];

impl ModelConfig {
    /// Reads the bytes of a YAML file. An empty file means all defaults.
    ///
    /// # Errors
    ///
    /// [`ModelConfigError`].
    pub fn from_yaml(bytes: &[u8]) -> Result<Self, ModelConfigError> {
        let yaml = |error| ModelConfigError::Yaml(Box::new(error));
        let text = std::str::from_utf8(bytes)?;
        let keys: Option<BTreeMap<String, IgnoredAny>> =
            serde_saphyr::from_str(text).map_err(yaml)?;
        let keys = keys.unwrap_or_default();
        if let Some(key) = keys
            .keys()
            .find(|key| !TOP_LEVEL_KEYS.contains(&key.as_str()))
        {
            return Err(ModelConfigError::UnknownKey(key.clone()));
        }
        if keys.is_empty() {
            return Ok(Self::default());
        }
        let config: Self = serde_saphyr::from_str(text).map_err(yaml)?;
        config.validated()
    }

    fn validated(self) -> Result<Self, ModelConfigError> {
        if let Some(version) = &self.schema_version
            && !version.starts_with("1.")
        {
            return Err(ModelConfigError::SchemaVersion(version.clone()));
        }
        if !["cross_attention", "cross_attention_v1"].contains(&&*self.predictor.architecture) {
            return Err(ModelConfigError::Architecture(self.predictor.architecture));
        }
        if ![Dtype::F32, Dtype::Bf16].contains(&self.predictor.compute_dtype) {
            return Err(ModelConfigError::ComputeDtype(self.predictor.compute_dtype));
        }
        if self.predictor.dtype == Dtype::Int8 {
            return Err(ModelConfigError::PredictorInt8);
        }
        if self.encoder.window_bp < MIN_WINDOW_BP {
            return Err(ModelConfigError::WindowTooShort(self.encoder.window_bp));
        }
        windows_of(&self.encoder, self.encoder.layout)?;
        let (p, a) = (&self.predictor, &self.action);
        let sizes = [
            ("predictor.n_layers", p.n_layers as u64),
            ("predictor.n_heads", p.n_heads as u64),
            ("predictor.d_state", p.d_state as u64),
            ("predictor.d_hidden", p.d_hidden as u64),
            ("predictor.ffn_dim", p.ffn_dim as u64),
            ("action.d_action", a.d_action as u64),
            ("action.max_len", a.max_len as u64),
            ("action.d_pos", a.d_pos as u64),
            ("action.d_type", a.d_type as u64),
            ("action.d_seq", a.d_seq as u64),
            ("action.d_hidden", a.d_hidden as u64),
        ];
        match sizes.into_iter().find(|(_, value)| *value == 0) {
            Some((key, value)) => Err(ModelConfigError::TooSmall { key, value }),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_configuration_means_the_legacy_contract() {
        let yaml = b"schema_version: 1.0.0\nseed: 7\nencoder:\n  state_layer: 3\n  dtype: fp32\n";
        let config = ModelConfig::from_yaml(yaml).unwrap();
        assert_eq!(config.encoder.state_contract, StateContract::LegacyRawV1);
        assert_eq!(
            (config.encoder.state_layer, config.encoder.dtype),
            (3, Dtype::F32)
        );
        assert_eq!(config.predictor.d_hidden, 768);
        // Its label is `bf16`, and it computes in `f32`.
        assert_eq!(
            (config.predictor.dtype, config.predictor.compute_dtype),
            (Dtype::Bf16, Dtype::F32)
        );
    }

    #[test]
    fn faults_are_told_apart() {
        let code = |yaml: &str| ModelConfig::from_yaml(yaml.as_bytes()).unwrap_err().code();
        assert_eq!(code("enocder: {}"), ErrorCode::ConfigUnknownTopLevelKey);
        assert_eq!(code("encoder: {radius: 3}"), ErrorCode::ConfigGeneric);
        assert_eq!(code("encoder: {pool_radius: -3}"), ErrorCode::ConfigGeneric);
        assert_eq!(code("encoder: {window_bp: 0}"), ErrorCode::ConfigGeneric);
        assert_eq!(
            code("schema_version: 2.0.0"),
            ErrorCode::ConfigSchemaIncompat
        );
        assert_eq!(code("encoder: ["), ErrorCode::ConfigGeneric);
        assert_eq!(
            code("predictor: {compute_dtype: fp16}"),
            ErrorCode::ConfigGeneric
        );
    }

    #[test]
    fn an_encoder_may_be_int8_and_a_predictor_may_not() {
        let config = ModelConfig::from_yaml(b"encoder: {dtype: int8}").unwrap();
        assert_eq!(config.encoder.dtype, Dtype::Int8);
        let error = ModelConfig::from_yaml(b"predictor: {dtype: int8}").unwrap_err();
        assert!(matches!(error, ModelConfigError::PredictorInt8));
    }

    #[test]
    fn a_grid_is_refused_where_its_windows_cannot_be_shared() {
        let error = |settings: &str| {
            let yaml = format!("encoder: {{layout: grid, {settings}}}");
            match ModelConfig::from_yaml(yaml.as_bytes()) {
                Err(ModelConfigError::Layout(error)) => Some(error),
                Err(other) => panic!("{other}"),
                Ok(_) => None,
            }
        };
        let v2 = "state_contract: l2_normalized_v2";
        assert_eq!(error(v2), None);
        assert_eq!(error(&format!("{v2}, window_bp: 24576")), None);
        let legacy = LayoutError::Contract(StateContract::LegacyRawV1);
        assert_eq!(error("window_bp: 12288"), Some(legacy));
        let pool = LayoutError::Pool(PoolType::GlobalMean);
        assert_eq!(error(&format!("{v2}, pool_type: global_mean")), Some(pool));
        let short = error(&format!("{v2}, window_bp: 4096")).unwrap();
        assert_eq!(short.code(), ErrorCode::ConfigGeneric);
        assert!(matches!(short, LayoutError::Window(found) if found.window_bp == 4_096));
    }

    #[test]
    fn an_empty_file_means_all_defaults() {
        let config = ModelConfig::from_yaml(b"# nothing\n").unwrap();
        assert_eq!(config.encoder.pool_radius, 8);
    }
}
