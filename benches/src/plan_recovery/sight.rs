//! By what a planner sees how near a candidate is.

use geno_action::Haplotype;
use geno_planning::{
    CemConfig, Evaluate, Evaluation, ExhaustiveConfig, MctsConfig, Solver, Target,
};
use geno_runtime::{PlanEvaluator, Runtime, RuntimeError};

/// The model's prediction, or the truth.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Sight {
    /// The predictor's states, as in every real search.
    Predictor,
    /// The encoder's states of the edited windows: what is missed is missed by the solver alone.
    Encoder,
}

impl Sight {
    pub(super) const ALL: [Self; 2] = [Self::Predictor, Self::Encoder];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Predictor => "predictor",
            Self::Encoder => "encoder",
        }
    }

    /// Bases on either side of the locus that may be edited, if not all of the window.
    pub(super) fn reach(self) -> Option<usize> {
        match self {
            Self::Predictor => None,
            Self::Encoder => Some(24),
        }
    }

    /// The default solvers; by the encoder with budgets that do not reach every edit of the stretch.
    pub(super) fn solvers(self) -> [Solver; 3] {
        let (cem, mcts) = match self {
            Self::Predictor => (CemConfig::default(), MctsConfig::default()),
            Self::Encoder => (
                CemConfig {
                    n_samples: 32,
                    n_elite: 8,
                    ..CemConfig::default()
                },
                MctsConfig {
                    n_simulations: 96,
                    n_leaves: 8,
                    ..MctsConfig::default()
                },
            ),
        };
        let all = ExhaustiveConfig::default();
        [
            Solver::Cem(cem),
            Solver::Mcts(mcts),
            Solver::Exhaustive(all),
        ]
    }
}

/// Distances by what is seen.
pub(super) enum Seen<'r> {
    Predicted(PlanEvaluator<'r>),
    Encoded {
        runtime: &'r Runtime,
        target: Target,
        locus: usize,
    },
}

impl Evaluate for Seen<'_> {
    type Error = RuntimeError;

    fn evaluate(&mut self, candidates: &[Haplotype]) -> Result<Vec<Evaluation>, RuntimeError> {
        let (runtime, target, locus) = match self {
            Self::Predicted(evaluator) => return evaluator.evaluate(candidates),
            Self::Encoded {
                runtime,
                target,
                locus,
            } => (runtime, target, *locus),
        };
        let pooled: Vec<_> = candidates.iter().map(|plan| (plan, Some(locus))).collect();
        let states = runtime.encode_haplotypes(&pooled)?.into_iter();
        let evaluations = states.map(|state| {
            let state = runtime.state_in_contract(state)?;
            let distance = target.distance(&state)?;
            Ok(Evaluation { distance, state })
        });
        evaluations.collect()
    }
}
