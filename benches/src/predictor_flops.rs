//! How much arithmetic a prediction needs at least.
//!
//! Counted are products of matrices, `2 · n_in · n_out` operations a row, and in attention two
//! operations a value of each score and each weighted sum. With one key a softmax is 1, so value and
//! output maps are one map and nothing else is needed; where the state is among the keys, scores
//! need only the actions' keys relative to its own. After the last block the state is not read.
//!
//! Left out as small beside these: the action encoder, norms, softmax and activations.

use geno_predictor::PredictorConfig;

/// Operations of predicting the states after `n_actions` edits of one window at once.
pub(crate) fn prediction(config: &PredictorConfig, n_actions: usize) -> u64 {
    operations(config, n_actions as u64, n_actions as u64)
}

/// Operations of predicting the state after the last of `n_actions` edits that are given at once.
pub(crate) fn last_prediction(config: &PredictorConfig, n_actions: usize) -> u64 {
    operations(config, n_actions as u64, 1)
}

/// Operations where so many of `k` actions are read at the end.
fn operations(config: &PredictorConfig, k: u64, n_read: u64) -> u64 {
    let (h, f) = (config.d_hidden as u64, config.ffn_dim as u64);
    let (d_state, d_action) = (config.d_state as u64, config.d_action as u64);
    let map = 2 * h * h;
    let feed_forward = 4 * h * f;
    // A score and a part of a sum for each action that is seen, and a part for the state.
    let mixed = |queries: u64, seen: u64| 4 * h * seen + 2 * h * queries;

    let state_looks = match k {
        1 => map,
        _ => (1 + 2 * k + 1) * map + 4 * h * k,
    } + feed_forward;
    // A query, an output and a feed-forward of each that looks; keys and values of all.
    let look = |queries: u64, seen| {
        (queries + k + (1 + k) + queries) * map + mixed(queries, seen) + queries * feed_forward
    };
    let causal = look(k, k * (k + 1) / 2);
    let all_look = (3 * (1 + k) + k) * map + mixed(1 + k, (1 + k) * k) + (1 + k) * feed_forward;

    let state = if d_state == h { 0 } else { 2 * d_state * h };
    let tokens = state + k * 2 * d_action * h;
    let (n_cross, n_self) = (config.n_cross_layers as u64, config.n_self_layers as u64);
    let cross = n_cross.div_ceil(2) * state_looks + n_cross / 2 * causal;
    let itself = (n_self - 1) * all_look + look(n_read, n_read * k);
    tokens + cross + itself + n_read * (map + 2 * h * d_state)
}

/// Weights that the prediction of one edit multiplies with.
pub(crate) fn step_weights(config: &PredictorConfig) -> u64 {
    let (h, f) = (config.d_hidden as u64, config.ffn_dim as u64);
    let (d_state, d_action) = (config.d_state as u64, config.d_action as u64);
    let (map, feed_forward) = (h * h, 2 * h * f);
    let state = if d_state == h { 0 } else { d_state * h };
    let (n_cross, n_self) = (config.n_cross_layers as u64, config.n_self_layers as u64);
    // With one key, value and output maps are one.
    let n_alone = n_cross.div_ceil(2);
    let blocks = n_cross + n_self;
    let n_maps = n_alone + 4 * (blocks - n_alone);
    state + d_action * h + n_maps * map + blocks * feed_forward + map + h * d_state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> PredictorConfig {
        PredictorConfig {
            d_hidden: 2,
            n_heads: 1,
            n_cross_layers: 3,
            n_self_layers: 2,
            ffn_dim: 5,
            ..PredictorConfig::new(3, 7)
        }
    }

    #[test]
    fn one_edit_costs_what_a_count_by_hand_says() {
        let feed_forward = 2 * (2 * 5 + 5 * 2);
        let state_looks = 2 * 4 + feed_forward;
        // A query, a key's difference, two values, an output; one score and two parts of a sum.
        let action_looks = 2 * (4 + 4 + 8 + 4) + 3 * 2 * 2 + feed_forward;
        // Two rows of everything but the key's difference.
        let all_look = 2 * (8 + 4 + 8 + 8) + 2 * 3 * 2 * 2 + 2 * feed_forward;
        let tokens = 2 * 3 * 2 + 2 * 7 * 2;
        let read_out = 2 * 2 * 2 + 2 * 2 * 3;
        let expected = tokens + 2 * state_looks + action_looks + all_look + action_looks + read_out;
        assert_eq!(prediction(&config(), 1), expected);
    }

    #[test]
    fn two_edits_cost_what_a_count_by_hand_says() {
        let feed_forward = 2 * (2 * 5 + 5 * 2);
        // One query and output, two keys and values; two scores and two parts of a sum.
        let state_looks = 2 * (4 + 8 + 8 + 4) + 4 * 2 * 2 + feed_forward;
        // Two queries, differences and outputs, three values; the first sees one action, the second
        // two, and both the state.
        let causal = 2 * (8 + 8 + 12 + 8) + 2 * 2 * (3 + 3 + 2) + 2 * feed_forward;
        let all_look = 2 * (12 + 8 + 12 + 12) + 2 * 2 * (6 + 6 + 3) + 3 * feed_forward;
        let last = 2 * (8 + 8 + 12 + 8) + 2 * 2 * (4 + 4 + 2) + 2 * feed_forward;
        let tokens = 2 * 3 * 2 + 2 * (2 * 7 * 2);
        let read_out = 2 * (2 * 2 * 2 + 2 * 2 * 3);
        let expected = tokens + 2 * state_looks + causal + all_look + last + read_out;
        assert_eq!(prediction(&config(), 2), expected);

        // Of the last block one query and output, and one state is read.
        let last_alone = 2 * (4 + 8 + 12 + 4) + 2 * 2 * (2 + 2 + 1) + feed_forward;
        let spared = last - last_alone + read_out / 2;
        assert_eq!(last_prediction(&config(), 2), expected - spared);
    }
    #[test]
    fn one_edit_multiplies_with_the_weights_counted_by_hand() {
        let feed_forward = 2 * 5 + 5 * 2;
        let tokens = 3 * 2 + 7 * 2;
        let maps = 4 + 4 + 4 * 4 + 2 * (4 * 4);
        let expected = tokens + maps + 5 * feed_forward + 4 + 2 * 3;
        assert_eq!(step_weights(&config()), expected);
    }
}
