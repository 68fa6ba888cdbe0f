//! A step of training `causal_v2`: loss, gradients, AdamW.

use std::hint::black_box;

use anyhow::Result;
use burn::{
    optim::GradientsParams,
    tensor::{Bool, Device, Tensor, TensorData},
};
use geno_core::{Dtype, RandomStream};
use geno_predictor::{CausalConfig, CausalPredictor, Network, residual_loss};
use geno_training::{AdamW, AdamWSettings};
use rand::RngExt;

use crate::{
    causal_flops, line::Line, machine::Machine, options::Options, timings::Timings, torch,
};

/// Haplotypes of a step.
const BATCH: usize = 256;
/// Edits of each.
const EDITS: usize = 4;
const LEARNING_RATE: f64 = 1e-3;

/// # Errors
///
/// If the device, or PyTorch, fails.
pub(crate) fn measure(options: &Options, machine: &Machine) -> Result<Line> {
    let config = config();
    let device = machine.device().clone().autodiff();
    let mut stream = RandomStream::new(0, "bench/train-predictor");
    let mut model = CausalPredictor::init(&config, &mut stream, &device)?;
    let names = model.parameters();
    let mut optimizer = AdamW::new(AdamWSettings::default());
    let mut random = |shape| uniform(shape, &mut stream, &device);
    let source = random([BATCH, 1, config.d_state]).squeeze_dim::<2>(1);
    let actions = random([BATCH, EDITS, config.d_action]);
    let target = random([BATCH, EDITS, config.d_state]);
    let mask = Tensor::<2, Bool>::full([BATCH, EDITS], true, &device);
    let timings = Timings::of(options.repeats, || {
        let predicted = model.forward(source.clone(), actions.clone(), mask.clone());
        let loss = residual_loss(predicted, target.clone(), source.clone(), mask.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let (moved, norm) = optimizer.step(LEARNING_RATE, model.clone(), &names, gradients);
        model = moved;
        black_box(norm);
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

/// Rows of about length 1, as states are.
fn uniform(shape: [usize; 3], stream: &mut RandomStream, device: &Device) -> Tensor<3> {
    let width = (3. / shape[2] as f32).sqrt();
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| stream.random_range(-width..width))
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
