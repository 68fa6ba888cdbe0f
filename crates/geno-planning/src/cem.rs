//! The cross-entropy method.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    mem,
    sync::Arc,
};

use geno_action::Haplotype;
use geno_core::RandomStream;
use rayon::prelude::*;

use crate::{
    CemConfig, EditSpace, Evaluate, Sampler, Score, SearchConfig, StopReason,
    judge::{Halt, Judge},
};

/// Draws generations, and moves the distribution towards the best so far.
///
/// What was evaluated before is drawn again a few times and then left out, so that no evaluation is
/// spent twice; the elites of the generation before compete with the new candidates. Candidates are
/// ranked by objective, distance, cost and number. Each has a random stream of its own, so no thread
/// decides what it is.
///
/// # Source
///
/// de Boer, Kroese, Mannor and Rubinstein, *A tutorial on the cross-entropy method*, 2005.
pub(crate) fn search<E: Evaluate>(
    space: &EditSpace,
    config: &SearchConfig,
    cem: &CemConfig,
    judge: &mut Judge<'_, E>,
) -> Result<StopReason, Halt<E::Error>> {
    let mut generation = Generation {
        sampler: Sampler::new(space, config.horizon),
        elites: Vec::new(),
        n_edits: config.horizon,
        seen: HashSet::new(),
    };
    let mut stale = 0;
    for iteration in 1..=cem.n_iterations {
        let candidates = generation.draw(config.seed, iteration, cem);
        if candidates.is_empty() {
            return Ok(StopReason::Exhausted);
        }
        let before = judge.best();
        let n_candidates = candidates.len();
        let scores = judge.scores(&candidates)?;

        let mut elites = mem::take(&mut generation.elites);
        elites.extend(candidates.into_iter().zip(scores));
        elites.sort_by(|(_, a), (_, b)| a.order(b));
        elites.truncate(cem.n_elite);
        let of_elites: Vec<Score> = elites.iter().map(|(_, score)| *score).collect();
        judge.log(of_elites[0], Some(&of_elites), n_candidates);
        generation.elites = elites;

        if let Some(reason) = judge.reason() {
            return Ok(reason);
        }
        stale = match judge.best().is_better_than(&before) {
            true => 0,
            false => stale + 1,
        };
        if stale >= cem.patience {
            return Ok(StopReason::Patience);
        }
        let elites = generation.elites.iter().map(|(elite, _)| elite);
        generation.sampler.refit(elites, cem.smoothing);
    }
    Ok(StopReason::MaxIterations)
}

/// What a generation is drawn from.
struct Generation<'s> {
    sampler: Sampler<'s>,
    /// The best so far.
    elites: Vec<(Haplotype, Score)>,
    /// Edits of a haplotype, at most.
    n_edits: usize,
    /// Hashes of what was drawn; where two share one, the second is left out.
    seen: HashSet<u64>,
}

/// How often a candidate that came before is drawn again.
const REDRAWS: usize = 8;

impl Generation<'_> {
    /// Candidates that were not drawn before, at most `n_samples`.
    fn draw(&mut self, seed: u64, iteration: usize, cem: &CemConfig) -> Vec<Haplotype> {
        let n_neighbours = match self.elites.is_empty() {
            true => 0,
            false => (cem.neighbours * cem.n_samples as f64) as usize,
        };
        let draw = |i| {
            let name = format!("plan/cem/{iteration}/{i}");
            let mut random = RandomStream::new(seed, &name);
            let mut once = || match i < n_neighbours {
                true => self.neighbour(&mut random),
                false => self.sampler.sample(&mut random),
            };
            let mut candidate = once();
            for _ in 0..REDRAWS {
                if !self.seen.contains(&hash(&candidate)) {
                    break;
                }
                candidate = once();
            }
            candidate
        };
        let candidates = (0..cem.n_samples).into_par_iter().map(draw);
        let mut candidates: Vec<Haplotype> = candidates.collect();
        candidates.retain(|candidate| self.seen.insert(hash(candidate)));
        candidates
    }

    /// An elite with one edit more, less or other, each way that is possible as likely as the others.
    fn neighbour(&self, random: &mut RandomStream) -> Haplotype {
        let (elite, _) = &self.elites[random.below(self.elites.len() as u64) as usize];
        let mut edits = elite.edits().to_vec();
        let (may_grow, may_shrink) = (edits.len() < self.n_edits, edits.len() > 1);
        let ways = [may_grow, may_shrink, !edits.is_empty()].map(|may| f64::from(u8::from(may)));
        let way = random.weighted(&ways);
        if way > 0 {
            edits.swap_remove(random.below(edits.len() as u64) as usize);
        }
        if way != 1 {
            edits.extend(self.sampler.sample_edit(&edits, random));
        }
        Haplotype::new(Arc::clone(elite.window()), edits).expect("edits that do not overlap")
    }
}

/// A hash of the edits, the same in every run of one program.
fn hash(candidate: &Haplotype) -> u64 {
    let mut hasher = DefaultHasher::new();
    candidate.edits().hash(&mut hasher);
    hasher.finish()
}
