//! A step of training `causal_v2`: loss, gradients, AdamW.

use anyhow::Result;
use geno_core::{Dtype, RandomStream};
use geno_predictor::{CausalConfig, CausalPredictor, Network, residual_loss};
use geno_training::SMALLEST_CHANGE;

use crate::{
    causal_flops, haplotypes::Haplotypes, line::Line, machine::Machine, options::Options,
    timings::Timings, torch, training::Training,
};

/// Haplotypes of a step.
const BATCH: usize = 256;
/// Edits of each.
const EDITS: usize = 4;

/// # Errors
///
/// If the device, or PyTorch, fails.
pub(crate) fn measure(options: &Options, machine: &Machine) -> Result<Line> {
    let config = config();
    let device = machine.device().clone().autodiff();
    let mut stream = RandomStream::new(0, "bench/train-predictor");
    let model = CausalPredictor::init(&config, &mut stream, &device)?;
    let mut training = Training::new(model.parameters(), model);
    let [d_state, d_action] = [config.d_state, config.d_action];
    let Haplotypes {
        state: source,
        actions,
        present: mask,
    } = Haplotypes::random([BATCH, EDITS], d_state, d_action, &device);
    // Where they go, as random as the actions.
    let target = Haplotypes::random([BATCH, EDITS], 1, d_state, &device).actions;
    let timings = Timings::of(options.repeats, || {
        let predicted = training
            .model
            .forward(source.clone(), actions.clone(), mask.clone());
        let loss = residual_loss(
            predicted,
            target.clone(),
            source.clone(),
            mask.clone(),
            SMALLEST_CHANGE,
        );
        training.step(loss);
        device.sync()?;
        Ok(())
    })?;

    // Two products on the way back for each on the way there.
    let flops = 3 * BATCH as u64 * causal_flops::rollout(&config, EDITS);
    let (floor, why) = machine.matrix_floor((Dtype::F32, flops), (Dtype::F32, 0))?;
    let peer = options
        .torch
        .as_deref()
        .map(|python| torch::train_predictor(python, &config, [BATCH, EDITS], options.repeats))
        .transpose()?;
    let work = format!("{BATCH} haplotypes of {EDITS} edits, causal_v2 of width 256, AdamW");
    Ok(Line::new("train-predictor", work, &timings)
        .with("dtype", "fp32")
        .with("backend", machine.backend.as_str())
        .items((BATCH * EDITS) as u64)
        .flops(flops)
        .floor(floor, why)
        .peer(peer))
}

fn config() -> CausalConfig {
    CausalConfig {
        d_hidden: 256,
        n_heads: 8,
        n_layers: 4,
        ffn_dim: 1_024,
        ..CausalConfig::new(256, 256)
    }
}
