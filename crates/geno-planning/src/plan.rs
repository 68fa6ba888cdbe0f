//! The search, whatever the solver, and what comes out of it.

use std::ops::ControlFlow;

use geno_action::{Haplotype, RelEdit};
use geno_core::{Coded, ErrorCode};
use serde::Serialize;

use crate::{
    ConfigError, EditSpace, Evaluate, ParetoFront, Score, SearchConfig, Solver, cem, exhaustive,
    judge::{Halt, Judge},
    mcts, record,
};

/// The best haplotype that a search evaluated, and how it was found.
///
/// Serialised, it has the keys of a result of the Python package's planner, and besides `solver`,
/// `seed` and `pareto_front`. Times are the caller's to add.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// How candidates were chosen.
    pub solver: &'static str,
    /// Where the draws came from.
    pub seed: u64,
    /// The best plan: without edits where none is better than no edit.
    #[serde(rename = "best_edits", serialize_with = "record::haplotype")]
    pub best: Haplotype,
    /// Its distance.
    pub best_distance: f64,
    /// Its cost.
    pub best_cost: f64,
    /// `best_distance + cost_weight · best_cost`.
    pub best_objective: f64,
    /// The state the evaluator predicts for it.
    pub best_predicted_state: Vec<f32>,
    /// Candidates that the evaluator was given, the empty plan among them.
    pub n_evaluations: u64,
    /// Why the search ended.
    pub stopped_reason: StopReason,
    /// What each iteration found.
    pub iterations: Vec<Iteration>,
    /// What nothing evaluated beats in both distance and cost.
    pub pareto_front: ParetoFront,
}

/// What an iteration found: a generation of the cross-entropy method, a step of the tree search, or
/// all haplotypes of one number of edits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Iteration {
    /// From 1.
    pub iteration: usize,
    /// Distance of its best candidate or elite.
    pub best_distance: f64,
    /// Cost of its best candidate or elite.
    pub best_cost: f64,
    /// Objective of its best candidate or elite.
    pub best_objective: f64,
    /// Mean distance of its elites, for solvers that have elites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elite_mean_distance: Option<f64>,
    /// Mean objective of its elites, for solvers that have elites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elite_mean_objective: Option<f64>,
    /// Its candidates; of the cross-entropy method, those that were not tried before.
    pub n_candidates: usize,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The best plan is nearer than `stopping_eps`.
    DistanceThreshold,
    /// Nothing better was found for a while.
    Patience,
    /// All iterations were made.
    MaxIterations,
    /// The caller stopped it.
    StoppedByCaller,
    /// Nothing is left to try, or nothing can be better.
    Exhausted,
}

/// How far a search is; given to the caller after every batch.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'p> {
    /// The current iteration, from 1; 0 for the empty plan.
    pub iteration: usize,
    /// Candidates evaluated.
    pub n_evaluations: u64,
    /// The best plan so far.
    pub best: &'p Haplotype,
    /// What it reaches.
    pub score: Score,
}

/// Why a search failed, with an evaluator that fails with `E`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError<E> {
    /// A setting that cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Too many haplotypes to try them all.
    #[error("the space has {n} haplotypes of up to {horizon} edits, more than {max_evaluations}")]
    TooMany {
        /// How many there are, the empty one included.
        n: u128,
        /// Edits of a plan.
        horizon: usize,
        /// How many may be.
        max_evaluations: u64,
    },
    /// The evaluator failed.
    #[error("candidates could not be evaluated")]
    Evaluator(#[source] E),
    /// The evaluator gave more or fewer evaluations than candidates.
    #[error("{actual} evaluations of {expected} candidates")]
    WrongCount {
        /// Candidates.
        expected: usize,
        /// Evaluations.
        actual: usize,
    },
    /// A distance, a cost or a coordinate of a state that is none.
    #[error("{what} of candidate {candidate} is {value}, not {expected}")]
    BadValue {
        /// `distance`, `cost` or `state`.
        what: &'static str,
        /// How many candidates were evaluated before it.
        candidate: u64,
        /// Its edits.
        edits: Vec<RelEdit>,
        /// The value.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
}

impl<E: Coded + 'static> Coded for PlanError<E> {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Config(error) => error.code(),
            Self::TooMany { .. } => ErrorCode::InputGeneric,
            Self::Evaluator(error) => error.code(),
            Self::WrongCount { .. } | Self::BadValue { .. } => {
                ErrorCode::InternalInvariantViolation
            }
        }
    }
}

