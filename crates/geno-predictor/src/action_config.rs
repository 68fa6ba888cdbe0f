//! The shape of an action encoder.

use serde::{Deserialize, Serialize};

use crate::{
    error::{ConfigError, MAX_COUNT, MAX_WIDTH, MAX_WINDOW_BP, in_range, multiple_of},
    kmer::VOCABULARY,
};

/// Edit types that the type embedding has rows for; the last is never used.
pub(crate) const N_EDIT_TYPES: usize = 6;

/// Widths and layer counts of an [`ActionEncoder`](crate::ActionEncoder).
///
/// Fields left out of a file have the values of geno-lewm 0.2.1.
///
/// ```
/// use geno_predictor::ActionEncoderConfig;
///
/// assert_eq!(ActionEncoderConfig::new(512).n_parameters(), 2_598_656);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ActionEncoderConfig {
    /// Width of an action.
    pub d_action: usize,
    /// Width of the position features, even.
    #[serde(default = "d_pos")]
    pub d_pos: usize,
    /// Width of the edit type's embedding.
    #[serde(default = "d_type")]
    pub d_type: usize,
    /// Width of an allele's encoding; its 6-mer embeddings have this width or 128, if less.
    #[serde(default = "d_seq")]
    pub d_seq: usize,
    /// Attention heads of the allele encoder, which share `d_seq`.
    #[serde(default = "n_seq_heads")]
    pub n_seq_heads: usize,
    /// Layers of the allele encoder.
    #[serde(default = "n_seq_layers")]
    pub n_seq_layers: usize,
    /// Width inside the projection to an action.
    #[serde(default = "d_hidden")]
    pub d_hidden: usize,
    /// Positions are below this.
    #[serde(default = "max_window_bp")]
    pub max_window_bp: usize,
}

fn d_pos() -> usize {
    128
}

fn d_type() -> usize {
    64
}

fn d_seq() -> usize {
    256
}

fn n_seq_heads() -> usize {
    4
}

fn n_seq_layers() -> usize {
    2
}

fn d_hidden() -> usize {
    1_024
}

fn max_window_bp() -> usize {
    12_288
}

impl ActionEncoderConfig {
    /// The reference's network for actions of this width.
    pub fn new(d_action: usize) -> Self {
        Self {
            d_action,
            d_pos: d_pos(),
            d_type: d_type(),
            d_seq: d_seq(),
            n_seq_heads: n_seq_heads(),
            n_seq_layers: n_seq_layers(),
            d_hidden: d_hidden(),
            max_window_bp: max_window_bp(),
        }
    }

    /// Checks that this describes a network.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] names the field: a value of zero or beyond any sensible size, an odd
    /// `d_pos`, or heads that do not divide `d_seq`.
    pub fn validate(&self) -> Result<(), ConfigError> {
        in_range("d_action", self.d_action, MAX_WIDTH)?;
        in_range("d_pos", self.d_pos, MAX_WIDTH)?;
        in_range("d_type", self.d_type, MAX_WIDTH)?;
        in_range("d_seq", self.d_seq, MAX_WIDTH)?;
        in_range("d_hidden", self.d_hidden, MAX_WIDTH)?;
        in_range("n_seq_heads", self.n_seq_heads, MAX_COUNT)?;
        in_range("n_seq_layers", self.n_seq_layers, MAX_COUNT)?;
        in_range("max_window_bp", self.max_window_bp, MAX_WINDOW_BP)?;
        multiple_of("d_pos", self.d_pos, 2)?;
        multiple_of("d_seq", self.d_seq, self.n_seq_heads)
    }

    /// How many numbers the network has to learn.
    ///
    /// With `s = d_seq`, an allele layer has `6s(s+1) + 4s`; the projection of 6-mer embeddings
    /// counts only when `d_seq > 128`.
    pub fn n_parameters(&self) -> usize {
        let (s, token) = (self.d_seq, self.d_token());
        let linear = |from: usize, to: usize| (from + 1) * to;

        let embeddings = N_EDIT_TYPES * self.d_type + VOCABULARY * token;
        let widening = if token == s { 0 } else { linear(token, s) };
        let layer = linear(s, 3 * s) + 3 * linear(s, s) + 4 * s;
        let projection = linear(self.d_features(), self.d_hidden)
            + 2 * self.d_hidden
            + linear(self.d_hidden, self.d_action);
        self.d_action + embeddings + widening + self.n_seq_layers * layer + projection
    }

    /// Width of a 6-mer's embedding.
    pub(crate) fn d_token(&self) -> usize {
        self.d_seq.min(128)
    }

    /// Width of what is known of an edit before the projection.
    pub(crate) fn d_features(&self) -> usize {
        self.d_pos + self.d_type + 2 * self.d_seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_configurations_have_the_parameters_of_the_reference() {
        assert_eq!(ActionEncoderConfig::new(512).n_parameters(), 2_598_656);
        assert_eq!(ActionEncoderConfig::new(64).n_parameters(), 2_139_008);
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let field = |config: ActionEncoderConfig| match config.validate() {
            Err(
                ConfigError::OutOfRange { field, .. } | ConfigError::NotAMultiple { field, .. },
            ) => field,
            Ok(()) => "none",
        };
        let config = ActionEncoderConfig::new(8);
        assert_eq!(field(config.clone()), "none");
        assert_eq!(
            field(ActionEncoderConfig {
                d_pos: 7,
                ..config.clone()
            }),
            "d_pos"
        );
        assert_eq!(
            field(ActionEncoderConfig {
                d_seq: 6,
                ..config.clone()
            }),
            "d_seq"
        );
        assert_eq!(
            field(ActionEncoderConfig {
                max_window_bp: 0,
                ..config
            }),
            "max_window_bp"
        );
    }
}
