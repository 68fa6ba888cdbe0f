//! The configuration of a model, as its directory carries it.

mod networks;
mod write;

use std::collections::BTreeMap;

use geno_action::MAX_ALLELE_LEN;
use geno_core::{Coded, DEFAULT_WINDOW_BP, Dtype, ErrorCode, Layout, PoolType, StateContract};
use serde::{Deserialize, de::IgnoredAny};

pub use self::networks::{ActionKind, ActionSection, PredictorKind, PredictorSection};
use crate::{
    layout::{LayoutError, windows_of},
    yaml::{ReadYamlError, read_yaml},
};

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
    /// The predictor.
    pub predictor: PredictorSection,
    /// The action encoder.
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

/// Why a model's configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelConfigError {
    /// Not YAML, an unknown key or a value of the wrong type; the source says where.
    #[error("model configuration cannot be read")]
    Yaml(#[from] ReadYamlError),
    /// A top-level key that does not exist.
    #[error("model configuration has the unknown key `{0}`")]
    UnknownKey(String),
    /// Written for another version of the schema.
    #[error("model configuration has schema version `{0}`, not 1.x")]
    SchemaVersion(String),
    /// A predictor is computed in floating point.
    #[error("`predictor.dtype` cannot be int8")]
    PredictorInt8,
    /// A key that only networks of another kind have.
    #[error("`{key}` means nothing for `{architecture}`")]
    MisplacedKey {
        /// The key.
        key: &'static str,
        /// The kind of network that the configuration names.
        architecture: &'static str,
    },
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
    #[error("`{key}` is 0, which must be at least 1")]
    Zero {
        /// The key.
        key: &'static str,
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
        let keys: BTreeMap<String, IgnoredAny> = read_yaml(bytes)?.unwrap_or_default();
        if let Some(key) = keys
            .keys()
            .find(|key| !TOP_LEVEL_KEYS.contains(&key.as_str()))
        {
            return Err(ModelConfigError::UnknownKey(key.clone()));
        }
        if keys.is_empty() {
            return Ok(Self::default());
        }
        let config: Self = read_yaml(bytes)?.unwrap_or_default();
        config.validated()
    }

    fn validated(self) -> Result<Self, ModelConfigError> {
        if let Some(version) = &self.schema_version
            && !version.starts_with("1.")
        {
            return Err(ModelConfigError::SchemaVersion(version.clone()));
        }
        if let Some((key, architecture)) = self.misplaced_key() {
            return Err(ModelConfigError::MisplacedKey { key, architecture });
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
            ("predictor.d_state", Some(p.d_state)),
            ("predictor.n_layers", p.n_layers),
            ("predictor.n_heads", p.n_heads),
            ("predictor.d_hidden", p.d_hidden),
            ("predictor.ffn_dim", p.ffn_dim),
            ("action.d_action", Some(a.d_action)),
            ("action.max_len", Some(a.max_len)),
            ("action.d_pos", a.d_pos),
            ("action.d_type", a.d_type),
            ("action.d_seq", a.d_seq),
            ("action.d_hidden", a.d_hidden),
        ];
        let zero = sizes.iter().find(|(_, size)| *size == Some(0));
        match zero {
            Some(&(key, _)) => Err(ModelConfigError::Zero { key }),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use geno_predictor::{
        ActionArchitecture, BaseActionConfig, CausalConfig, PredictorArchitecture, StepPositions,
    };

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
        let PredictorArchitecture::CrossAttentionV1(predictor) = config.predictor_architecture()
        else {
            panic!("the published network")
        };
        assert_eq!((predictor.d_hidden, predictor.n_cross_layers), (768, 6));
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
    fn a_kind_of_network_has_sizes_of_its_own() {
        let yaml = b"predictor: {architecture: causal_v2, d_state: 32, positions: learned}\n\
            action: {architecture: base_v2, d_action: 8, max_len: 4}\n\
            encoder: {window_bp: 600}\n";
        let config = ModelConfig::from_yaml(yaml).unwrap();
        let expected = CausalConfig {
            positions: StepPositions::Learned,
            max_edits: 4,
            ..CausalConfig::new(32, 8)
        };
        let found = config.predictor_architecture();
        assert_eq!(found, PredictorArchitecture::CausalV2(expected));
        let expected = BaseActionConfig {
            max_window_bp: 600,
            ..BaseActionConfig::new(8)
        };
        let found = config.action_architecture();
        assert_eq!(found, ActionArchitecture::BaseV2(expected));

        for (yaml, key) in [
            ("predictor: {positions: rope}", "predictor.positions"),
            (
                "predictor: {architecture: causal_v2, n_self_layers: 2}",
                "predictor.n_self_layers",
            ),
            ("action: {architecture: base_v2, d_seq: 8}", "action.d_seq"),
        ] {
            let error = ModelConfig::from_yaml(yaml.as_bytes()).unwrap_err();
            let is_named =
                matches!(error, ModelConfigError::MisplacedKey { key: found, .. } if found == key);
            assert!(is_named, "{error}");
        }
        let unknown = ModelConfig::from_yaml(b"predictor: {architecture: causal_v3}").unwrap_err();
        assert_eq!(unknown.code(), ErrorCode::ConfigGeneric);
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
