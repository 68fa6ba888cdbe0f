//! Predicted states of candidates, for a search over edits.

use std::collections::HashMap;

use burn::tensor::{Bool, Int, Tensor, TensorData};
use geno_action::{Haplotype, RelEdit};
use geno_core::{Coded, ErrorCode, StateContract, Window};
use geno_planning::{Evaluate, Evaluation, Target};

use super::{Runtime, RuntimeError, surprise::PREDICTED, values};

/// Why a vector is no state of a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableState {
    /// It has another width than the model's states.
    #[error("state has {found} values, those of the model {expected}")]
    Width {
        /// Values given.
        found: usize,
        /// Values of the model's states.
        expected: usize,
    },
    /// A value is NaN, infinite or beyond what `f32` holds.
    #[error("value {index} is not a finite number")]
    NotFinite {
        /// Which one, from 0.
        index: usize,
    },
    /// All values are 0, and states have length 1.
    #[error("a state of length 0 cannot be brought to length 1")]
    NoDirection,
}

impl Coded for UnusableState {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// Predicts where candidates lead from one state, and how far that is from a target.
///
/// The state after a candidate's edits is the last row of the parallel forward
/// ([`StatePredictor::forward`](geno_predictor::StatePredictor::forward)) over them, by position. So
/// does the published planner, which leaves them in the order they were drawn. It is not the rollout,
/// where each step starts from the one before it. Without edits a state stays as it is.
///
/// Different edits of a batch are encoded once. Lists are filled up to the horizon and masked, so
/// that a prediction depends on no other candidate and on no size of a batch.
pub struct PlanEvaluator<'r> {
    runtime: &'r Runtime,
    source: Vec<f32>,
    target: Target,
    horizon: usize,
}

