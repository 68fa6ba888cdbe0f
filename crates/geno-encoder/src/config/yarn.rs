//! Rotary positions stretched for long windows.

use super::{ConfigError, MAX_SIZE};

/// YaRN: slow rotations are slowed by `factor`, fast ones stay, those between are mixed, and
/// attention is sharpened.
///
/// Names are those of Hugging Face's `rope_scaling`. `factor` is what it says, whatever the ratio of
/// `max_position_embeddings` to `original_max_position_embeddings` is.
///
/// ```
/// let yarn = geno_encoder::Yarn::new(4.0, 32_768);
/// assert!((yarn.attention_factor - 1.138_629_436).abs() < 1e-9);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Yarn {
    /// How many times longer windows may be than those of the training.
    pub factor: f64,
    /// Longest sequence of the training, in tokens (`original_max_position_embeddings`).
    pub original_max_positions: usize,
    /// Scales cosines and sines; `0.1 · ln(factor) + 1` unless the file says otherwise.
    pub attention_factor: f64,
    /// Rotations that turn at least this often over the original length stay as they are.
    pub beta_fast: f64,
    /// Rotations that turn at most this often over the original length are slowed by `factor`.
    pub beta_slow: f64,
}

impl Yarn {
    /// The usual settings for a factor.
    pub fn new(factor: f64, original_max_positions: usize) -> Self {
        Self {
            factor,
            original_max_positions,
            attention_factor: 0.1 * factor.ln() + 1.0,
            beta_fast: 32.0,
            beta_slow: 1.0,
        }
    }

    pub(super) fn validate(&self, rope_theta: f64) -> Result<(), ConfigError> {
        let original = self.original_max_positions;
        if original == 0 || original > MAX_SIZE {
            return Err(ConfigError::Size {
                field: "original_max_position_embeddings",
                value: original,
            });
        }
        for (field, value) in [
            ("attention_factor", self.attention_factor),
            ("beta_fast", self.beta_fast),
            ("beta_slow", self.beta_slow),
        ] {
            if !(value.is_finite() && value > 0.0) {
                return Err(ConfigError::NotPositive { field, value });
            }
        }
        for (field, value, least) in [
            ("factor", self.factor, 1.0),
            ("beta_fast", self.beta_fast, self.beta_slow),
        ] {
            if !(value.is_finite() && value >= least) {
                return Err(ConfigError::TooSmall {
                    field,
                    value,
                    least,
                });
            }
        }
        if rope_theta <= 1.0 {
            let (field, value) = ("rope_theta", rope_theta.to_string());
            return Err(ConfigError::Unsupported { field, value });
        }
        Ok(())
    }
}
