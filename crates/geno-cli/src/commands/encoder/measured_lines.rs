//! A measured error in words.

use geno_runtime::{MeasuredError, MeasuredSettings, ScoreError, StateError};

/// The lines that tell a measured error.
pub(super) fn lines(measured: &MeasuredError) -> Vec<String> {
    let MeasuredError {
        dtype,
        against,
        settings,
        n_windows,
        seed,
        kernel,
        max_state_error,
        ..
    } = measured;
    let MeasuredSettings {
        state_layer,
        pool_type,
        pool_radius,
        contract,
        window_bp,
    } = settings;
    let StateError {
        n,
        max,
        p95,
        median,
        max_cosine,
    } = &measured.states;
    let mut lines = vec![
        format!(
            "{dtype} against {against} on {n_windows} windows of {window_bp} bases, seed {seed}, \
             {kernel}"
        ),
        format!("layer {state_layer}, {pool_type} of radius {pool_radius}, {contract}"),
        format!(
            "{n} states: error {max:.3e} at most (bound {max_state_error}), 95 % within {p95:.3e}, \
             median {median:.3e}, cosine distance {max_cosine:.3e} at most"
        ),
    ];
    if let Some(ScoreError {
        n,
        max,
        mean,
        rank_correlation,
    }) = &measured.scores
    {
        lines.push(format!(
            "{n} scores: error {max:.3e} at most, mean {mean:.3e}, rank correlation \
             {rank_correlation:.4}"
        ));
    }
    lines
}
