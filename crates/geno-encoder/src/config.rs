//! The shape of a Carbon network, as its `config.json` states it.

mod error;
mod json;
mod yarn;

use serde_json::json;

pub use self::{error::ConfigError, yarn::Yarn};
use crate::pool::TOKEN_BP;

/// Largest value of any one size: far above real models, and small enough for every product of
/// two of them to be exact.
const MAX_SIZE: usize = 1 << 24;

/// The sizes of a Carbon network: a Llama without biases.
///
/// Names are those of Hugging Face's `config.json`, shortened.
#[derive(Clone, Debug, PartialEq)]
pub struct CarbonConfig {
    /// Width of the residual stream and of a state (`hidden_size`).
    pub hidden_size: usize,
    /// Number of blocks (`num_hidden_layers`).
    pub n_layers: usize,
    /// Number of query heads (`num_attention_heads`), a multiple of `n_kv_heads`.
    pub n_heads: usize,
    /// Number of key and value heads (`num_key_value_heads`).
    pub n_kv_heads: usize,
    /// Width of a head, even.
    pub head_dim: usize,
    /// Width of the gated layer (`intermediate_size`).
    pub ffn_dim: usize,
    /// Tokens of the vocabulary, text included (`vocab_size`).
    pub vocab_size: usize,
    /// Longest sequence, in tokens (`max_position_embeddings`).
    pub max_positions: usize,
    /// Base of the rotary frequencies.
    pub rope_theta: f64,
    /// Added to the mean square of RMSNorm.
    pub rms_norm_eps: f64,
    /// Whether the output layer is the embedding (`tie_word_embeddings`).
    pub tied: bool,
    /// How positions are stretched (`rope_scaling`); the published models do not.
    pub yarn: Option<Yarn>,
}

impl CarbonConfig {
    /// Reads `config.json`. Keys that do not change the hidden rows are not looked at.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a file that is malformed, incomplete, or describes a network that this
    /// crate does not build: biases, another activation, rotary positions scaled in another way
    /// than by [`Yarn`].
    pub fn from_json(json: &[u8]) -> Result<Self, ConfigError> {
        let config = json::read(json)?;
        config.validate()?;
        Ok(config)
    }

    /// The `config.json` of this network, as transformers 4 writes it.
    pub fn to_json(&self) -> Vec<u8> {
        let yarn = self.yarn.as_ref().map(|yarn| {
            json!({
                "attention_factor": yarn.attention_factor,
                "beta_fast": yarn.beta_fast,
                "beta_slow": yarn.beta_slow,
                "factor": yarn.factor,
                "original_max_position_embeddings": yarn.original_max_positions,
                "rope_type": "yarn",
            })
        });
        let config = json!({
            "architectures": ["LlamaForCausalLM"],
            "attention_bias": false,
            "head_dim": self.head_dim,
            "hidden_act": "silu",
            "hidden_size": self.hidden_size,
            "intermediate_size": self.ffn_dim,
            "max_position_embeddings": self.max_positions,
            "mlp_bias": false,
            "model_type": "llama",
            "num_attention_heads": self.n_heads,
            "num_hidden_layers": self.n_layers,
            "num_key_value_heads": self.n_kv_heads,
            "rms_norm_eps": self.rms_norm_eps,
            "rope_scaling": yarn,
            "rope_theta": self.rope_theta,
            "tie_word_embeddings": self.tied,
            "vocab_size": self.vocab_size,
        });
        format!("{config:#}\n").into_bytes()
    }

