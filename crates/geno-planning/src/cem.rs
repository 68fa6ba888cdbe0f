//! The cross-entropy method.

use std::sync::Arc;

use geno_action::Haplotype;
use geno_core::RandomStream;
use rayon::prelude::*;

use crate::{
    CemConfig, EditSpace, Evaluate, Sampler, Score, SearchConfig, StopReason,
    judge::{Halt, Judge},
};

/// Draws generations, and moves the distribution towards the best of each.
///
/// Candidates are ranked by objective, distance, cost and number. Each has a random stream of its own,
/// so no thread decides what it is.
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
    };
    let mut stale = 0;
    for iteration in 1..=cem.n_iterations {
        let candidates = generation.draw(config.seed, iteration, cem);
        let before = judge.best();
        let scores = judge.scores(&candidates)?;

        let mut ranked: Vec<usize> = (0..scores.len()).collect();
        ranked.sort_by(|&a, &b| scores[a].order(&scores[b]));
        ranked.truncate(cem.n_elite);
        let elites: Vec<Score> = ranked.iter().map(|&i| scores[i]).collect();
        judge.log(elites[0], Some(&elites), candidates.len());

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
        generation.elites = ranked.iter().map(|&i| candidates[i].clone()).collect();
        generation.sampler.refit(&generation.elites, cem.smoothing);
    }
    Ok(StopReason::MaxIterations)
}

/// What a generation is drawn from.
struct Generation<'s> {
    sampler: Sampler<'s>,
    /// The elites of the generation before.
    elites: Vec<Haplotype>,
    /// Edits of a haplotype, at most.
    n_edits: usize,
}

impl Generation<'_> {
    fn draw(&self, seed: u64, iteration: usize, cem: &CemConfig) -> Vec<Haplotype> {
        let n_neighbours = match self.elites.is_empty() {
            true => 0,
            false => (cem.neighbours * cem.n_samples as f64) as usize,
        };
        let draw = |i| {
            let name = format!("plan/cem/{iteration}/{i}");
            let mut random = RandomStream::new(seed, &name);
            match i < n_neighbours {
                true => self.neighbour(&mut random),
                false => self.sampler.sample(&mut random),
            }
        };
        (0..cem.n_samples).into_par_iter().map(draw).collect()
    }

    /// An elite with one edit more, less or other, each way that is possible as likely as the others.
    fn neighbour(&self, random: &mut RandomStream) -> Haplotype {
        let elite = &self.elites[random.below(self.elites.len() as u64) as usize];
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
