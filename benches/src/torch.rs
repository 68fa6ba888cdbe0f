//! The same work in PyTorch, in the same run.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use geno_encoder::{CarbonConfig, DnaTokenizer};
use geno_predictor::CausalConfig;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::peer::{Comparison, PeerRun};

/// What a script of ours in Python writes.
#[derive(Deserialize)]
struct Written {
    /// Sorted.
    seconds: Vec<f64>,
    threads: u64,
    version: String,
}

/// A step of training a language model of these sizes, with as many threads as this run has.
///
/// # Errors
///
/// If there is no such Python, or it has no PyTorch.
pub(crate) fn train_lm(
    python: &Path,
    config: &CarbonConfig,
    [windows, predicted]: [usize; 2],
    repeats: usize,
) -> Result<Comparison> {
    let first = DnaTokenizer::carbon().dna_start_id() as usize;
    let work = json!({
        "hidden": config.hidden_size,
        "layers": config.n_layers,
        "heads": config.n_heads,
        "kv_heads": config.n_kv_heads,
        "head_dim": config.head_dim,
        "ffn": config.ffn_dim,
        "rows": config.vocab_size - first,
        "theta": config.rope_theta,
        "epsilon": config.rms_norm_eps,
        "windows": windows,
        "predicted": predicted,
        "repeats": repeats,
        "threads": rayon::current_num_threads(),
    });
    let script = concat!(
        include_str!("torch/train_lm.py"),
        include_str!("torch/timing.py")
    );
    time(python, script, &work, windows * predicted)
}

/// A step of training `causal_v2`, with as many threads as this run has.
///
/// # Errors
///
/// As [`train_lm`].
pub(crate) fn train_predictor(
    python: &Path,
    config: &CausalConfig,
    [batch, edits]: [usize; 2],
    repeats: usize,
) -> Result<Comparison> {
    let work = json!({
        "d_state": config.d_state,
        "d_action": config.d_action,
        "d_hidden": config.d_hidden,
        "heads": config.n_heads,
        "ffn": config.ffn_dim,
        "layers": config.n_layers,
        "batch": batch,
        "edits": edits,
        "repeats": repeats,
        "threads": rayon::current_num_threads(),
    });
    let script = concat!(
        include_str!("torch/train_predictor.py"),
        include_str!("torch/timing.py")
    );
    time(python, script, &work, batch * edits)
}

/// Runs a script on some work of so many items.
fn time(python: &Path, script: &str, work: &Value, items: usize) -> Result<Comparison> {
    let output = Command::new(python)
        .args(["-c", script, &work.to_string()])
        .output()
        .with_context(|| format!("cannot run `{}`", python.display()))?;
    ensure!(
        output.status.success(),
        "PyTorch failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut written: Written = serde_json::from_slice(&output.stdout)?;
    written.seconds.sort_by(f64::total_cmp);
    let median = written.seconds[written.seconds.len() / 2];
    let items = items as u64;
    Ok(Comparison::Same(PeerRun {
        seconds_per_item: median / items as f64,
        items,
        threads: written.threads,
        contract: None,
        machine: Some(format!("PyTorch {}", written.version)),
    }))
}
