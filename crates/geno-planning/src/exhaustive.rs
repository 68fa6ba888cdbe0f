//! Trying everything.

use std::sync::Arc;

use geno_action::{Haplotype, RelEdit};

use crate::{
    EditSpace, Evaluate, ExhaustiveConfig, PlanError, Score, SearchConfig, StopReason,
    judge::{Halt, Judge},
};

/// Evaluates every haplotype of one edit, then of two, and so on.
///
/// A distance is at least 0, so a candidate whose cost alone comes to more than the best objective is
/// not evaluated, and, where costs only grow with edits, neither is what continues it. "Best" is that
/// of all haplotypes with fewer edits, so that no batch decides what is left out.
pub(crate) fn search<E: Evaluate>(
    space: &EditSpace,
    config: &SearchConfig,
    exhaustive: &ExhaustiveConfig,
    judge: &mut Judge<'_, E>,
) -> Result<StopReason, Halt<E::Error>> {
    let (horizon, max_evaluations) = (config.horizon, exhaustive.max_evaluations);
    let n = space.n_haplotypes(horizon);
    if n > u128::from(max_evaluations) {
        return Err(PlanError::TooMany {
            n,
            horizon,
            max_evaluations,
        }
        .into());
    }
    for n_edits in 1..=horizon {
        let bound = judge.best().objective;
        let mut size = Size {
            space,
            config,
            judge,
            bound,
            pending: Vec::new(),
            best: None,
            n: 0,
            exists: false,
        };
        size.visit(&mut Vec::new(), n_edits)?;
        size.flush()?;
        let Size {
            best, n, exists, ..
        } = size;
        if !exists {
            break;
        }
        if let Some(best) = best {
            judge.log(best, None, n);
        }
        if let Some(reason) = judge.reason() {
            return Ok(reason);
        }
    }
    Ok(StopReason::Exhausted)
}

/// All haplotypes of one number of edits.
struct Size<'a, 'j, E: Evaluate> {
    space: &'a EditSpace,
    config: &'a SearchConfig,
    judge: &'a mut Judge<'j, E>,
    /// What no objective has to be worse than.
    bound: f64,
    pending: Vec<Haplotype>,
    best: Option<Score>,
    n: usize,
    /// Whether there is one, evaluated or not.
    exists: bool,
}

impl<E: Evaluate> Size<'_, '_, E> {
    /// Continues some edits, sorted by position, by so many more behind them.
    fn visit(&mut self, edits: &mut Vec<RelEdit>, n_more: usize) -> Result<(), Halt<E::Error>> {
        if n_more == 0 {
            let window = Arc::clone(self.space.window());
            let candidate = Haplotype::new(window, edits.clone());
            self.pending
                .push(candidate.expect("edits of the space, each behind the one before"));
            if self.pending.len() == self.config.batch {
                self.flush()?;
            }
            return Ok(());
        }
        let from = edits.last().map_or(0, RelEdit::end);
        let space = self.space;
        for edit in space.edits_from(from) {
            edits.push(edit);
            self.exists |= n_more == 1;
            if !self.is_too_dear(edits, n_more == 1) {
                self.visit(edits, n_more - 1)?;
            }
            edits.pop();
        }
        Ok(())
    }

    fn is_too_dear(&self, edits: &[RelEdit], is_complete: bool) -> bool {
        let is_bound = is_complete || self.config.cost.is_monotone();
        is_bound && self.config.cost_weight * self.config.cost.of(edits) > self.bound
    }

    fn flush(&mut self) -> Result<(), Halt<E::Error>> {
        if !self.pending.is_empty() {
            self.n += self.pending.len();
            let scores = self.judge.scores(&self.pending)?;
            self.pending.clear();
            let best = scores.into_iter().chain(self.best);
            self.best = best.min_by(Score::order);
        }
        Ok(())
    }
}
