//! The seam between what needs predictions and what makes them.

use burn::tensor::{Bool, Tensor};
use geno_action::RelEdit;

use crate::{
    ActionEncoder, Predictor, action_encoder::EncodeEditsError, config::PredictorConfig,
    rollout::steps,
};

/// Turns edits into vectors, whatever it runs on.
pub trait EditEncoder: Send + Sync {
    /// Encodes edits one by one: `[n, d_action]`.
    ///
    /// An action does not depend on which other edits are in the call.
    ///
    /// # Errors
    ///
    /// [`EncodeEditsError::PositionTooLarge`] for the first edit at or beyond the longest window.
    fn encode_each(&self, edits: &[&RelEdit]) -> Result<Tensor<2>, EncodeEditsError>;
}

/// Predicts the states of windows after edits, whatever it runs on.
///
/// A row's prediction does not depend on the rows beside it.
pub trait StatePredictor: Send + Sync {
    /// The shape of the network.
    fn config(&self) -> &PredictorConfig;

    /// Predicts all steps of edit lists at once: [`Predictor::forward`].
    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3>;

    /// Predicts the state after one edit of each row: [`Predictor::predict_single`].
    fn predict_single(&self, state: Tensor<2>, action: Tensor<2>) -> Tensor<2>;

    /// Predicts the states along edit lists, each from the one before it.
    ///
    /// Every step is [`predict_single`](Self::predict_single), so each stands at the first
    /// action's position, and there may be any number of them. A step whose mask is false keeps
    /// the state and gives zeros.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_actions, d_action]`, at least one
    /// - `mask`: `[batch, n_actions]`, true for actions
    /// - output: `[batch, n_actions, d_state]`, of length 1, or 0 where the mask is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these, or there are no actions.
    ///
    /// # Source
    ///
    /// `ARPredictor.rollout` of geno-lewm 0.2.1, there `predict_trajectory` too.
    fn rollout(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3> {
        let steps = steps(self, state, actions, mask);
        Tensor::stack(steps.map(|step| step.state * step.present).collect(), 1)
    }

    /// Predicts the state after whole edit lists: the last state of the rollout.
    ///
    /// A row without edits keeps its state as it was given.
    ///
    /// # Shapes
    ///
    /// Those of [`rollout`](Self::rollout), output `[batch, d_state]`.
    fn predict_haplotype(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<2> {
        let given = state.clone();
        let steps = steps(self, state, actions, mask);
        steps.last().map_or(given, |step| step.state)
    }
}

impl EditEncoder for ActionEncoder {
    fn encode_each(&self, edits: &[&RelEdit]) -> Result<Tensor<2>, EncodeEditsError> {
        self.encode_each(edits.iter().copied())
    }
}

impl StatePredictor for Predictor {
    fn config(&self) -> &PredictorConfig {
        self.config()
    }

    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3> {
        self.forward(state, actions, mask)
    }

    fn predict_single(&self, state: Tensor<2>, action: Tensor<2>) -> Tensor<2> {
        self.predict_single(state, action)
    }
}
