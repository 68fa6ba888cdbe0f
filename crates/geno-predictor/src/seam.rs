//! The seam between what needs predictions and what makes them.

use burn::tensor::{Bool, Tensor};
use geno_action::RelEdit;

use crate::{
    ActionEncoder, Predictor, action_encoder::EncodeEditsError, config::PredictorConfig,
    rollout::last_state,
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

    /// Predicts the state after the whole edit list of each row, of any length: each edit from the
    /// state after the one before it, as [`Predictor::predict_haplotype`], unless the network has a
    /// rollout of its own.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_actions, d_action]`
    /// - `mask`: `[batch, n_actions]`, true for actions
    /// - output: `[batch, d_state]`
    fn predict_haplotype(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<2> {
        last_state(self, state, actions, mask)
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
