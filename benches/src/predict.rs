//! Predictions of many rows at once: of one edit each, as scoring makes them, and of several, as
//! planning does.

use std::{fs, hint::black_box};

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor, TensorData};
use geno_core::{Dtype, RandomStream};
use geno_kernels::Kernel;
use geno_predictor::{NativePredictor, Network, Predictor, StatePredictor};
use geno_runtime::Backend;
use geno_weights::WeightFile;
use rand::RngExt;

use crate::{
    line::Line, machine::Machine, options::Options, predictor_flops::prediction, subject::Subject,
    timings::Timings,
};

/// Rows of a batch.
const ROWS: usize = 1_024;

/// Edits of a candidate.
const EDITS: usize = 5;

/// One batch of one edit a row, and one of five.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
) -> Result<[Line; 2]> {
    let (predictor, device) = load(machine, subject)?;
    let line = |n_edits: usize| -> Result<Line> {
        let config = &subject.predictor;
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
        let (floor, why) =
            machine.matrix_floor((Dtype::F32, 0), (subject.predictor_dtype, flops))?;
        let work = format!("{ROWS} states, edits each: {n_edits}");
        let line = Line::new("predict", work, &timings)
            .with("predictor_dtype", subject.predictor_dtype.as_str())
            .with("backend", machine.backend.as_str());
        Ok(line.items(ROWS as u64).flops(flops).floor(floor, why))
    };
    Ok([line(1)?, line(EDITS)?])
}

fn load(machine: &Machine, subject: &Subject) -> Result<(Box<dyn StatePredictor>, Device)> {
    let path = &subject.predictor_file;
    let bytes = fs::read(path).with_context(|| format!("`{}`", path.display()))?;
    let mut file = WeightFile::parse(bytes)?;
    let config = &subject.predictor;
    let (backend, device) = geno_runtime::BackendChoice::Only(machine.backend).select()?;
    let predictor: Box<dyn StatePredictor> = match backend {
        Backend::Native => {
            let products = subject.predictor_dtype;
            Box::new(NativePredictor::load(
                &mut file,
                config,
                products,
                Kernel::detect(),
            )?)
        }
        _ => Box::new(Predictor::load(&mut file, config, &device)?),
    };
    Ok((predictor, device))
}
