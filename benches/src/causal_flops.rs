//! How much arithmetic and memory a rollout of `causal_v2` needs at least.
//!
//! Counted are products of matrices, `2 · n_in · n_out` operations a row, and in attention four
//! operations a value of each token that a token sees. The state's token sees itself alone, so it
//! needs no query; after the last block only its keys and values are read.
//!
//! Left out as small beside these: norms, rotations, softmax and activations.

use geno_predictor::CausalConfig;

/// Operations of predicting the states along one haplotype, every token computed once.
pub(crate) fn rollout(config: &CausalConfig, n_edits: usize) -> u64 {
    let (h, f, k) = (
        config.d_hidden as u64,
        config.ffn_dim as u64,
        n_edits as u64,
    );
    let (d_state, d_action) = (config.d_state as u64, config.d_action as u64);
    let n_layers = config.n_layers as u64;
    let (map, feed_forward) = (2 * h * h, 4 * h * f);
    // Key, value, output map; of the last block the first two.
    let state = 2 * d_state * h + (n_layers - 1) * (3 * map + feed_forward) + 2 * map;
    // The edit `i`, from 1, sees the state and `i` edits.
    let seen = k + k * (k + 1) / 2;
    let edits = k * 2 * d_action * h + n_layers * (k * (4 * map + feed_forward) + 4 * h * seen);
    state + edits + k * (map + 2 * h * d_state)
}

/// Weights that one step multiplies with.
pub(crate) fn step_weights(config: &CausalConfig) -> u64 {
    let (h, f) = (config.d_hidden as u64, config.ffn_dim as u64);
    let (d_state, d_action) = (config.d_state as u64, config.d_action as u64);
    let block = 4 * h * h + 2 * h * f;
    d_action * h + config.n_layers as u64 * block + h * h + h * d_state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> CausalConfig {
        CausalConfig {
            d_hidden: 2,
            n_heads: 1,
            n_layers: 2,
            ffn_dim: 5,
            ..CausalConfig::new(3, 7)
        }
    }

    #[test]
    fn a_rollout_costs_what_a_count_by_hand_says() {
        let feed_forward = 2 * (2 * 5 + 5 * 2);
        let state = 2 * 3 * 2 + (3 * 8 + feed_forward) + 2 * 8;
        // Two edits in two blocks; they see 2 and 3 tokens.
        let edits = 2 * (2 * 7 * 2) + 2 * (2 * (4 * 8 + feed_forward) + 4 * 2 * (2 + 3));
        let read_out = 2 * (8 + 2 * 2 * 3);
        assert_eq!(rollout(&config(), 2), state + edits + read_out);
    }

    #[test]
    fn a_step_reads_what_an_edit_is_multiplied_with() {
        let block = 4 * 4 + 2 * 2 * 5;
        assert_eq!(step_weights(&config()), 7 * 2 + 2 * block + 4 + 2 * 3);
        // Biases, norms, types and the state's projection aside these are all there are.
        let config = CausalConfig::new(1_024, 64);
        let all = config.n_parameters() as u64 - 1_024 * 512;
        let share = step_weights(&config) as f64 / all as f64;
        assert!((0.99..1.).contains(&share), "{share}");
    }
}
