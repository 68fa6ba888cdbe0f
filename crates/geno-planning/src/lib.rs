//! Search over genomic edits for those that lead to a target state.
//!
//! A search knows no model. It is given an [`EditSpace`], all edits that a window, a prior and
//! restrictions allow, and a function from candidates to distances ([`Evaluate`]); it gives the best
//! haplotype of at most `horizon` edits ([`plan`]). A plan is what a model proposes, not what an
//! organism does.
//!
//! ```
//! use std::{convert::Infallible, ops::ControlFlow};
//!
//! use geno_action::Haplotype;
//! use geno_core::Window;
//! use geno_planning::{
//!     Distance, EditPrior, EditSpace, Evaluation, Restrictions, SearchConfig, Target, plan,
//! };
//!
//! // A toy state: how often each base comes.
//! let state = |candidate: &Haplotype| {
//!     let sequence = candidate.sequence();
//!     let count = |base| sequence.iter().filter(|other| **other == base).count() as f32;
//!     vec![count(b'A'), count(b'C'), count(b'G'), count(b'T')]
//! };
//! let window = Window::new(0, b"ACGT".repeat(40))?;
//! let target = Target::new(Distance::L2, [[40.0, 40.0, 40.0, 43.0]])?;
//! let mut evaluate = |candidates: &[Haplotype]| -> Result<_, Infallible> {
//!     let evaluation = |state: Vec<f32>| {
//!         let distance = target.distance(&state).expect("four finite counts");
//!         Evaluation { distance, state }
//!     };
//!     Ok(candidates.iter().map(|candidate| evaluation(state(candidate))).collect())
//! };
//!
//! let space = EditSpace::new(window.into(), &EditPrior::default(), &Restrictions::default())?;
//! let config = SearchConfig { cost_weight: 0.01, ..SearchConfig::default() };
//! let found = plan(&space, &config, &mut evaluate, |_| ControlFlow::Continue(()))?;
//! assert_eq!(found.best_distance, 0.0); // three T inserted, in one edit or several
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod cem;
mod config;
mod cost;
mod evaluate;
mod exhaustive;
mod front;
mod guide;
mod judge;
pub mod legacy;
mod mcts;
mod plan;
mod record;
mod sampler;
mod score;
mod space;
mod target;

pub use self::{
    config::{CemConfig, ConfigError, ExhaustiveConfig, MctsConfig, SearchConfig, Solver},
    cost::{Cost, CostFunction},
    evaluate::{Evaluate, Evaluation},
    front::{ParetoFront, ParetoPoint},
    guide::{GuideSites, Nuclease, NucleaseError, PamSide, Strands},
    plan::{Iteration, Plan, PlanError, Progress, StopReason, plan},
    sampler::Sampler,
    score::Score,
    space::{EditPrior, EditSpace, Restrictions, SpaceError},
    target::{Distance, Projection, Target, TargetError},
};
