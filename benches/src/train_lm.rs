//! A step of training a small language model: loss, gradients, AdamW.

use anyhow::Result;
use burn::tensor::{Device, Int, Tensor, TensorData};
use geno_core::{Dtype, RandomStream};
use geno_encoder::{CarbonConfig, DnaTokenizer};
use geno_training::{LanguageModel, Objective};

use crate::{
    line::Line, machine::Machine, options::Options, shape::Shape, timings::Timings, torch,
    training::Training,
};

/// Windows of a batch.
const WINDOWS: usize = 16;
/// Tokens of each that are predicted.
const PREDICTED: usize = 256;

/// A step for each objective.
///
/// # Errors
///
/// If the device, or PyTorch, fails.
pub(crate) fn measure(options: &Options, machine: &Machine) -> Result<[Line; 2]> {
    let config = Shape::Nano.config();
    Ok([
        line(options, machine, &config, Objective::CrossEntropy)?,
        line(options, machine, &config, Objective::FactorisedNucleotides)?,
    ])
}

fn line(
    options: &Options,
    machine: &Machine,
    config: &CarbonConfig,
    objective: Objective,
) -> Result<Line> {
    let device = machine.device().clone().autodiff();
    let mut stream = RandomStream::new(0, "bench/train-lm");
    let model = LanguageModel::draw(config, &mut stream, &device)?;
    let mut training = Training::new(model.parameters(), model);
    let tokens = tokens(&mut stream, &device);
    let timings = Timings::of(options.repeats, || {
        let loss = training.model.loss(tokens.clone(), objective);
        training.step(loss);
        device.sync()?;
        Ok(())
    })?;

    let flops = step_flops(config);
    let (floor, why) = machine.matrix_floor((Dtype::F32, flops), (Dtype::F32, 0))?;
    let name = match objective {
        Objective::CrossEntropy => "cross-entropy",
        Objective::FactorisedNucleotides => "factorised nucleotides",
    };
    let work = format!("{WINDOWS} windows of {PREDICTED} tokens, {name}, AdamW");
    let peer = match (&options.torch, objective) {
        (Some(python), Objective::CrossEntropy) => Some(torch::train_lm(
            python,
            config,
            [WINDOWS, PREDICTED],
            options.repeats,
        )?),
        _ => None,
    };
    Ok(Line::new("train-lm", work, &timings)
        .with("dtype", "fp32")
        .with("backend", machine.backend.as_str())
        .items((WINDOWS * PREDICTED) as u64)
        .flops(flops)
        .floor(floor, why)
        .peer(peer))
}

/// `<dna>` and random 6-mers.
fn tokens(stream: &mut RandomStream, device: &Device) -> Tensor<2, Int> {
    let kmers = (DnaTokenizer::N_ROWS - DnaTokenizer::N_TAGS) as u64;
    let len = PREDICTED + 1;
    let rows: Vec<i32> = (0..WINDOWS * len)
        .map(|i| match i % len {
            0 => 0,
            _ => DnaTokenizer::N_TAGS as i32 + stream.below(kmers) as i32,
        })
        .collect();
    Tensor::from_data(TensorData::new(rows, [WINDOWS, len]), device)
}

/// Products of matrices of a step, counted as in [`flops`](crate::flops): those of the loss, and two
/// for each of them on the way back.
fn step_flops(config: &CarbonConfig) -> u64 {
    let (d, ffn) = (config.hidden_size, config.ffn_dim);
    let [q, kv] = [config.n_heads, config.n_kv_heads].map(|n| n * config.head_dim);
    let first = DnaTokenizer::carbon().dna_start_id() as usize;
    let layer = d * (q + 2 * kv) + q * d + 3 * d * ffn;
    let matrices = config.n_layers * layer + d * (config.vocab_size - first);
    // A token sees itself and those before it.
    let seen = PREDICTED.div_ceil(2);
    let attention = config.n_layers * 2 * q * seen;
    (3 * 2 * WINDOWS * PREDICTED * (matrices + attention)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_takes_six_operations_a_weight_and_token_and_as_many_a_score() {
        // 6 layers of 196,608 weights, 525,696 of the output layer; 196,608 scores and mixes a token.
        let weights = 6 * 196_608 + 525_696;
        let scores = 6 * 2 * 128 * 128;
        let expected = 6 * 4_096 * (weights + scores);
        assert_eq!(step_flops(&Shape::Nano.config()), expected);
    }
}