/// Searches a space for the haplotype that comes nearest to a target for its cost.
///
/// The empty plan is evaluated first, so the result is never worse than no edit. After every batch
/// `progress` is asked whether to go on. With one seed and one evaluator the result is the same to the
/// bit, whatever the number of threads and whatever the batch.
///
/// # Errors
///
/// [`PlanError`] for settings that cannot be, for an evaluator that fails or does not keep to what
/// [`Evaluate`] says, and for a space that is too large to try everything.
///
/// # Examples
///
/// ```
/// use std::{convert::Infallible, ops::ControlFlow};
///
/// use geno_action::{EditType, Haplotype};
/// use geno_core::Window;
/// use geno_planning::{
///     EditPrior, EditSpace, Evaluation, ExhaustiveConfig, Restrictions, SearchConfig, Solver,
///     StopReason, plan,
/// };
///
/// let window = Window::new(0, b"ACGTAAAATTTT".as_slice())?;
/// let prior = EditPrior::of_types(&[EditType::Snv]);
/// let anywhere = Restrictions { margin: 0, ..Restrictions::default() };
/// let space = EditSpace::new(window.into(), &prior, &anywhere)?;
///
/// // The state is the number of G and C, and the target is 4.
/// let mut evaluate = |candidates: &[Haplotype]| -> Result<_, Infallible> {
///     let n_gc = |candidate: &Haplotype| {
///         let sequence = candidate.sequence();
///         sequence.iter().filter(|base| b"GC".contains(base)).count() as f32
///     };
///     let evaluation = |n: f32| Evaluation { distance: f64::from((4.0 - n).abs()), state: vec![n] };
///     Ok(candidates.iter().map(|candidate| evaluation(n_gc(candidate))).collect())
/// };
///
/// let solver = Solver::Exhaustive(ExhaustiveConfig::default());
/// let config = SearchConfig { horizon: 2, solver, ..SearchConfig::default() };
/// let found = plan(&space, &config, &mut evaluate, |_| ControlFlow::Continue(()))?;
/// assert_eq!(found.best.edits().len(), 2);
/// assert_eq!((found.best_distance, found.best_predicted_state), (0.0, vec![4.0]));
/// assert_eq!(found.stopped_reason, StopReason::DistanceThreshold);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn plan<E: Evaluate>(
    space: &EditSpace,
    config: &SearchConfig,
    evaluate: &mut E,
    mut progress: impl FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Plan, PlanError<E::Error>> {
    config.check()?;
    let mut judge = Judge::start(space, config, evaluate, &mut progress)?;
    let searched = match judge.report() {
        Ok(()) => search(space, config, &mut judge),
        Err(halt) => Err(halt),
    };
    let stopped_reason = match searched {
        Ok(reason) => reason,
        Err(Halt::Stopped) => StopReason::StoppedByCaller,
        Err(Halt::Failed(error)) => return Err(error),
    };
    Ok(judge.finish(stopped_reason))
}

fn search<E: Evaluate>(
    space: &EditSpace,
    config: &SearchConfig,
    judge: &mut Judge<'_, E>,
) -> Result<StopReason, Halt<E::Error>> {
    if let Some(reason) = judge.reason() {
        return Ok(reason);
    }
    if config.horizon == 0 || space.is_empty() {
        return Ok(StopReason::Exhausted);
    }
    match &config.solver {
        Solver::Cem(cem) => cem::search(space, config, cem, judge),
        Solver::Mcts(mcts) => mcts::search(space, config, mcts, judge),
        Solver::Exhaustive(all) => exhaustive::search(space, config, all, judge),
    }
}
