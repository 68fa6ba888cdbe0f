//! A search over edits: what the planner does by default, and with candidates of equal length.

use std::{ops::ControlFlow, sync::Arc};

use anyhow::{Context, Result};
use geno_action::Haplotype;
use geno_core::{Dtype, RandomStream, Window};
use geno_planning::{
    CemConfig, Distance, EditPrior, EditSpace, Evaluate, Evaluation, Plan, Restrictions, Sampler,
    SearchConfig, Solver, Target, plan,
};
use geno_runtime::{PlanEvaluator, Runtime, RuntimeError};
use rayon::prelude::*;
use serde_json::json;

use crate::{
    line::Line,
    machine::Machine,
    networks::{Networks, random_state},
    options::Options,
    peak_memory,
    peer::{Peer, Work, compare},
    predictor_flops::last_prediction,
    sequence::{WINDOW_BP, bases},
    timings::Timings,
};

/// Candidates of the two generations whose memory is compared.
const FEW_AND_MANY: [usize; 2] = [1_024, 8_192];

/// The default search as it is, and its generations with the horizon's number of edits in every
/// candidate, as the Python package draws them.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    networks: &Networks,
    peers: &[Peer],
) -> Result<[Line; 2]> {
    let runtime = networks.runtime(machine)?;
    let task = Task::new(&runtime, networks)?;
    let memory = task.memory_growth()?;

    let line = |work: String, timings: &Timings, n_edits: &[u64]| -> Result<Line> {
        let flops = n_edits.iter().zip(1..);
        let flops = flops.map(|(n, n_edits)| n * last_prediction(&networks.config, n_edits));
        let flops = flops.sum();
        let (floor, why) = machine.matrix_floor((Dtype::F32, 0), (networks.dtype, flops))?;
        let line = Line::new("plan", work, timings)
            .with("shape", networks.shape_name())
            .with("predictor_dtype", networks.dtype.as_str())
            .with("backend", machine.backend.as_str())
            .with("candidates_by_edits", n_edits);
        let n_candidates = n_edits.iter().sum();
        Ok(line.items(n_candidates).flops(flops).floor(floor, why))
    };

    let CemConfig {
        n_iterations,
        n_samples,
        ..
    } = cem();
    let mut n_edits = Vec::new();
    let timings = Timings::of(options.repeats, || {
        n_edits = task.search(&config(cem()))?;
        Ok(())
    })?;
    let horizon = config(cem()).horizon;
    let work =
        format!("{n_iterations} generations of {n_samples} candidates of up to {horizon} edits");
    let as_it_is = line(work, &timings, &n_edits)?.with("peak_memory_growth_bytes", memory);

    let timings = Timings::of(options.repeats, || task.equally_long().map(drop))?;
    let work = format!("{n_iterations} generations of {n_samples} candidates of {horizon} edits");
    let mut n_edits = vec![0; horizon];
    n_edits[horizon - 1] = (n_iterations * n_samples) as u64;
    let compared = Work::Plan {
        shape: networks.shape_name().to_owned(),
        dtype: networks.dtype.to_string(),
        n_edits: horizon,
    };
    let equal = line(work, &timings, &n_edits)?.peer(compare(peers, &compared));
    Ok([as_it_is, equal])
}

/// The default settings, of a search that nothing ends early.
fn cem() -> CemConfig {
    let default = CemConfig::default();
    CemConfig {
        patience: default.n_iterations,
        ..default
    }
}

fn config(cem: CemConfig) -> SearchConfig {
    SearchConfig {
        stopping_eps: 0.,
        solver: Solver::Cem(cem),
        ..SearchConfig::default()
    }
}

/// From one random state to another, by edits of any type anywhere in a random window.
struct Task<'r> {
    runtime: &'r Runtime,
    space: EditSpace,
    source: Vec<f32>,
    target: Target,
}

