//! Predictions of many rows at once: of one edit each, as scoring makes them, and of several, as
//! planning does.

use std::hint::black_box;

use anyhow::Result;
use burn::tensor::{Tensor, TensorData};
use geno_core::{Dtype, RandomStream};
use rand::RngExt;

use crate::{
    line::Line, machine::Machine, networks::Networks, options::Options,
    predictor_flops::prediction, timings::Timings,
};

/// Rows of a batch.
const ROWS: usize = 1_024;

/// Edits of a candidate.
const EDITS: usize = 5;

/// One batch of one edit a row, and one of five.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    networks: &Networks,
) -> Result<[Line; 2]> {
    let (predictor, device) = networks.predictor(machine)?;
    let line = |n_edits: usize| -> Result<Line> {
        let config = &networks.config;
        let random = |name: &str, shape: &[usize]| {
            let mut stream = RandomStream::new(0, name);
            let values = (0..shape.iter().product()).map(|_| stream.random_range(-1f32..1.));
            TensorData::new(values.collect(), shape.to_vec())
        };
        let states = random("bench/states", &[ROWS, config.d_state]);
        let actions = random("bench/actions", &[ROWS, n_edits, config.d_action]);
        let present = TensorData::new(vec![true; ROWS * n_edits], [ROWS, n_edits]);
        let timings = Timings::of(options.repeats, || {
            let predicted = predictor.forward(
                Tensor::from_data(states.clone(), &device),
                Tensor::from_data(actions.clone(), &device),
                Tensor::from_data(present.clone(), &device),
            );
            black_box(predicted.into_data());
            Ok(())
        })?;
        let flops = ROWS as u64 * prediction(config, n_edits);
        let (floor, why) = machine.matrix_floor((Dtype::F32, 0), (networks.dtype, flops))?;
        let work = format!("{ROWS} states, edits each: {n_edits}");
        let line = Line::new("predict", work, &timings)
            .with("predictor_dtype", networks.dtype.as_str())
            .with("backend", machine.backend.as_str());
        Ok(line.items(ROWS as u64).flops(flops).floor(floor, why))
    };
    Ok([line(1)?, line(EDITS)?])
}
