//! The keys of `config.json`, in the spellings of transformers 4 and 5.

use serde::Deserialize;

use super::{CarbonConfig, ConfigError, Yarn};

#[derive(Deserialize)]
struct Raw {
    model_type: Option<String>,
    hidden_act: Option<String>,
    hidden_size: Option<usize>,
    num_hidden_layers: Option<usize>,
    num_attention_heads: Option<usize>,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    intermediate_size: Option<usize>,
    vocab_size: Option<usize>,
    max_position_embeddings: Option<usize>,
    rms_norm_eps: Option<f64>,
    rope_theta: Option<f64>,
    rope_scaling: Option<Rope>,
    rope_parameters: Option<Rope>,
    tie_word_embeddings: Option<bool>,
    attention_bias: Option<bool>,
    mlp_bias: Option<bool>,
}

/// `rope_scaling` of transformers 4, `rope_parameters` of transformers 5.
#[derive(Deserialize)]
struct Rope {
    rope_type: Option<String>,
    #[serde(rename = "type")]
    legacy_type: Option<String>,
    rope_theta: Option<f64>,
    factor: Option<f64>,
    original_max_position_embeddings: Option<usize>,
    attention_factor: Option<f64>,
    beta_fast: Option<f64>,
    beta_slow: Option<f64>,
    mscale: Option<f64>,
    mscale_all_dim: Option<f64>,
    truncate: Option<bool>,
}

/// Reads the file, without comparing its sizes.
pub(super) fn read(json: &[u8]) -> Result<CarbonConfig, ConfigError> {
    let raw: Raw = serde_json::from_slice(json).map_err(ConfigError::Json)?;
    raw.check_kind()?;

    let n_heads = need("num_attention_heads", raw.num_attention_heads)?;
    let hidden_size = need("hidden_size", raw.hidden_size)?;
    let head_dim = match raw.head_dim {
        Some(head_dim) => head_dim,
        None if hidden_size.checked_rem(n_heads) == Some(0) => hidden_size / n_heads,
        None => return Err(not_multiple("hidden_size", hidden_size, n_heads)),
    };
    Ok(CarbonConfig {
        hidden_size,
        n_layers: need("num_hidden_layers", raw.num_hidden_layers)?,
        n_heads,
        n_kv_heads: raw.num_key_value_heads.unwrap_or(n_heads),
        head_dim,
        ffn_dim: need("intermediate_size", raw.intermediate_size)?,
        vocab_size: need("vocab_size", raw.vocab_size)?,
        max_positions: need("max_position_embeddings", raw.max_position_embeddings)?,
        rope_theta: raw.rope_theta()?,
        rms_norm_eps: need("rms_norm_eps", raw.rms_norm_eps)?,
        tied: raw.tie_word_embeddings.unwrap_or(false),
        yarn: raw.yarn()?,
    })
}

impl Raw {
    fn check_kind(&self) -> Result<(), ConfigError> {
        let texts = [
            ("model_type", &self.model_type, "llama"),
            ("hidden_act", &self.hidden_act, "silu"),
        ];
        for (field, value, expected) in texts {
            if let Some(value) = value.as_ref().filter(|value| *value != expected) {
                return Err(unsupported(field, value));
            }
        }
        for (field, value) in [
            ("attention_bias", self.attention_bias),
            ("mlp_bias", self.mlp_bias),
        ] {
            if value == Some(true) {
                return Err(unsupported(field, "true"));
            }
        }
        Ok(())
    }

    /// The scaling of positions, which transformers 4 and 5 keep in different places.
    fn yarn(&self) -> Result<Option<Yarn>, ConfigError> {
        let read = |field, rope: &Option<Rope>| match rope {
            Some(rope) => rope.yarn(field),
            None => Ok(None),
        };
        let top_level = read("rope_scaling", &self.rope_scaling)?;
        let nested = read("rope_parameters", &self.rope_parameters)?;
        match (&top_level, &nested) {
            (Some(a), Some(b)) if a != b => Err(ConfigError::TwoScalings),
            _ => Ok(top_level.or(nested)),
        }
    }

    fn rope_theta(&self) -> Result<f64, ConfigError> {
        let nested = self.rope_parameters.as_ref().and_then(|r| r.rope_theta);
        match (self.rope_theta, nested) {
            (Some(top_level), Some(nested)) if top_level != nested => {
                Err(ConfigError::TwoBases { top_level, nested })
            }
            (top_level, nested) => need("rope_theta", nested.or(top_level)),
        }
    }
}

impl Rope {
    fn yarn(&self, field: &'static str) -> Result<Option<Yarn>, ConfigError> {
        let kind = self.rope_type.as_deref().or(self.legacy_type.as_deref());
        let kind = kind.unwrap_or("default");
        let is_plain = self.factor.is_none() && kind == "default";
        let differs = self.mscale.is_some() || self.mscale_all_dim.is_some();
        if is_plain {
            return Ok(None);
        }
        if kind != "yarn" || differs || self.truncate == Some(false) {
            return Err(unsupported(field, kind));
        }
        let factor = need("rope_scaling.factor", self.factor)?;
        let original = need(
            "rope_scaling.original_max_position_embeddings",
            self.original_max_position_embeddings,
        )?;
        let usual = Yarn::new(factor, original);
        Ok(Some(Yarn {
            attention_factor: self.attention_factor.unwrap_or(usual.attention_factor),
            beta_fast: self.beta_fast.unwrap_or(usual.beta_fast),
            beta_slow: self.beta_slow.unwrap_or(usual.beta_slow),
            ..usual
        }))
    }
}

fn need<T>(field: &'static str, value: Option<T>) -> Result<T, ConfigError> {
    value.ok_or(ConfigError::Missing { field })
}

fn not_multiple(field: &'static str, value: usize, of: usize) -> ConfigError {
    ConfigError::NotMultiple { field, value, of }
}

fn unsupported(field: &'static str, value: &str) -> ConfigError {
    ConfigError::Unsupported {
        field,
        value: value.to_owned(),
    }
}