impl<'r> Task<'r> {
    fn new(runtime: &'r Runtime, networks: &Networks) -> Result<Self> {
        let window = Arc::new(Window::new(0, bases("bench/plan", WINDOW_BP))?);
        let [source, target] = ["bench/source", "bench/target"]
            .map(|name| random_state(name, networks.config.d_state));
        Ok(Self {
            runtime,
            space: EditSpace::new(window, &EditPrior::default(), &Restrictions::default())?,
            source,
            target: Target::new(Distance::L2, [target])?,
        })
    }

    fn evaluator(&self, horizon: usize) -> Result<PlanEvaluator<'r>> {
        let (source, target) = (self.source.clone(), self.target.clone());
        Ok(self
            .runtime
            .plan_evaluator((source, WINDOW_BP / 2), target, horizon)?)
    }

    /// Runs a search, and says how many candidates of 1 edit, of 2 and so on it evaluated.
    fn search(&self, config: &SearchConfig) -> Result<Vec<u64>> {
        let mut evaluator = self.evaluator(config.horizon)?;
        let mut n_edits = vec![0; config.horizon];
        let mut counted = |candidates: &[Haplotype]| -> Result<Vec<Evaluation>, RuntimeError> {
            let lengths = candidates.iter().map(|candidate| candidate.edits().len());
            lengths
                .filter(|&length| length > 0)
                .for_each(|length| n_edits[length - 1] += 1);
            evaluator.evaluate(candidates)
        };
        let found: Plan = plan(&self.space, config, &mut counted, |_| {
            ControlFlow::Continue(())
        })?;
        std::hint::black_box(found);
        Ok(n_edits)
    }

    /// Generations like those of [`search`](Self::search), every candidate with as many edits as
    /// the horizon says, and the distribution moved towards the best of each.
    fn equally_long(&self) -> Result<f64> {
        let cem = cem();
        let SearchConfig { horizon, batch, .. } = config(cem.clone());
        let mut evaluator = self.evaluator(horizon)?;
        let mut sampler = Sampler::new(&self.space, horizon);
        let mut nearest = f64::INFINITY;
        for generation in 0..cem.n_iterations {
            let draw = |i: usize| -> Result<Haplotype> {
                let name = format!("bench/plan/{generation}/{i}");
                let mut random = RandomStream::new(0, &name);
                let mut edits = Vec::new();
                for _ in 0..horizon {
                    let edit = sampler.sample_edit(&edits, &mut random);
                    edits.push(edit.context("a window without room for another edit")?);
                }
                Ok(Haplotype::new(Arc::clone(self.space.window()), edits)?)
            };
            let candidates = (0..cem.n_samples).into_par_iter().map(draw);
            let candidates: Vec<Haplotype> = candidates.collect::<Result<_>>()?;
            let mut distances = Vec::with_capacity(candidates.len());
            for batch in candidates.chunks(batch) {
                let evaluations = evaluator.evaluate(batch)?;
                distances.extend(evaluations.iter().map(|evaluation| evaluation.distance));
            }
            let mut ranked: Vec<usize> = (0..candidates.len()).collect();
            ranked.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]));
            nearest = nearest.min(distances[ranked[0]]);
            let elites = ranked[..cem.n_elite].iter().map(|&i| &candidates[i]);
            sampler.refit(elites, cem.smoothing);
        }
        Ok(nearest)
    }

    /// How much more than before a search of one generation holds at its peak, by its candidates,
    /// on Linux.
    fn memory_growth(&self) -> Result<serde_json::Value> {
        peak_memory::reset();
        let before = peak_memory::bytes();
        let mut growth = serde_json::Map::new();
        for n_samples in FEW_AND_MANY {
            peak_memory::reset();
            let cem = CemConfig {
                n_iterations: 1,
                n_samples,
                ..cem()
            };
            self.search(&config(cem))?;
            let peak = peak_memory::bytes().zip(before);
            let more = peak.map(|(peak, before)| peak.saturating_sub(before));
            growth.insert(n_samples.to_string(), json!(more));
        }
        Ok(growth.into())
    }
}
