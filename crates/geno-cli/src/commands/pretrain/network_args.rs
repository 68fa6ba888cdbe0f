//! The sizes of the network.

use std::{fs, num::NonZeroUsize, path::PathBuf};

use geno_encoder::{CarbonConfig, DnaTokenizer};

use crate::failure::{Failure, ReadError};

/// Rows of Carbon's vocabulary after its 6-mers.
const SPARE_ROWS: usize = 8;

#[derive(clap::Args)]
#[command(next_help_heading = "Network")]
pub(super) struct NetworkArgs {
    /// Sizes from the `config.json` of a checkpoint of Carbon's layout
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "hidden_size", "layers", "heads", "kv_heads", "ffn_dim", "tied", "rope_theta",
            "max_positions",
        ]
    )]
    encoder_config: Option<PathBuf>,

    /// Width of a state
    #[arg(long, value_name = "N", default_value_t = 128)]
    hidden_size: usize,

    /// Blocks
    #[arg(long, value_name = "N", default_value_t = 6)]
    layers: usize,

    /// Heads of queries; each has its share of the width
    #[arg(long, value_name = "N", default_value = "4")]
    heads: NonZeroUsize,

    /// Heads of keys and values
    #[arg(long, value_name = "N", default_value_t = 2)]
    kv_heads: usize,

    /// Width of the gated layers
    #[arg(long, value_name = "N", default_value_t = 384)]
    ffn_dim: usize,

    /// Use the embedding as the output layer, too
    #[arg(long)]
    tied: bool,

    /// Base of the rotary frequencies
    #[arg(long, value_name = "X", default_value_t = 10_000.0)]
    rope_theta: f64,

    /// Longest sequence that the encoder takes, in tokens with both tags [default: that of training]
    #[arg(long, value_name = "N")]
    max_positions: Option<usize>,
}

impl NetworkArgs {
    /// The network, for windows of so many 6-mers.
    pub(super) fn config(&self, n_tokens: NonZeroUsize) -> Result<CarbonConfig, Failure> {
        if let Some(path) = &self.encoder_config {
            let json = fs::read(path).map_err(|source| ReadError {
                path: path.clone(),
                source,
            })?;
            return Ok(CarbonConfig::from_json(&json)?);
        }
        let first = DnaTokenizer::carbon().dna_start_id() as usize;
        let config = CarbonConfig {
            hidden_size: self.hidden_size,
            n_layers: self.layers,
            n_heads: self.heads.get(),
            n_kv_heads: self.kv_heads,
            head_dim: self.hidden_size / self.heads,
            ffn_dim: self.ffn_dim,
            vocab_size: first + DnaTokenizer::N_ROWS + SPARE_ROWS,
            max_positions: self
                .max_positions
                .unwrap_or(n_tokens.get().saturating_add(2)),
            rope_theta: self.rope_theta,
            rms_norm_eps: 1e-6,
            tied: self.tied,
            yarn: None,
        };
        config.validate()?;
        Ok(config)
    }
}
