//! What states are, and what they were drawn from.

mod tuples;

use std::collections::BTreeMap;

use geno_core::{Digest, Dtype, Layout, PoolType, StateContract};
use serde::{Deserialize, Serialize};

pub use self::tuples::TuplesIdentity;

/// All that the bytes of a folder of targets depend on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TargetIdentity {
    /// What the states are. States that agree in it may be trained on together.
    pub states: StatesIdentity,
    /// What they were drawn from.
    pub drawn: DrawnIdentity,
}

/// What made states of windows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatesIdentity {
    /// The encoder.
    pub encoder: EncoderDigests,
    /// The hidden state that is pooled, counted from 0, the embeddings.
    pub state_layer: usize,
    /// Which rows are pooled.
    pub pool_type: PoolType,
    /// Reach of the pool, in tokens; 0 where the pool has none.
    pub pool_radius: usize,
    /// The rules of centring, clipping and normalising.
    pub state_contract: StateContract,
    /// The number format of the model.
    pub dtype: Dtype,
    /// The number format in which matrices were multiplied.
    pub products: Dtype,
    /// What computed: it may change last bits.
    pub kernel: String,
    /// Width of a state.
    pub d_state: usize,
}

/// The files of an encoder.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderDigests {
    /// The weights, as a manifest holds their digest.
    pub weights: Digest,
    /// `config.json`; none where the weights hold their own.
    pub config: Option<Digest>,
    /// `dna_config.json`, alike.
    pub dna_config: Option<Digest>,
}

/// What examples were drawn from, and how.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnIdentity {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// Which window an example has.
    pub windows: TargetWindows,
    /// Windows that were drawn from.
    pub n_windows: u32,
    /// The digest of the first and the last of them.
    pub windows_digest: Digest,
    /// Windows of one part.
    pub part_windows: u32,
    /// Largest share of unknown bases in the window of an example.
    pub max_unknown: f64,
    /// Whether a window is left out that holds the place of a held-out variant.
    pub excludes_windows_of_variants: bool,
    /// The tokens of which all substitutions were drawn.
    pub tokens: Option<TokenSettings>,
    /// The tuples.
    pub tuples: Option<TuplesIdentity>,
    /// Files that were drawn from or held out, by what they are.
    pub inputs: BTreeMap<String, Digest>,
}

/// Which window an example has.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetWindows {
    /// The one in which scoring would take its first edit: of [`Layout::Centered`] a window with that
    /// edit at its centre, of [`Layout::Grid`] that of the edit's cell.
    Laid {
        /// How windows are laid.
        layout: Layout,
        /// Bases of a window; of [`Layout::Grid`], of two cells.
        window_bp: u64,
    },
    /// The one that it was drawn from.
    AsDrawn,
}

/// Tokens of which all substitutions are drawn.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// Tokens of each window.
    pub per_window: u32,
    /// Bases at either end of a window that no token is drawn from.
    pub margin: u64,
}
