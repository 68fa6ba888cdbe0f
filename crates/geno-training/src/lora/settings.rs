//! Which layers are adapted, and how far.

use std::{collections::BTreeSet, ops::Range};

use geno_core::{Coded, ErrorCode};
use geno_encoder::{AttentionLayer, CarbonConfig};
use serde::{Deserialize, Serialize};

/// Which layers are adapted, and how far.
///
/// # Examples
///
/// ```
/// use geno_encoder::AttentionLayer;
/// use geno_training::LoraSettings;
///
/// let settings = LoraSettings::default();
/// assert_eq!((settings.rank, settings.alpha, settings.layers), (16, 32., 8));
/// assert!(settings.targets.contains(&AttentionLayer::Query));
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoraSettings {
    /// Rank `r` of a change.
    pub rank: usize,
    /// `α`; a change is multiplied by `α / r`.
    pub alpha: f64,
    /// Blocks that are adapted: those just below the state layer, all of them if there are fewer.
    /// Blocks above it have no part in states.
    pub layers: usize,
    /// Layers of each such block that are adapted.
    pub targets: BTreeSet<AttentionLayer>,
}

impl Default for LoraSettings {
    fn default() -> Self {
        Self {
            rank: 16,
            alpha: 32.,
            layers: 8,
            targets: AttentionLayer::ALL.into(),
        }
    }
}

/// Why settings adapt nothing, or more than there is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoraSettingsError {
    /// A number that must be at least 1 is 0.
    #[error("{0} of the adapters is 0")]
    Zero(&'static str),
    /// The scale is no number, or does nothing.
    #[error("alpha of the adapters is {0}, which is not above 0")]
    Alpha(f64),
    /// No layer is named.
    #[error("no layer of a block is to be adapted")]
    NoTarget,
    /// A change of this rank is no smaller than the layer.
    #[error("rank of the adapters is {rank}, where a layer of the encoder has rank {largest}")]
    Rank {
        /// Of the settings.
        rank: usize,
        /// The rank that the smallest adapted layer can have.
        largest: usize,
    },
    /// States are the embeddings, which no block makes.
    #[error("no block is below state layer 0, so there is nothing to adapt")]
    NoBlock,
}

impl Coded for LoraSettingsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ConfigGeneric
    }
}

impl LoraSettings {
    /// What a change is multiplied by, `α / r`.
    pub fn scale(&self) -> f64 {
        self.alpha / self.rank as f64
    }

    /// The blocks that are adapted in an encoder whose states are its hidden state `state_layer`,
    /// counted from 0, the embeddings.
    ///
    /// # Errors
    ///
    /// [`LoraSettingsError`].
    pub fn blocks(
        &self,
        config: &CarbonConfig,
        state_layer: usize,
    ) -> Result<Range<usize>, LoraSettingsError> {
        let counts = [("rank", self.rank), ("number of blocks", self.layers)];
        if let Some((what, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(LoraSettingsError::Zero(what));
        }
        if !(self.alpha.is_finite() && self.alpha > 0.) {
            return Err(LoraSettingsError::Alpha(self.alpha));
        }
        let ranks = self.targets.iter().map(|&layer| {
            let [n_in, n_out] = shape(layer, config);
            n_in.min(n_out)
        });
        let rank = self.rank;
        match ranks.min() {
            None => Err(LoraSettingsError::NoTarget),
            Some(largest) if rank > largest => Err(LoraSettingsError::Rank { rank, largest }),
            Some(_) if state_layer == 0 => Err(LoraSettingsError::NoBlock),
            Some(_) => Ok(state_layer.saturating_sub(self.layers)..state_layer),
        }
    }
}

/// `n_in` and `n_out` of a layer.
pub(super) fn shape(layer: AttentionLayer, config: &CarbonConfig) -> [usize; 2] {
    let (d, q, kv) = (
        config.hidden_size,
        config.n_heads * config.head_dim,
        config.n_kv_heads * config.head_dim,
    );
    match layer {
        AttentionLayer::Query => [d, q],
        AttentionLayer::Key | AttentionLayer::Value => [d, kv],
        AttentionLayer::Output => [q, d],
    }
}
