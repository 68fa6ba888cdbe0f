//! The shape of a causal predictor.

use serde::{Deserialize, Serialize};

use crate::error::{ConfigError, MAX_COUNT, MAX_WIDTH, in_range, multiple_of};

/// How a [`CausalPredictor`](crate::CausalPredictor) tells the order of edits.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepPositions {
    /// Queries and keys are rotated by their step, so there may be any number of edits.
    #[default]
    Rope,
    /// A learned vector is added for each step, up to `max_edits`.
    Learned,
}

/// Widths and layer counts of a [`CausalPredictor`](crate::CausalPredictor).
///
/// ```
/// use geno_predictor::CausalConfig;
///
/// let config = CausalConfig::new(1_024, 256);
/// assert_eq!((config.d_hidden, config.n_layers, config.ffn_dim), (512, 4, 2_048));
/// assert_eq!(config.n_parameters(), 14_056_960);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CausalConfig {
    /// Width of a state.
    pub d_state: usize,
    /// Width of an action.
    pub d_action: usize,
    /// Width of the tokens inside.
    #[serde(default = "d_hidden")]
    pub d_hidden: usize,
    /// Attention heads of every block, which share `d_hidden`.
    #[serde(default = "n_heads")]
    pub n_heads: usize,
    /// Blocks.
    #[serde(default = "n_layers")]
    pub n_layers: usize,
    /// Width inside the feed-forward networks.
    #[serde(default = "ffn_dim")]
    pub ffn_dim: usize,
    /// How the order of edits is told.
    #[serde(default)]
    pub positions: StepPositions,
    /// Most edits of a haplotype, where positions are learned.
    #[serde(default = "max_edits")]
    pub max_edits: usize,
}

fn d_hidden() -> usize {
    512
}

fn n_heads() -> usize {
    8
}

fn n_layers() -> usize {
    4
}

fn ffn_dim() -> usize {
    2_048
}

fn max_edits() -> usize {
    32
}

impl CausalConfig {
    /// The default network for states and actions of these widths.
    pub fn new(d_state: usize, d_action: usize) -> Self {
        Self {
            d_state,
            d_action,
            d_hidden: d_hidden(),
            n_heads: n_heads(),
            n_layers: n_layers(),
            ffn_dim: ffn_dim(),
            positions: StepPositions::default(),
            max_edits: max_edits(),
        }
    }

    /// Checks that this describes a network.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the field: a value of zero or beyond any sensible size, or heads that
    /// do not divide `d_hidden` into even widths.
    pub fn validate(&self) -> Result<(), ConfigError> {
        in_range("d_state", self.d_state, MAX_WIDTH)?;
        in_range("d_action", self.d_action, MAX_WIDTH)?;
        in_range("d_hidden", self.d_hidden, MAX_WIDTH)?;
        in_range("ffn_dim", self.ffn_dim, MAX_WIDTH)?;
        in_range("n_heads", self.n_heads, MAX_COUNT)?;
        in_range("n_layers", self.n_layers, MAX_COUNT)?;
        in_range("max_edits", self.max_edits, MAX_COUNT)?;
        multiple_of("d_hidden", self.d_hidden, 2 * self.n_heads)
    }

    /// How many numbers the network has to learn.
    ///
    /// With `h = d_hidden` and `f = ffn_dim`, a block has `4h(h+1) + f(h+1) + h(f+1) + 4h`; around
    /// them stand the two projections into `h`, two token types, learned positions if there are any,
    /// and the read-out with two norms.
    pub fn n_parameters(&self) -> usize {
        let (h, f) = (self.d_hidden, self.ffn_dim);
        let linear = |from: usize, to: usize| (from + 1) * to;
        let norm = 2 * h;

        let tokens = linear(self.d_state, h) + linear(self.d_action, h) + 2 * h;
        let positions = self.limit().map_or(0, |n| (n + 1) * h);
        let block = linear(h, 3 * h) + linear(h, h) + linear(h, f) + linear(f, h) + 2 * norm;
        let read_out = 2 * norm + linear(h, h) + linear(h, self.d_state);
        tokens + positions + self.n_layers * block + read_out
    }

    /// Most edits of a row, if there is a limit.
    pub fn limit(&self) -> Option<usize> {
        match self.positions {
            StepPositions::Rope => None,
            StepPositions::Learned => Some(self.max_edits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_left_out_have_their_defaults() {
        let read = |text| serde_json::from_str::<CausalConfig>(text);
        let config = read(r#"{"d_state": 64, "d_action": 32, "positions": "learned"}"#).unwrap();
        let expected = CausalConfig {
            positions: StepPositions::Learned,
            ..CausalConfig::new(64, 32)
        };
        assert_eq!(config, expected);
        assert_eq!(
            (config.limit(), CausalConfig::new(1, 1).limit()),
            (Some(32), None)
        );
        assert!(read(r#"{"d_state": 64, "d_action": 32, "depth": 1}"#).is_err());
    }

    #[test]
    fn heads_are_of_even_width() {
        let config = CausalConfig {
            d_hidden: 24,
            n_heads: 8,
            ..CausalConfig::new(8, 8)
        };
        let expected = ConfigError::NotAMultiple {
            field: "d_hidden",
            value: 24,
            divisor: 16,
        };
        assert_eq!(config.validate(), Err(expected));
    }
}
