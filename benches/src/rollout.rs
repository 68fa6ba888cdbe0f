//! Haplotypes edit by edit: `cross_attention_v1` each state from the one before it, and `causal_v2`
//! with what it keeps of the edits before.

use std::hint::black_box;

use anyhow::Result;
use burn::tensor::{Device, Tensor};
use geno_core::{Dtype, RandomStream};
use geno_kernels::Kernel;
use geno_predictor::{
    CausalConfig, CausalPredictor, NativeCausalPredictor, Network, StatePredictor,
};
use geno_runtime::{Backend, BackendChoice};
use geno_weights::{WeightFile, write_weights};

use crate::{
    causal_flops,
    haplotypes::Haplotypes,
    line::Line,
    machine::Machine,
    networks::Networks,
    options::Options,
    peer::{Peer, Work, compare},
    predictor_flops::{prediction, step_weights},
    timings::Timings,
};

/// Edits of a haplotype.
const EDITS: usize = 20;

/// Edits of a short one. Releases report the speed of both, with one haplotype and a cache.
const FEW_EDITS: usize = 5;

/// Haplotypes side by side.
const BATCH: usize = 64;

/// Bytes of an `f32`.
const F32: u64 = 4;

/// One haplotype of `cross_attention_v1`, then `causal_v2` with one and with many.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    networks: &Networks,
    peers: &[Peer],
) -> Result<[Line; 4]> {
    Ok([
        stepwise(options, machine, networks, peers)?,
        cached(options, machine, networks, [1, FEW_EDITS])?,
        cached(options, machine, networks, [1, EDITS])?,
        cached(options, machine, networks, [BATCH, EDITS])?,
    ])
}

/// Every step a whole prediction, which reads all weights that it needs from memory.
fn stepwise(
    options: &Options,
    machine: &Machine,
    networks: &Networks,
    peers: &[Peer],
) -> Result<Line> {
    let (predictor, device) = networks.predictor(machine)?;
    let config = &networks.config;
    let input = Haplotypes::random([1, EDITS], config.d_state, config.d_action, &device);
    let timings = Timings::of(options.repeats, || {
        let (state, actions) = (input.state.clone(), input.actions.clone());
        let states = predictor.predict_trajectory(state, actions, input.present.clone());
        black_box(states.into_data());
        Ok(())
    })?;
    let n_steps = EDITS as u64;
    let width = match networks.dtype {
        Dtype::Bf16 => 2,
        _ => F32,
    };
    let flops = n_steps * prediction(config, 1);
    let bytes = n_steps * width * step_weights(config);
    let compared = Work::Rollout {
        shape: networks.shape_name().to_owned(),
        dtype: networks.dtype.to_string(),
        n_edits: EDITS,
        batch: 1,
    };
    let work = format!("{EDITS} edits of one haplotype, cross_attention_v1");
    let line = Line::new("rollout", work, &timings)
        .with("shape", networks.shape_name())
        .with("predictor_dtype", networks.dtype.as_str())
        .with("backend", machine.backend.as_str());
    let line = held(machine, line.items(1), networks.dtype, flops, bytes)?;
    Ok(line.peer(compare(peers, &compared)))
}

/// Every edit one token, beside the same states from a forward over each list of edits.
fn cached(
    options: &Options,
    machine: &Machine,
    networks: &Networks,
    [batch, n_edits]: [usize; 2],
) -> Result<Line> {
    let (_, device) = BackendChoice::Only(machine.backend).select()?;
    let config = CausalConfig::new(networks.config.d_state, networks.config.d_action);
    let predictor = Causal::new(&config, machine, &device)?;
    let input = Haplotypes::random([batch, n_edits], config.d_state, config.d_action, &device);
    let timings = Timings::of(options.repeats, || {
        predictor.roll(&input, n_edits);
        Ok(())
    })?;
    let growing = Timings::of(options.repeats, || {
        for n_first in 1..=n_edits {
            let actions = input.actions.clone().narrow(1, 0, n_first);
            let present = input.present.clone().narrow(1, 0, n_first);
            let forward = predictor.as_dyn();
            let states = forward.forward(input.state.clone(), actions, present);
            black_box(states.into_data());
        }
        Ok(())
    })?;
    let flops = batch as u64 * causal_flops::rollout(&config, n_edits);
    let bytes = n_edits as u64 * F32 * causal_flops::step_weights(&config);
    let work = format!("{n_edits} edits of each of {batch} haplotypes, causal_v2 with its cache");
    let line = Line::new("rollout", work, &timings)
        .with("shape", networks.shape_name())
        .with("backend", machine.backend.as_str())
        .with("edits", n_edits)
        .with("growing_forwards_seconds", growing.median())
        .with("growing_forwards_samples", growing.all())
        .with(
            "times_faster_than_growing_forwards",
            growing.median() / timings.median(),
        );
    held(machine, line.items(batch as u64), Dtype::F32, flops, bytes)
}

/// The predictor that rolls out with a cache, on the backend of the machine.
enum Causal {
    Burn(Box<CausalPredictor>),
    Native(Box<NativeCausalPredictor>),
}

impl Causal {
    fn new(config: &CausalConfig, machine: &Machine, device: &Device) -> Result<Self> {
        let mut stream = RandomStream::new(0, "bench/causal");
        let drawn = CausalPredictor::init(config, &mut stream, device)?;
        Ok(match machine.backend {
            Backend::Native => {
                let mut file = WeightFile::parse(write_weights(&drawn.to_weights())?)?;
                let kernel = Kernel::detect();
                let native = NativeCausalPredictor::load(&mut file, config, Dtype::F32, kernel);
                Self::Native(Box::new(native?))
            }
            _ => Self::Burn(Box::new(drawn)),
        })
    }

    fn as_dyn(&self) -> &dyn StatePredictor {
        match self {
            Self::Burn(predictor) => predictor.as_ref(),
            Self::Native(predictor) => predictor.as_ref(),
        }
    }

    /// Edit after edit, the states after each.
    fn roll(&self, input: &Haplotypes, n_edits: usize) {
        match self {
            Self::Burn(predictor) => {
                let mut rollout = predictor.rollout(input.state.clone());
                for step in 0..n_edits {
                    black_box(rollout.step(input.action(step)).into_data());
                }
            }
            Self::Native(predictor) => {
                let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect();
                let states: Vec<f32> = values(input.state.clone());
                let mut rollout = predictor.rollout(&states);
                for step in 0..n_edits {
                    let actions: Vec<f32> = values(input.action(step));
                    black_box(rollout.step(&actions));
                }
            }
        }
    }
}

/// Adds the floor: operations at the matrix rate or weights from memory, whichever takes longer.
fn held(machine: &Machine, line: Line, dtype: Dtype, flops: u64, bytes: u64) -> Result<Line> {
    let (arithmetic, rate) = machine.matrix_floor((Dtype::F32, 0), (dtype, flops))?;
    let memory = bytes as f64 / machine.memory()?.read_rate();
    let line = line.flops(flops).bytes(bytes);
    Ok(match arithmetic > memory {
        true => line.floor(arithmetic, rate),
        false => line.floor(memory, "reading the weights of every step from memory"),
    })
}
