//! What every solver gives its candidates to.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use geno_action::{Haplotype, RelEdit};

use crate::{
    EditSpace, Evaluate, Evaluation, Iteration, ParetoFront, Plan, PlanError, Progress, Score,
    SearchConfig, StopReason,
};

/// Evaluates candidates in batches, and keeps the best, the front and the log.
///
/// States of a batch are dropped before the next, but for that of the best candidate.
pub(crate) struct Judge<'j, E: Evaluate> {
    config: &'j SearchConfig,
    evaluate: &'j mut E,
    progress: &'j mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
    best: Haplotype,
    score: Score,
    state: Vec<f32>,
    front: ParetoFront,
    n_evaluations: u64,
    iterations: Vec<Iteration>,
}

/// Why a solver cannot go on.
pub(crate) enum Halt<E> {
    Stopped,
    Failed(PlanError<E>),
}

impl<E> From<PlanError<E>> for Halt<E> {
    fn from(error: PlanError<E>) -> Self {
        Self::Failed(error)
    }
}

impl<'j, E: Evaluate> Judge<'j, E> {
    /// Begins with the empty plan.
    pub(crate) fn start(
        space: &EditSpace,
        config: &'j SearchConfig,
        evaluate: &'j mut E,
        progress: &'j mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Self, PlanError<E::Error>> {
        let empty = Haplotype::new(Arc::clone(space.window()), vec![]).expect("no edit, no fault");
        let empty = std::slice::from_ref(&empty);
        let evaluation = evaluated(evaluate, empty)?.swap_remove(0);
        let score = score(config, &empty[0], &evaluation, 0)?;
        let mut front = ParetoFront::default();
        front.offer(&empty[0], score);
        Ok(Self {
            config,
            evaluate,
            progress,
            best: empty[0].clone(),
            score,
            state: evaluation.state,
            front,
            n_evaluations: 1,
            iterations: Vec::new(),
        })
    }

    /// The score of the best candidate so far.
    pub(crate) fn best(&self) -> Score {
        self.score
    }

    /// Why nothing more needs to be tried, if so.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        if self.score.distance < self.config.stopping_eps {
            Some(StopReason::DistanceThreshold)
        } else if self.score.objective == 0.0 {
            Some(StopReason::Exhausted)
        } else {
            None
        }
    }

    /// Scores candidates in their order; what comes twice is evaluated once.
    pub(crate) fn scores(
        &mut self,
        candidates: &[Haplotype],
    ) -> Result<Vec<Score>, Halt<E::Error>> {
        let mut numbers: HashMap<&[RelEdit], usize> = HashMap::new();
        let mut different = Vec::new();
        let number = |candidate: &Haplotype, different: &mut Vec<Haplotype>| {
            different.push(candidate.clone());
            different.len() - 1
        };
        let which: Vec<usize> = candidates
            .iter()
            .map(|c| {
                *numbers
                    .entry(c.edits())
                    .or_insert_with(|| number(c, &mut different))
            })
            .collect();
        let mut scores = Vec::with_capacity(different.len());
        for batch in different.chunks(self.config.batch) {
            self.judge(batch, &mut scores)?;
        }
        Ok(which.into_iter().map(|i| scores[i]).collect())
    }

    /// Notes what an iteration found; of elites, where the solver has them.
    pub(crate) fn log(&mut self, best: Score, elites: Option<&[Score]>, n_candidates: usize) {
        let mean = |value: fn(&Score) -> f64| {
            elites.map(|elites| elites.iter().map(value).sum::<f64>() / elites.len() as f64)
        };
        self.iterations.push(Iteration {
            iteration: self.iterations.len() + 1,
            best_distance: best.distance,
            best_cost: best.cost,
            best_objective: best.objective,
            elite_mean_distance: mean(|score| score.distance),
            elite_mean_objective: mean(|score| score.objective),
            n_candidates,
        });
    }

    /// Tells the caller how far the search is.
    pub(crate) fn report(&mut self) -> Result<(), Halt<E::Error>> {
        let is_first = self.n_evaluations == 1;
        let progress = Progress {
            iteration: if is_first {
                0
            } else {
                self.iterations.len() + 1
            },
            n_evaluations: self.n_evaluations,
            best: &self.best,
            score: self.score,
        };
        match (self.progress)(&progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Halt::Stopped),
        }
    }

    pub(crate) fn finish(self, stopped_reason: StopReason) -> Plan {
        Plan {
            solver: self.config.solver.as_str(),
            seed: self.config.seed,
            best: self.best,
            best_distance: self.score.distance,
            best_cost: self.score.cost,
            best_objective: self.score.objective,
            best_predicted_state: self.state,
            n_evaluations: self.n_evaluations,
            stopped_reason,
            iterations: self.iterations,
            pareto_front: self.front,
        }
    }

    fn judge(
        &mut self,
        batch: &[Haplotype],
        scores: &mut Vec<Score>,
    ) -> Result<(), Halt<E::Error>> {
        let evaluations = evaluated(self.evaluate, batch)?;
        for (candidate, evaluation) in batch.iter().zip(evaluations) {
            let score = score(self.config, candidate, &evaluation, self.n_evaluations)?;
            self.n_evaluations += 1;
            self.front.offer(candidate, score);
            if score.is_better_than(&self.score) {
                self.score = score;
                self.best = candidate.clone();
                self.state = evaluation.state;
            }
            scores.push(score);
        }
        self.report()
    }
}

fn evaluated<E: Evaluate>(
    evaluate: &mut E,
    batch: &[Haplotype],
) -> Result<Vec<Evaluation>, PlanError<E::Error>> {
    let evaluations = evaluate.evaluate(batch).map_err(PlanError::Evaluator)?;
    let (expected, actual) = (batch.len(), evaluations.len());
    match expected == actual {
        true => Ok(evaluations),
        false => Err(PlanError::WrongCount { expected, actual }),
    }
}

fn score<E>(
    config: &SearchConfig,
    candidate: &Haplotype,
    evaluation: &Evaluation,
    number: u64,
) -> Result<Score, PlanError<E>> {
    let bad = |what, value, expected| PlanError::BadValue {
        what,
        candidate: number,
        edits: candidate.edits().to_vec(),
        value,
        expected,
    };
    let at_least_zero = "a finite number of at least 0";
    let cost = config.cost.of(candidate.edits());
    for (what, value) in [("distance", evaluation.distance), ("cost", cost)] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(bad(what, value, at_least_zero));
        }
    }
    match evaluation.state.iter().find(|x| !x.is_finite()) {
        Some(&x) => Err(bad("state", x.into(), "of finite numbers")),
        None => Ok(Score::new(evaluation.distance, cost, config.cost_weight)),
    }
}
