//! The sizes of a network, as a GGUF file's metadata states them.

use geno_weights::{GgufFile, GgufValue};

use crate::{CarbonConfig, ConfigError, Yarn};

/// Keys that change what a Llama computes, and the value with which they do not.
const NEUTRAL: [(&str, f64); 10] = [
    ("llama.expert_count", 0.0),
    ("llama.attention.scale", 0.0),
    ("llama.attention.sliding_window", 0.0),
    ("llama.embedding_scale", 0.0),
    ("llama.residual_scale", 0.0),
    ("llama.rope.scale_linear", 1.0),
    ("llama.rope.scaling.attn_factor", 1.0),
    ("llama.rope.scaling.yarn_ext_factor", 1.0),
    ("llama.rope.scaling.yarn_attn_factor", 1.0),
    ("split.count", 1.0),
];

impl CarbonConfig {
    /// Reads the metadata of a GGUF file. Keys that do not change the hidden rows are not looked
    /// at.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for metadata that is incomplete or describes a network that this crate does
    /// not build: another architecture, experts, scaled positions other than YaRN; and for one part
    /// of a file that was split.
    pub fn from_gguf(file: &GgufFile<'_>) -> Result<Self, ConfigError> {
        let keys = Keys { file };
        keys.check_kind()?;

        let hidden_size = keys.size("llama.embedding_length")?;
        let n_heads = keys.size("llama.attention.head_count")?;
        let key_length = keys.size_if("llama.attention.key_length")?;
        let head_dim = match key_length {
            Some(head_dim) => head_dim,
            None if hidden_size.checked_rem(n_heads) == Some(0) => hidden_size / n_heads,
            None => {
                let (field, value) = ("llama.embedding_length", hidden_size);
                let of = n_heads;
                return Err(ConfigError::NotMultiple { field, value, of });
            }
        };
        let rows = |name| Some(*file.shape(name)?.first()?);
        let vocab_size = rows("token_embd.weight").ok_or(ConfigError::Missing {
            field: "token_embd.weight",
        })?;
        for (field, expected) in [
            ("llama.attention.value_length", head_dim),
            ("llama.rope.dimension_count", head_dim),
            ("llama.vocab_size", vocab_size),
        ] {
            match keys.size_if(field)? {
                Some(value) if value != expected => {
                    let value = value.to_string();
                    return Err(ConfigError::Unsupported { field, value });
                }
                _ => {}
            }
        }
        let config = Self {
            hidden_size,
            n_layers: keys.size("llama.block_count")?,
            n_heads,
            n_kv_heads: keys
                .size_if("llama.attention.head_count_kv")?
                .unwrap_or(n_heads),
            head_dim,
            ffn_dim: keys.size("llama.feed_forward_length")?,
            vocab_size,
            max_positions: keys.size("llama.context_length")?,
            rope_theta: keys.number("llama.rope.freq_base")?,
            rms_norm_eps: keys.number("llama.attention.layer_norm_rms_epsilon")?,
            tied: file.shape("output.weight").is_none(),
            yarn: keys.yarn()?,
        };
        config.validate()?;
        Ok(config)
    }
}

struct Keys<'f, 'a> {
    file: &'f GgufFile<'a>,
}

impl Keys<'_, '_> {
    fn check_kind(&self) -> Result<(), ConfigError> {
        let field = "general.architecture";
        match self.value(field) {
            None => return Err(ConfigError::Missing { field }),
            Some(GgufValue::Text(text)) if text == "llama" => {}
            Some(value) => return Err(unsupported(field, value)),
        }
        for (field, neutral) in NEUTRAL {
            if self.number_if(field)?.is_some_and(|value| value != neutral) {
                return Err(self.unsupported(field));
            }
        }
        Ok(())
    }

    fn yarn(&self) -> Result<Option<Yarn>, ConfigError> {
        let (kind, factor) = ("llama.rope.scaling.type", "llama.rope.scaling.factor");
        match self.value(kind) {
            Some(GgufValue::Text(text)) if text == "yarn" => {}
            Some(GgufValue::Text(text)) if text != "none" => return Err(self.unsupported(kind)),
            None | Some(GgufValue::Text(_)) => {
                return match self.number_if(factor)? {
                    Some(value) if value != 1.0 && value != 0.0 => Err(self.unsupported(factor)),
                    _ => Ok(None),
                };
            }
            Some(_) => return Err(self.unsupported(kind)),
        }
        let original = self.size("llama.rope.scaling.original_context_length")?;
        let usual = Yarn::new(self.number(factor)?, original);
        let beta_fast = self.number_if("llama.rope.scaling.yarn_beta_fast")?;
        let beta_slow = self.number_if("llama.rope.scaling.yarn_beta_slow")?;
        Ok(Some(Yarn {
            beta_fast: beta_fast.unwrap_or(usual.beta_fast),
            beta_slow: beta_slow.unwrap_or(usual.beta_slow),
            ..usual
        }))
    }

    fn value(&self, field: &str) -> Option<&GgufValue> {
        self.file.metadata().get(field)
    }

    fn size(&self, field: &'static str) -> Result<usize, ConfigError> {
        self.size_if(field)?.ok_or(ConfigError::Missing { field })
    }

    fn size_if(&self, field: &'static str) -> Result<Option<usize>, ConfigError> {
        match self.value(field) {
            None => Ok(None),
            Some(GgufValue::Integer(value)) => match usize::try_from(*value) {
                Ok(size) => Ok(Some(size)),
                Err(_) => Err(self.unsupported(field)),
            },
            Some(_) => Err(self.unsupported(field)),
        }
    }

    fn number(&self, field: &'static str) -> Result<f64, ConfigError> {
        self.number_if(field)?.ok_or(ConfigError::Missing { field })
    }

    /// A number as it was meant: of an `f32`, the shortest decimal that rounds to it, so that 1e-6
    /// is what a `config.json` says.
    fn number_if(&self, field: &'static str) -> Result<Option<f64>, ConfigError> {
        match self.value(field) {
            None => Ok(None),
            Some(GgufValue::Integer(value)) => Ok(Some(*value as f64)),
            Some(GgufValue::Float(value)) => {
                let narrow = *value as f32;
                let shortest = narrow.to_string().parse();
                let meant = match f64::from(narrow) == *value {
                    true => shortest.unwrap_or(*value),
                    false => *value,
                };
                Ok(Some(meant))
            }
            Some(_) => Err(self.unsupported(field)),
        }
    }

    fn unsupported(&self, field: &'static str) -> ConfigError {
        match self.value(field) {
            Some(value) => unsupported(field, value),
            None => ConfigError::Missing { field },
        }
    }
}

fn unsupported(field: &'static str, value: &GgufValue) -> ConfigError {
    let value = match value {
        GgufValue::Text(text) => text.chars().take(40).collect(),
        other => format!("{other:?}"),
    };
    ConfigError::Unsupported { field, value }
}
