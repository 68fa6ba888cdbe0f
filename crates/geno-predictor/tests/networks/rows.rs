//! A row's prediction does not depend on the batch around it or on the number of threads.

use burn::tensor::Tensor;
use geno_predictor::{Predictor, PredictorConfig, StatePredictor};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::{causal::random, golden::left_aligned, native::drawn};

const BATCHES: [usize; 5] = [1, 2, 3, 7, 64];

/// All predictions for a batch of the last `batch` of 70 rows, on so many threads.
fn predict(predictor: &Predictor, k: usize, batch: usize, threads: usize) -> Vec<Tensor<3>> {
    let PredictorConfig {
        d_state, d_action, ..
    } = *predictor.config();
    let lengths: Vec<usize> = (0..70).map(|i| 1 + i % k).collect();
    let last = 70 - batch;
    let state = random("state", [70, d_state]).narrow(0, last, batch);
    let actions = random("actions", [70, k, d_action]).narrow(0, last, batch);
    let mask = left_aligned(&lengths[last..], k);
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let first = actions.clone().narrow(1, 0, 1).squeeze_dim(1);
        vec![
            predictor.forward(state.clone(), actions.clone(), mask.clone()),
            predictor.predict_trajectory(state.clone(), actions, mask),
            predictor.predict_single(state, first).unsqueeze_dim(1),
        ]
    })
}

fn assert_rows_are_alone(config: &PredictorConfig, k: usize) {
    let (predictor, _) = drawn(config);
    let all = predict(&predictor, k, 70, 2);
    for threads in [1, 2] {
        for batch in BATCHES {
            let some = predict(&predictor, k, batch, threads);
            for (some, all) in some.into_iter().zip(&all) {
                let expected = all.clone().narrow(0, 70 - batch, batch).into_data();
                some.into_data().assert_eq(&expected, true);
            }
        }
    }
}

#[test]
fn rows_are_alone_at_the_reference_widths() {
    let config = PredictorConfig {
        n_cross_layers: 2,
        n_self_layers: 1,
        ..PredictorConfig::new(1_024, 64)
    };
    assert_rows_are_alone(&config, 1);
    assert_rows_are_alone(&config, 3);
}

#[test]
fn rows_are_alone_with_a_narrow_state() {
    let config = PredictorConfig {
        n_cross_layers: 2,
        n_self_layers: 1,
        ..PredictorConfig::new(64, 32)
    };
    assert_rows_are_alone(&config, 1);
    assert_rows_are_alone(&config, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rows_are_alone_in_any_small_network(
        d_state in 2usize..40,
        d_action in 2usize..40,
        n_heads in 1usize..4,
        d_head in 1usize..12,
        ffn_dim in 2usize..40,
        k in 1usize..6,
    ) {
        let d_hidden = (n_heads * d_head).max(2 * n_heads);
        let config = PredictorConfig { d_hidden, n_heads, ffn_dim, ..PredictorConfig::new(d_state, d_action) };
        assert_rows_are_alone(&config, k);
    }
}
