//! The shape of encoders that are small enough for tests.

use geno_encoder::CarbonConfig;

/// Four heads on two of keys, over the vocabulary of published checkpoints.
pub(crate) fn tiny_config(n_layers: usize) -> CarbonConfig {
    CarbonConfig {
        hidden_size: 24,
        n_layers,
        n_heads: 4,
        n_kv_heads: 2,
        head_dim: 6,
        ffn_dim: 40,
        vocab_size: 155_776,
        max_positions: 512,
        rope_theta: 10_000.0,
        rms_norm_eps: 1e-6,
        tied: true,
        yarn: None,
    }
}
