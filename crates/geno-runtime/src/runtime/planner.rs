//! Predicted states of candidates, for a search over edits.

use geno_action::Haplotype;
use geno_core::{Coded, ErrorCode, StateContract, Window};
use geno_planning::{Evaluate, Evaluation, Target};

use super::{Runtime, RuntimeError, predict::Unedited};

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
/// The state after a candidate's edits, by position, is predicted as
/// [`prediction`](PlanEvaluator::prediction) says, for all candidates of a search alike. It depends on
/// no other candidate and on no size of a batch.
pub struct PlanEvaluator<'r> {
    runtime: &'r Runtime,
    source: Vec<f32>,
    /// Around which the source was pooled, 0-based in the window.
    locus: usize,
    target: Target,
    prediction: PlanPrediction,
}

/// How the states after plans are predicted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PlanPrediction {
    /// All edits given at once: [`Runtime::predict`]. So does the published planner, which leaves
    /// edits in the order they were drawn.
    AtOnce,
    /// Each edit from the state before it: [`Runtime::predict_haplotypes`]. So are plans of more edits
    /// than the predictor takes at once.
    EditByEdit,
}

impl PlanPrediction {
    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at_once",
            Self::EditByEdit => "edit_by_edit",
        }
    }
}

impl Runtime {
    /// Brings a vector into the form that the model's contract gives states: to length 1 under
    /// [`StateContract::L2NormalizedV2`], as it is under [`StateContract::LegacyRawV1`].
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Missing`] and [`RuntimeError::UnusableState`].
    pub fn state_in_contract(&self, state: Vec<f32>) -> Result<Vec<f32>, RuntimeError> {
        let d_state = self.predictor()?.d_state();
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
    /// `source` is the state that they begin at, pooled around the 0-based `locus` of the window;
    /// both it and the target are in the form of [`state_in_contract`](Self::state_in_contract).
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
    /// let locus = window.len() / 2;
    /// let source = runtime.encode_planned(&window, Some(locus))?;
    /// let target = Target::new(Distance::L2, [runtime.encode_planned(&wanted, None)?])?;
    ///
    /// let config = SearchConfig::default();
    /// let mut evaluator = runtime.plan_evaluator((source, locus), target, config.horizon)?;
    /// let space = EditSpace::new(window, &EditPrior::default(), &Restrictions::default())?;
    /// let found = plan(&space, &config, &mut evaluator, |_| ControlFlow::Continue(()))?;
    /// println!("{} edits, {}", found.best.edits().len(), found.best_distance);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn plan_evaluator(
        &self,
        (source, locus): (Vec<f32>, usize),
        target: Target,
        horizon: usize,
    ) -> Result<PlanEvaluator<'_>, RuntimeError> {
        let (predictor, _) = (self.predictor()?, self.action_encoder()?);
        let (found, expected) = (source.len(), predictor.d_state());
        if found != expected {
            return Err(UnusableState::Width { found, expected }.into());
        }
        let beyond = |limit: Option<usize>| limit.filter(|limit| horizon > *limit);
        let prediction = match (beyond(predictor.max_edits()), beyond(predictor.max_steps())) {
            (None, _) => PlanPrediction::AtOnce,
            (Some(_), None) => PlanPrediction::EditByEdit,
            (Some(_), Some(limit)) => return Err(RuntimeError::Horizon { horizon, limit }),
        };
        target.distance(&source)?;
        Ok(PlanEvaluator {
            runtime: self,
            source,
            locus,
            target,
            prediction,
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
    /// How states are predicted.
    pub fn prediction(&self) -> PlanPrediction {
        self.prediction
    }

    /// How far a state is from the target.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Target`] for a vector that is no state.
    pub fn distance(&self, state: &[f32]) -> Result<f64, RuntimeError> {
        Ok(self.target.distance(state)?)
    }
}

impl Evaluate for PlanEvaluator<'_> {
    type Error = RuntimeError;

    fn evaluate(&mut self, candidates: &[Haplotype]) -> Result<Vec<Evaluation>, Self::Error> {
        let unedited = candidates.iter().map(|haplotype| Unedited {
            state: &self.source,
            haplotype,
            locus: self.locus,
        });
        let unedited: Vec<_> = unedited.collect();
        let states = match self.prediction {
            PlanPrediction::AtOnce => self.runtime.predict(&unedited)?,
            PlanPrediction::EditByEdit => self.runtime.predict_haplotypes(&unedited)?,
        };
        let evaluation = |state: Vec<f32>| {
            let distance = self.distance(&state)?;
            Ok(Evaluation { distance, state })
        };
        states.into_iter().map(evaluation).collect()
    }
}
