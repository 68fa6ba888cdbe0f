//! The seam between what needs predictions and what makes them.

use burn::tensor::{Bool, Tensor};

use crate::{
    ActionEncoder, BaseActionEncoder, CausalPredictor, NativeBaseActionEncoder, PlacedEdit,
    Predictor,
    action_encoder::EncodeEditsError,
    rollout::{edit_by_edit, last_of_each},
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
    fn encode_each(&self, edits: &[PlacedEdit<'_>]) -> Result<Tensor<2>, EncodeEditsError>;
}

/// Predicts the states of windows after edits, whatever it runs on.
///
/// A row's prediction does not depend on the rows beside it.
pub trait StatePredictor: Send + Sync {
    /// Width of a state.
    fn d_state(&self) -> usize;

    /// Most edits that are taken at once, if there is a limit.
    fn max_edits(&self) -> Option<usize>;

    /// Most edits of a [`predict_trajectory`](Self::predict_trajectory), if there is a limit.
    fn max_steps(&self) -> Option<usize>;

    /// Predicts all steps of edit lists at once.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_edits, d_action]`, at least one and up to [`max_edits`](Self::max_edits)
    /// - `mask`: `[batch, n_edits]`, true for edits
    /// - output: `[batch, n_edits, d_state]`, of length 1, or 0 where the mask is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these.
    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3>;

    /// Predicts the state after one edit of each row: [`forward`](Self::forward) with one action.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `action`: `[batch, d_action]`
    /// - output: `[batch, d_state]`, of length 1
    fn predict_single(&self, state: Tensor<2>, action: Tensor<2>) -> Tensor<2> {
        self.predict_together(state, action.unsqueeze_dim(1))
    }

    /// Predicts the state after edit lists of one length, given at once: the last step of
    /// [`forward`](Self::forward).
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_edits, d_action]`
    /// - output: `[batch, d_state]`, of length 1
    fn predict_together(&self, state: Tensor<2>, actions: Tensor<3>) -> Tensor<2> {
        let [batch, n_edits, _] = actions.dims();
        let mask = Tensor::<2>::ones([batch, n_edits], &actions.device()).bool();
        self.forward(state, actions, mask)
            .narrow(1, n_edits - 1, 1)
            .squeeze_dim(1)
    }

    /// Predicts the states along edit lists, edit by edit.
    ///
    /// Of `cross_attention_v1` every step is [`predict_single`](Self::predict_single) of the state
    /// before it, so each stands at the first action's position. Of `causal_v2` this is
    /// [`forward`](Self::forward).
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_edits, d_action]`, at least one and up to
    ///   [`max_steps`](Self::max_steps)
    /// - `mask`: `[batch, n_edits]`, true for edits
    /// - output: `[batch, n_edits, d_state]`, of length 1, or 0 where the mask is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these.
    ///
    /// # Source
    ///
    /// `ARPredictor.rollout` and `predict_trajectory` of geno-lewm 0.2.1.
    fn predict_trajectory(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        edit_by_edit(self, state, actions, mask)
    }

    /// Predicts the state after whole edit lists: the last one along
    /// [`predict_trajectory`](Self::predict_trajectory).
    ///
    /// A row without edits keeps its state as it was given.
    ///
    /// # Shapes
    ///
    /// Those of [`predict_trajectory`](Self::predict_trajectory), output `[batch, d_state]`.
    fn predict_haplotype(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<2> {
        if actions.dims()[1] == 0 {
            return state;
        }
        let states = self.predict_trajectory(state.clone(), actions, mask.clone());
        last_of_each(state, states, mask)
    }
}

impl EditEncoder for ActionEncoder {
    fn encode_each(&self, edits: &[PlacedEdit<'_>]) -> Result<Tensor<2>, EncodeEditsError> {
        self.encode_each(edits.iter().map(|placed| placed.edit))
    }
}

impl EditEncoder for BaseActionEncoder {
    fn encode_each(&self, edits: &[PlacedEdit<'_>]) -> Result<Tensor<2>, EncodeEditsError> {
        self.encode_each(edits.iter().copied())
    }
}

impl EditEncoder for NativeBaseActionEncoder {
    fn encode_each(&self, edits: &[PlacedEdit<'_>]) -> Result<Tensor<2>, EncodeEditsError> {
        self.encode_each(edits)
    }
}

impl StatePredictor for Predictor {
    fn d_state(&self) -> usize {
        self.config().d_state
    }

    fn max_edits(&self) -> Option<usize> {
        Some(self.config().max_actions)
    }

    fn max_steps(&self) -> Option<usize> {
        None
    }

    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3> {
        self.forward(state, actions, mask)
    }

    fn predict_single(&self, state: Tensor<2>, action: Tensor<2>) -> Tensor<2> {
        self.predict_single(state, action)
    }
}

impl StatePredictor for CausalPredictor {
    fn d_state(&self) -> usize {
        self.config().d_state
    }

    fn max_edits(&self) -> Option<usize> {
        self.config().limit()
    }

    fn max_steps(&self) -> Option<usize> {
        self.config().limit()
    }

    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3> {
        self.forward(state, actions, mask)
    }

    fn predict_trajectory(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        self.forward(state, actions, mask)
    }
}
