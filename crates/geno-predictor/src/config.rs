//! The shape of a predictor.

use serde::{Deserialize, Serialize};

use crate::error::{ConfigError, MAX_COUNT, MAX_WIDTH, in_range, multiple_of};

/// Widths and layer counts of a [`Predictor`](crate::Predictor).
///
/// Fields left out of a file have the values of geno-lewm 0.2.1, which fixes most of them.
///
/// ```
/// use geno_predictor::PredictorConfig;
///
/// let config = PredictorConfig::new(1_024, 512);
/// assert_eq!((config.d_hidden, config.n_cross_layers, config.n_self_layers), (768, 4, 2));
/// assert_eq!(config.n_parameters(), 23_858_176);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PredictorConfig {
    /// Width of a state.
    pub d_state: usize,
    /// Width of an action.
    pub d_action: usize,
    /// Width of the tokens inside.
    #[serde(default = "d_hidden")]
    pub d_hidden: usize,
    /// Attention heads of every layer, which share `d_hidden`.
    #[serde(default = "n_heads")]
    pub n_heads: usize,
    /// Cross-attention blocks, by turns from state to actions and back.
    #[serde(default = "n_cross_layers")]
    pub n_cross_layers: usize,
    /// Self-attention blocks after them.
    #[serde(default = "n_self_layers")]
    pub n_self_layers: usize,
    /// Width inside the feed-forward networks.
    #[serde(default = "ffn_dim")]
    pub ffn_dim: usize,
    /// Most actions that one parallel forward pass takes.
    #[serde(default = "max_actions")]
    pub max_actions: usize,
}

fn d_hidden() -> usize {
    768
}

fn n_heads() -> usize {
    8
}

fn n_cross_layers() -> usize {
    4
}

fn n_self_layers() -> usize {
    2
}

fn ffn_dim() -> usize {
    768
}

fn max_actions() -> usize {
    16
}

impl PredictorConfig {
    /// The reference's network for states and actions of these widths.
    pub fn new(d_state: usize, d_action: usize) -> Self {
        Self {
            d_state,
            d_action,
            d_hidden: d_hidden(),
            n_heads: n_heads(),
            n_cross_layers: n_cross_layers(),
            n_self_layers: n_self_layers(),
            ffn_dim: ffn_dim(),
            max_actions: max_actions(),
        }
    }

    /// Checks that this describes a network.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the field: a value of zero or beyond any sensible size, or heads that
    /// do not divide `d_hidden`.
    pub fn validate(&self) -> Result<(), ConfigError> {
        in_range("d_state", self.d_state, MAX_WIDTH)?;
        in_range("d_action", self.d_action, MAX_WIDTH)?;
        in_range("d_hidden", self.d_hidden, MAX_WIDTH)?;
        in_range("ffn_dim", self.ffn_dim, MAX_WIDTH)?;
        in_range("n_heads", self.n_heads, MAX_COUNT)?;
        in_range("n_cross_layers", self.n_cross_layers, MAX_COUNT)?;
        in_range("n_self_layers", self.n_self_layers, MAX_COUNT)?;
        in_range("max_actions", self.max_actions, MAX_COUNT)?;
        multiple_of("d_hidden", self.d_hidden, self.n_heads)
    }

    /// How many numbers the network has to learn.
    ///
    /// With `h = d_hidden` and `f = ffn_dim`, a block has `4h(h+1) + f(h+1) + h(f+1) + 4h`, and
    /// `2h` more where queries and memory have norms of their own; the state's projection counts
    /// only when `d_state ≠ d_hidden`.
    pub fn n_parameters(&self) -> usize {
        let (h, f) = (self.d_hidden, self.ffn_dim);
        let linear = |from: usize, to: usize| (from + 1) * to;
        let norm = 2 * h;

        let state = if self.d_state == h {
            0
        } else {
            linear(self.d_state, h)
        };
        let embeddings = (2 + self.max_actions + 1) * h;
        let block = linear(h, 3 * h) + linear(h, h) + linear(h, f) + linear(f, h) + 2 * norm;
        let blocks = self.n_cross_layers + self.n_self_layers;
        let output = linear(h, h) + norm + linear(h, self.d_state);

        let memory_norms = self.n_cross_layers / 2 * norm;
        state + linear(self.d_action, h) + embeddings + blocks * block + memory_norms + output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_configurations_have_the_parameters_of_the_reference() {
        assert_eq!(PredictorConfig::new(1_024, 512).n_parameters(), 23_858_176);
        let first_experiment = PredictorConfig {
            n_cross_layers: 6,
            ..PredictorConfig::new(1_024, 64)
        };
        assert_eq!(first_experiment.n_parameters(), 30_608_896);
    }

    #[test]
    fn fields_left_out_have_the_values_of_the_reference() {
        let read = |text| serde_json::from_str::<PredictorConfig>(text);
        let config = read(r#"{"d_state": 64, "d_action": 32}"#).unwrap();
        assert_eq!(config, PredictorConfig::new(64, 32));
        assert!(read(r#"{"d_state": 64, "d_action": 32, "depth": 1}"#).is_err());
        assert!(read(r#"{"d_state": 64}"#).is_err());
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let config = PredictorConfig {
            n_heads: 7,
            ..PredictorConfig::new(8, 8)
        };
        let expected = ConfigError::NotAMultiple {
            field: "d_hidden",
            value: 768,
            divisor: 7,
        };
        assert_eq!(config.validate(), Err(expected));
        let config = PredictorConfig {
            max_actions: 0,
            ..PredictorConfig::new(8, 8)
        };
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .contains("`max_actions` is 0")
        );
        assert!(PredictorConfig::new(1 << 40, 8).validate().is_err());
    }
}