impl Runtime {
    /// Brings a vector into the form that the model's contract gives states: to length 1 under
    /// [`StateContract::L2NormalizedV2`], as it is under [`StateContract::LegacyRawV1`].
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`] and [`RuntimeError::UnusableState`].
    pub fn state_in_contract(&self, state: Vec<f32>) -> Result<Vec<f32>, RuntimeError> {
        let d_state = self.predictor()?.config().d_state;
        Ok(in_contract(state, d_state, self.contract())?)
    }

    /// The real state of a window around a 0-based locus, of its middle base without one, in the form
    /// of [`state_in_contract`](Self::state_in_contract).
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::Encode`] and [`RuntimeError::UnusableState`].
    pub fn encode_planned(
        &self,
        window: &Window,
        locus: Option<usize>,
    ) -> Result<Vec<f32>, RuntimeError> {
        let locus = locus.unwrap_or(window.len() / 2);
        self.state_in_contract(self.encode_window(window, Some(locus))?)
    }

    /// As [`encode_planned`](Self::encode_planned), of a window with all edits of a plan applied.
    ///
    /// The locus is that of the reference window.
    ///
    /// # Errors
    ///
    /// As [`encode_planned`](Self::encode_planned).
    pub fn encode_plan(
        &self,
        plan: &Haplotype,
        locus: Option<usize>,
    ) -> Result<Vec<f32>, RuntimeError> {
        let locus = locus.unwrap_or(plan.window().len() / 2);
        let mut states = self.encode_haplotypes(&[(plan, Some(locus))])?;
        self.state_in_contract(states.swap_remove(0))
    }

    /// An evaluator for a search over plans of up to `horizon` edits.
    ///
    /// `source` is the state that they begin at, both it and the target in the form of
    /// [`state_in_contract`](Self::state_in_contract).
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`], [`RuntimeError::UnusableState`], [`RuntimeError::Horizon`] where the
    /// predictor takes fewer edits at once, and [`RuntimeError::Target`] where source and target cannot
    /// be compared.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::{ops::ControlFlow, path::Path, sync::Arc};
    ///
    /// use geno_core::Window;
    /// use geno_planning::{
    ///     Distance, EditPrior, EditSpace, Restrictions, SearchConfig, Target, plan,
    /// };
    /// use geno_runtime::{BackendChoice, EncoderSource, ModelDir, Runtime};
    ///
    /// let model = ModelDir::open(Path::new("demo/model"), &EncoderSource::default())?;
    /// let runtime = Runtime::load(&model, BackendChoice::Auto)?;
    ///
    /// let window = Arc::new(Window::new(0, b"ACGT".repeat(3_072))?);
    /// let wanted = Window::new(0, b"ACTT".repeat(3_072))?;
    /// let source = runtime.encode_planned(&window, None)?;
    /// let target = Target::new(Distance::L2, [runtime.encode_planned(&wanted, None)?])?;
    ///
    /// let config = SearchConfig::default();
    /// let mut evaluator = runtime.plan_evaluator(source, target, config.horizon)?;
    /// let space = EditSpace::new(window, &EditPrior::default(), &Restrictions::default())?;
    /// let found = plan(&space, &config, &mut evaluator, |_| ControlFlow::Continue(()))?;
    /// println!("{} edits, {}", found.best.edits().len(), found.best_distance);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn plan_evaluator(
        &self,
        source: Vec<f32>,
        target: Target,
        horizon: usize,
    ) -> Result<PlanEvaluator<'_>, RuntimeError> {
        let (config, _) = (self.predictor()?.config(), self.action_encoder()?);
        let (found, expected) = (source.len(), config.d_state);
        if found != expected {
            return Err(UnusableState::Width { found, expected }.into());
        }
        let limit = config.max_actions;
        if horizon > limit {
            return Err(RuntimeError::Horizon { horizon, limit });
        }
        target.distance(&source)?;
        Ok(PlanEvaluator {
            runtime: self,
            source,
            target,
            horizon,
        })
    }
}

/// A vector in the form that a contract gives states of this width.
fn in_contract(
    state: Vec<f32>,
    expected: usize,
    contract: StateContract,
) -> Result<Vec<f32>, UnusableState> {
    let found = state.len();
    if found != expected {
        return Err(UnusableState::Width { found, expected });
    }
    if let Some(index) = state.iter().position(|x| !x.is_finite()) {
        return Err(UnusableState::NotFinite { index });
    }
    if contract == StateContract::LegacyRawV1 {
        return Ok(state);
    }
    let square = |x: &f32| f64::from(*x) * f64::from(*x);
    let length = state.iter().map(square).sum::<f64>().sqrt();
    if length == 0.0 {
        return Err(UnusableState::NoDirection);
    }
    let scaled = |x: f32| (f64::from(x) / length) as f32;
    Ok(state.into_iter().map(scaled).collect())
}

impl PlanEvaluator<'_> {
    /// How far a state is from the target.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Target`] for a vector that is no state.
    pub fn distance(&self, state: &[f32]) -> Result<f64, RuntimeError> {
        Ok(self.target.distance(state)?)
    }

    fn evaluation(&self, state: Vec<f32>) -> Result<Evaluation, RuntimeError> {
        let distance = self.distance(&state)?;
        Ok(Evaluation { distance, state })
    }

    /// States after candidates that have edits: `[n, d_state]`.
    fn predicted(&self, candidates: &[&[RelEdit]]) -> Result<Tensor<2>, RuntimeError> {
        let (n, horizon) = (candidates.len(), self.horizon);
        let mut numbers = HashMap::new();
        let mut different = Vec::new();
        // Where a list has ended any action stands, and the mask says so.
        let (mut actions, mut present) = (vec![0; n * horizon], vec![false; n * horizon]);
        let mut last = Vec::with_capacity(n);
        for (row, edits) in candidates.iter().enumerate() {
            for (step, edit) in edits.iter().enumerate() {
                let number = *numbers.entry(edit).or_insert_with(|| {
                    different.push(edit);
                    different.len() as i32 - 1
                });
                actions[row * horizon + step] = number;
                present[row * horizon + step] = true;
            }
            last.push((row * horizon + edits.len() - 1) as i32);
        }

        let device = &self.runtime.device;
        let rows = |rows: Vec<i32>| {
            let len = rows.len();
            Tensor::<1, Int>::from_data(TensorData::new(rows, [len]), device)
        };
        let encoded = self.runtime.action_encoder()?.encode_each(&different)?;
        let [_, d_action] = encoded.dims();
        let actions = encoded
            .select(0, rows(actions))
            .reshape([n, horizon, d_action]);
        let present = TensorData::new(present, [n, horizon]);
        let present = Tensor::<2, Bool>::from_data(present, device);
        let d_state = self.source.len();
        let source = TensorData::new(self.source.clone(), [1, d_state]);
        let source = Tensor::<2>::from_data(source, device).repeat_dim(0, n);
        let predicted = self.runtime.predictor()?.forward(source, actions, present);
        Ok(predicted
            .reshape([n * horizon, d_state])
            .select(0, rows(last)))
    }
}

impl Evaluate for PlanEvaluator<'_> {
    type Error = RuntimeError;

    fn evaluate(&mut self, candidates: &[Haplotype]) -> Result<Vec<Evaluation>, Self::Error> {
        let mut evaluations = Vec::with_capacity(candidates.len());
        for candidates in candidates.chunks(PREDICTED) {
            let edits = candidates.iter().map(Haplotype::edits);
            let edited: Vec<_> = edits.filter(|edits| !edits.is_empty()).collect();
            let states = match edited.as_slice() {
                [] => Vec::new(),
                edited => values(self.predicted(edited)?),
            };
            let mut states = states.chunks(self.source.len());
            for candidate in candidates {
                let state = match candidate.edits() {
                    [] => self.source.as_slice(),
                    _ => states.next().expect("one state a list of edits"),
                };
                evaluations.push(self.evaluation(state.to_vec())?);
            }
        }
        Ok(evaluations)
    }
}
