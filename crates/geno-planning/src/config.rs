//! What a search is told.

use geno_core::{Coded, ErrorCode};
use serde::{Serialize, Serializer};

use crate::Cost;

/// How to search, whatever the solver.
///
/// The objective is `distance + cost_weight · cost`.
#[derive(Clone, Debug, Serialize)]
pub struct SearchConfig {
    /// Edits of a plan, at most.
    pub horizon: usize,
    /// Where the draws come from.
    pub seed: u64,
    /// What edits cost.
    #[serde(serialize_with = "name")]
    pub cost: Cost,
    /// What a unit of cost counts against a unit of distance.
    pub cost_weight: f64,
    /// The search ends at a plan that is nearer than this.
    pub stopping_eps: f64,
    /// Candidates that the evaluator is given at once, at most. It changes no result.
    pub batch: usize,
    /// How candidates are chosen.
    #[serde(flatten)]
    pub solver: Solver,
}

/// How candidates are chosen.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "solver", rename_all = "lowercase")]
pub enum Solver {
    /// The cross-entropy method.
    Cem(CemConfig),
    /// Monte-Carlo tree search.
    Mcts(MctsConfig),
    /// Everything there is.
    Exhaustive(ExhaustiveConfig),
}

/// The cross-entropy method: generations of candidates, and a distribution that follows the best.
#[derive(Clone, Debug, Serialize)]
pub struct CemConfig {
    /// Generations, at most.
    pub n_iterations: usize,
    /// Candidates of a generation.
    pub n_samples: usize,
    /// Candidates that the next generation is learned from.
    pub n_elite: usize,
    /// Share of the old distribution in the new one, 0 to 1.
    pub smoothing: f64,
    /// Share of a generation, after the first, that is an elite with one edit more, less or other.
    pub neighbours: f64,
    /// The search ends after so many generations without a better plan.
    pub patience: usize,
}

/// Monte-Carlo tree search: a tree of edits, one edit committed to at a step.
#[derive(Clone, Debug, Serialize)]
pub struct MctsConfig {
    /// Descents of a step.
    pub n_simulations: usize,
    /// Leaves that are evaluated together; it changes which ones are chosen.
    pub n_leaves: usize,
    /// Factor of the second term of UCB1, of values between 0 and 1.
    pub exploration: f64,
    /// A node visited `n` times has at most `⌈n^widening⌉` children, between 0 and 1.
    pub widening: f64,
    /// The search ends after so many steps without a better plan.
    pub patience: usize,
}

/// Every haplotype of the space.
#[derive(Clone, Debug, Serialize)]
pub struct ExhaustiveConfig {
    /// A space with more haplotypes is refused.
    pub max_evaluations: u64,
}

/// Why a search cannot begin.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A count that has to be at least 1.
    #[error("`{name}` is 0")]
    Zero {
        /// The setting.
        name: &'static str,
    },
    /// A number outside its range.
    #[error("`{name}` is {value}, not {expected}")]
    OutOfRange {
        /// The setting.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// More elites than candidates.
    #[error("{n_elite} elites of {n_samples} candidates")]
    TooManyElites {
        /// Elites.
        n_elite: usize,
        /// Candidates.
        n_samples: usize,
    },
}

impl Coded for ConfigError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Up to 5 edits found by the cross-entropy method, each as dear as any other and for nothing.
impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            horizon: 5,
            seed: 0,
            cost: Cost::Count,
            cost_weight: 0.0,
            stopping_eps: 0.05,
            batch: 256,
            solver: Solver::Cem(CemConfig::default()),
        }
    }
}

/// The published planner's settings; it has no neighbours.
impl Default for CemConfig {
    fn default() -> Self {
        Self {
            n_iterations: 5,
            n_samples: 1024,
            n_elite: 64,
            smoothing: 0.1,
            neighbours: 0.5,
            patience: 2,
        }
    }
}

/// As many evaluations as the cross-entropy method makes, over 5 edits.
impl Default for MctsConfig {
    fn default() -> Self {
        Self {
            n_simulations: 1024,
            n_leaves: 32,
            exploration: 0.2,
            widening: 0.9,
            patience: 2,
        }
    }
}

/// A million haplotypes.
impl Default for ExhaustiveConfig {
    fn default() -> Self {
        Self {
            max_evaluations: 1_000_000,
        }
    }
}

impl Solver {
    /// The name used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Cem(_) => "cem",
            Self::Mcts(_) => "mcts",
            Self::Exhaustive(_) => "exhaustive",
        }
    }
}

impl SearchConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        at_least_one("batch", self.batch)?;
        not_negative("cost_weight", self.cost_weight)?;
        not_negative("stopping_eps", self.stopping_eps)?;
        if let Cost::ByType(weights) = &self.cost {
            for &weight in weights {
                not_negative("cost of a type", weight)?;
            }
        }
        match &self.solver {
            Solver::Cem(cem) => cem.check(),
            Solver::Mcts(mcts) => {
                at_least_one("n_simulations", mcts.n_simulations)?;
                at_least_one("n_leaves", mcts.n_leaves)?;
                at_least_one("patience", mcts.patience)?;
                not_negative("exploration", mcts.exploration)?;
                share("widening", mcts.widening)
            }
            Solver::Exhaustive(_) => Ok(()),
        }
    }
}

impl CemConfig {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        at_least_one("n_iterations", self.n_iterations)?;
        at_least_one("n_elite", self.n_elite)?;
        at_least_one("patience", self.patience)?;
        share("smoothing", self.smoothing)?;
        share("neighbours", self.neighbours)?;
        let (n_elite, n_samples) = (self.n_elite, self.n_samples);
        match n_elite > n_samples {
            true => Err(ConfigError::TooManyElites { n_elite, n_samples }),
            false => Ok(()),
        }
    }
}

fn at_least_one(name: &'static str, value: usize) -> Result<(), ConfigError> {
    match value {
        0 => Err(ConfigError::Zero { name }),
        _ => Ok(()),
    }
}

fn not_negative(name: &'static str, value: f64) -> Result<(), ConfigError> {
    let expected = "a finite number of at least 0";
    match value.is_finite() && value >= 0.0 {
        true => Ok(()),
        false => Err(ConfigError::OutOfRange {
            name,
            value,
            expected,
        }),
    }
}

fn share(name: &'static str, value: f64) -> Result<(), ConfigError> {
    let expected = "a number from 0 to 1";
    match (0.0..=1.0).contains(&value) {
        true => Ok(()),
        false => Err(ConfigError::OutOfRange {
            name,
            value,
            expected,
        }),
    }
}

fn name<S: Serializer>(cost: &Cost, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(cost.as_str())
}
