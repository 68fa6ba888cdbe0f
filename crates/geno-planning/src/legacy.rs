//! The planner of the Python package, draw for draw, for results that were published with it.
//!
//! Its plans have exactly `horizon` edits, unsorted, which may overlap or be equal, so they are no
//! haplotypes. New work calls [`plan`](crate::plan()).

use geno_action::{
    EditType, RelEdit,
    legacy::{ActionSampler, LegacySampleError},
};
use geno_core::PythonRandom;

use crate::{CemConfig, ConfigError, Iteration, Score, SearchConfig, StopReason};

/// The best sequence of edits that the Python package finds.
#[derive(Clone, Debug)]
pub struct LegacyPlan {
    /// The edits, in the order drawn.
    pub best_edits: Vec<RelEdit>,
    /// What they reach.
    pub score: Score,
    /// Candidates evaluated.
    pub n_evaluations: u64,
    /// What each iteration found.
    pub iterations: Vec<Iteration>,
    /// Why the search ended.
    pub stopped_reason: StopReason,
}

/// Why the Python package's planner fails.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LegacyPlanError<E> {
    /// A setting that cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No candidate could be drawn.
    #[error(transparent)]
    Sample(#[from] LegacySampleError),
    /// A candidate could not be evaluated.
    #[error("candidates could not be evaluated")]
    Evaluator(#[source] E),
}

/// Searches as the package's `cem.plan` does, one candidate at a time.
///
/// Of the settings it takes what the package has: horizon, seed, cost and its weight, threshold, and
/// of `cem` all but neighbours. The sampler is left as the last refit made it.
///
/// # Errors
///
/// [`LegacyPlanError`] for settings that cannot be, for an evaluator that fails, and for a sampler that cannot draw: without
/// smoothing it may run out of bins that fit.
pub fn plan<E>(
    sampler: &mut ActionSampler,
    config: &SearchConfig,
    cem: &CemConfig,
    mut distance: impl FnMut(&[RelEdit]) -> Result<f64, E>,
) -> Result<LegacyPlan, LegacyPlanError<E>> {
    cem.check()?;
    sampler.random = PythonRandom::new(config.seed);
    let mut best: Option<(Vec<RelEdit>, Score)> = None;
    let mut iterations = Vec::new();
    let mut stale = 0;
    let mut stopped_reason = StopReason::MaxIterations;
    for iteration in 1..=cem.n_iterations {
        let draw = |_| sampler.sample_sequence(config.horizon);
        let candidates = (0..cem.n_samples)
            .map(draw)
            .collect::<Result<Vec<_>, _>>()?;
        let mut ranked = Vec::with_capacity(candidates.len());
        for edits in candidates {
            let distance = distance(&edits).map_err(LegacyPlanError::Evaluator)?;
            let score = Score::new(distance, config.cost.of(&edits), config.cost_weight);
            ranked.push((edits, score));
        }
        ranked.sort_by(|a, b| a.1.order(&b.1));
        let elites = &ranked[..cem.n_elite];
        iterations.push(log(iteration, elites, ranked.len()));

        let (edits, first) = &ranked[0];
        if best
            .as_ref()
            .is_none_or(|(_, best)| first.is_better_than(best))
        {
            best = Some((edits.clone(), *first));
            stale = 0;
        } else {
            stale += 1;
        }
        if best
            .as_ref()
            .is_some_and(|(_, best)| best.distance < config.stopping_eps)
        {
            stopped_reason = StopReason::DistanceThreshold;
            break;
        }
        if stale >= cem.patience {
            stopped_reason = StopReason::Patience;
            break;
        }
        let edits: Vec<&RelEdit> = elites.iter().flat_map(|(edits, _)| edits).collect();
        refit(sampler, &edits, cem.smoothing);
    }
    let (best_edits, score) = best.expect("at least one iteration of at least one candidate");
    Ok(LegacyPlan {
        best_edits,
        score,
        n_evaluations: (iterations.len() * cem.n_samples) as u64,
        iterations,
        stopped_reason,
    })
}

fn log(iteration: usize, elites: &[(Vec<RelEdit>, Score)], n_candidates: usize) -> Iteration {
    let (_, best) = elites[0];
    let mean = |value: fn(&Score) -> f64| {
        let sum: f64 = elites.iter().map(|(_, score)| value(score)).sum();
        Some(sum / elites.len() as f64)
    };
    Iteration {
        iteration,
        best_distance: best.distance,
        best_cost: best.cost,
        best_objective: best.objective,
        elite_mean_distance: mean(|score| score.distance),
        elite_mean_objective: mean(|score| score.objective),
        n_candidates,
    }
}

/// Types and bins of the sampler's own; what lies in no bin of its is left out.
fn refit(sampler: &mut ActionSampler, edits: &[&RelEdit], smoothing: f64) {
    let types = edits.iter().map(|edit| edit.edit_type());
    mix(&mut sampler.type_weights, types, smoothing);
    sampler
        .type_weights
        .sort_by_key(|(edit_type, _): &(EditType, f64)| *edit_type);

    let (margin, bin_bp) = (sampler.margin, sampler.position_bin_bp);
    let bins = edits
        .iter()
        .map(|edit| edit.rel_pos().saturating_sub(margin) / bin_bp);
    let n_bins = (sampler.window.len() - 2 * margin).div_ceil(bin_bp);
    let all_alike = || (0..n_bins).map(|bin| (bin, 1.0)).collect();
    let weights = sampler.position_weights.get_or_insert_with(all_alike);
    mix(weights, bins, smoothing);
}

fn mix<T: PartialEq>(weights: &mut [(T, f64)], seen: impl Iterator<Item = T>, smoothing: f64) {
    let mut counts = vec![0.0; weights.len()];
    for entry in seen {
        if let Some(i) = weights.iter().position(|(other, _)| *other == entry) {
            counts[i] += 1.0;
        }
    }
    let (total, n) = (
        weights.iter().map(|(_, w)| w).sum::<f64>(),
        counts.iter().sum::<f64>(),
    );
    if n > 0.0 {
        for ((_, weight), count) in weights.iter_mut().zip(counts) {
            *weight = smoothing * (*weight / total) + (1.0 - smoothing) * (count / n);
        }
    }
}
