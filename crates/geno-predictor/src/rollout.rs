//! Haplotypes one edit at a time.

use burn::tensor::{Bool, Tensor, assert_shape};

use crate::StatePredictor;

/// The states along edit lists, each from the one before it.
pub(crate) fn steps<P: StatePredictor + ?Sized>(
    predictor: &P,
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
pub(crate) struct Step {
    /// `[batch, d_state]`.
    pub(crate) state: Tensor<2>,
    /// 1 where the mask is true: `[batch, 1]`.
    pub(crate) present: Tensor<2>,
}
