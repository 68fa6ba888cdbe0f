//! Haplotypes one edit at a time.

use burn::tensor::{Bool, Tensor, assert_shape};

use crate::{Predictor, StatePredictor};

impl Predictor {
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
    pub fn rollout(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
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
    pub fn predict_haplotype(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<2> {
        last_state(self, state, actions, mask)
    }
}

/// The state after the last edit, each step predicted from the one before it.
pub(crate) fn last_state(
    predictor: &(impl StatePredictor + ?Sized),
    state: Tensor<2>,
    actions: Tensor<3>,
    mask: Tensor<2, Bool>,
) -> Tensor<2> {
    let given = state.clone();
    let steps = steps(predictor, state, actions, mask);
    steps.last().map_or(given, |step| step.state)
}

fn steps(
    predictor: &(impl StatePredictor + ?Sized),
    state: Tensor<2>,
    actions: Tensor<3>,
    mask: Tensor<2, Bool>,
) -> impl Iterator<Item = Step> {
    let [batch, n_actions, d_action] = actions.dims();
    assert_shape!(mask, [batch, n_actions]);
    let mut current = state;
    (0..n_actions).map(move |i| {
        let action = actions.clone().narrow(1, i, 1).reshape([batch, d_action]);
        let present = mask.clone().narrow(1, i, 1);
        let next = predictor.predict_single(current.clone(), action);
        let kept = present.clone().bool_not().expand(next.dims());
        current = next.mask_where(kept, current.clone());
        Step {
            state: current.clone(),
            present: present.float(),
        }
    })
}

/// One step of a rollout.
struct Step {
    /// `[batch, d_state]`.
    state: Tensor<2>,
    /// 1 where the mask is true: `[batch, 1]`.
    present: Tensor<2>,
}