    /// Checks every size against the others.
    ///
    /// # Errors
    ///
    /// The [`ConfigError`] that [`from_json`](Self::from_json) would give.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("hidden_size", self.hidden_size),
            ("num_hidden_layers", self.n_layers),
            ("num_attention_heads", self.n_heads),
            ("num_key_value_heads", self.n_kv_heads),
            ("head_dim", self.head_dim),
            ("intermediate_size", self.ffn_dim),
            ("vocab_size", self.vocab_size),
            ("max_position_embeddings", self.max_positions),
        ];
        for (field, value) in sizes {
            if value == 0 || value > MAX_SIZE {
                return Err(ConfigError::Size { field, value });
            }
        }
        let q_dim = self.n_heads * self.head_dim;
        if q_dim > MAX_SIZE {
            let (field, value) = ("num_attention_heads * head_dim", q_dim);
            return Err(ConfigError::Size { field, value });
        }
        if !self.n_heads.is_multiple_of(self.n_kv_heads) {
            let (field, value, of) = ("num_attention_heads", self.n_heads, self.n_kv_heads);
            return Err(ConfigError::NotMultiple { field, value, of });
        }
        if !self.head_dim.is_multiple_of(2) {
            let (field, value, of) = ("head_dim", self.head_dim, 2);
            return Err(ConfigError::NotMultiple { field, value, of });
        }
        for (field, value) in [
            ("rope_theta", self.rope_theta),
            ("rms_norm_eps", self.rms_norm_eps),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(ConfigError::NotPositive { field, value });
            }
        }
        match &self.yarn {
            Some(yarn) => yarn.validate(self.rope_theta),
            None => Ok(()),
        }
    }

    /// The longest window, in bases: all positions but those of the two tags hold six.
    ///
    /// A window may have any length up to it.
    pub fn max_window_bp(&self) -> usize {
        self.max_positions.saturating_sub(2) * TOKEN_BP
    }

    /// Width of all query heads.
    pub(crate) fn q_dim(&self) -> usize {
        self.n_heads * self.head_dim
    }

    /// Width of all key heads, and of all value heads.
    pub(crate) fn kv_dim(&self) -> usize {
        self.n_kv_heads * self.head_dim
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const CARBON_500M: &str = r#"{
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
        "hidden_size": 1024, "num_hidden_layers": 28, "num_attention_heads": 16,
        "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 3072,
        "vocab_size": 155776, "max_position_embeddings": 8192, "rope_theta": 500000.0,
        "rope_scaling": null, "rms_norm_eps": 1e-06, "tie_word_embeddings": true,
        "attention_bias": false, "mlp_bias": false, "torch_dtype": "bfloat16"
    }"#;

    /// Carbon-500M with one key set, or removed where the value is `null` and was not.
    fn with(key: &str, value: Value) -> Result<CarbonConfig, ConfigError> {
        let mut json: Value = serde_json::from_str(CARBON_500M).unwrap();
        json[key] = value;
        CarbonConfig::from_json(json.to_string().as_bytes())
    }

    #[test]
    fn the_published_configuration_is_read_and_written() {
        let config = CarbonConfig::from_json(CARBON_500M.as_bytes()).unwrap();
        assert_eq!((config.q_dim(), config.kv_dim()), (1024, 512));
        assert!(config.tied);
        assert_eq!(CarbonConfig::from_json(&config.to_json()).unwrap(), config);
    }

    #[test]
    fn both_spellings_of_the_rotary_base_are_read() {
        let mut json: Value = serde_json::from_str(CARBON_500M).unwrap();
        json["rope_theta"] = Value::Null;
        json["rope_parameters"] = json!({"rope_theta": 5e6, "rope_type": "default"});
        let config = CarbonConfig::from_json(json.to_string().as_bytes()).unwrap();
        assert_eq!(config.rope_theta, 5e6);

        let both = with("rope_parameters", json!({"rope_theta": 5e6})).unwrap_err();
        assert!(matches!(both, ConfigError::TwoBases { .. }));
        let none = with("rope_theta", Value::Null).unwrap_err();
        assert!(matches!(
            none,
            ConfigError::Missing {
                field: "rope_theta"
            }
        ));
    }

    #[test]
    fn head_width_and_key_heads_have_the_usual_defaults() {
        assert_eq!(with("head_dim", Value::Null).unwrap().head_dim, 64);
        assert_eq!(
            with("num_key_value_heads", Value::Null).unwrap().n_kv_heads,
            16
        );
        assert!(!with("tie_word_embeddings", Value::Null).unwrap().tied);
    }

    #[test]
    fn networks_of_another_kind_are_refused() {
        let cases = [
            (
                "rope_scaling",
                json!({"rope_type": "yarn", "factor": 4.0, "mscale": 1.0}),
            ),
            ("rope_scaling", json!({"type": "linear", "factor": 2.0})),
            ("rope_scaling", json!({"factor": 2.0})),
            ("rope_parameters", json!({"rope_type": "llama3"})),
            ("model_type", json!("mistral")),
            ("hidden_act", json!("gelu")),
            ("attention_bias", json!(true)),
            ("mlp_bias", json!(true)),
        ];
        for (key, value) in cases {
            let error = with(key, value).unwrap_err();
            assert!(
                matches!(error, ConfigError::Unsupported { field, .. } if field == key),
                "{key}: {error}"
            );
        }
    }

    #[test]
    fn scaled_positions_are_read_in_either_spelling_and_written() {
        let yarn = json!({
            "rope_type": "yarn", "type": "yarn", "factor": 4.0,
            "original_max_position_embeddings": 32_768, "attention_factor": null,
        });
        let config = with("rope_scaling", yarn.clone()).unwrap();
        assert_eq!(config.yarn, Some(Yarn::new(4.0, 32_768)));
        assert_eq!(CarbonConfig::from_json(&config.to_json()).unwrap(), config);
        assert_eq!(with("rope_parameters", yarn.clone()).unwrap(), config);
        assert_eq!(config.max_window_bp(), 8_190 * 6);

        let mut both: Value = serde_json::from_str(CARBON_500M).unwrap();
        both["rope_scaling"] = yarn.clone();
        both["rope_parameters"] = yarn.clone();
        let same = CarbonConfig::from_json(both.to_string().as_bytes()).unwrap();
        assert_eq!(same, config);
        both["rope_parameters"]["factor"] = json!(2.0);
        let error = CarbonConfig::from_json(both.to_string().as_bytes()).unwrap_err();
        assert!(matches!(error, ConfigError::TwoScalings));
    }

    #[test]
    fn scales_that_cannot_be_are_named() {
        let error = |key: &str, value| {
            let mut yarn = json!({
                "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32_768,
            });
            yarn[key] = value;
            with("rope_scaling", yarn).unwrap_err().to_string()
        };
        let missing = error("factor", Value::Null);
        assert_eq!(
            missing,
            "encoder configuration has no `rope_scaling.factor`"
        );
        let original = "original_max_position_embeddings";
        assert!(
            error(original, Value::Null)
                .ends_with("no `rope_scaling.original_max_position_embeddings`")
        );
        assert!(error(original, json!(0)).contains("= 0, expected 1 to"));
        assert!(error("factor", json!(0.5)).ends_with("factor = 0.5, expected at least 1"));
        assert!(error("attention_factor", json!(-1.0)).ends_with("a positive number"));
        assert!(error("beta_fast", json!(0.5)).ends_with("beta_fast = 0.5, expected at least 1"));
        assert!(error("truncate", json!(false)).ends_with("which is not supported"));
    }

    #[test]
    fn sizes_that_do_not_fit_are_named() {
        let error = |key, value| with(key, value).unwrap_err().to_string();
        for key in ["hidden_size", "num_hidden_layers", "vocab_size", "head_dim"] {
            let expected = format!("encoder configuration has {key} = 0, expected 1 to 16777216");
            assert_eq!(error(key, json!(0)), expected);
        }
        assert!(error("num_attention_heads", json!(u32::MAX)).contains("4294967295"));
        assert!(error("head_dim", json!(1 << 23)).contains("num_attention_heads * head_dim"));
        assert!(error("num_key_value_heads", json!(3)).ends_with("a multiple of 3"));
        assert!(error("head_dim", json!(63)).ends_with("a multiple of 2"));
        assert!(error("rms_norm_eps", json!(0.0)).ends_with("a positive number"));
        assert!(matches!(
            with("hidden_size", json!(-1)),
            Err(ConfigError::Json(_))
        ));
        let mut json: Value = serde_json::from_str(CARBON_500M).unwrap();
        json["head_dim"] = Value::Null;
        json["num_attention_heads"] = json!(0);
        assert!(CarbonConfig::from_json(json.to_string().as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn no_sizes_make_it_panic(sizes in prop::collection::vec(any::<u64>(), 8)) {
            let keys = [
                "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                "head_dim", "intermediate_size", "vocab_size", "max_position_embeddings",
            ];
            let mut json: Value = serde_json::from_str(CARBON_500M).unwrap();
            for (key, size) in keys.iter().zip(sizes) {
                json[key] = json!(size >> (size % 64));
            }
            let _ = CarbonConfig::from_json(json.to_string().as_bytes());
        }
    }
}
