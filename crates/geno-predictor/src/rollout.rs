//! Haplotypes one edit at a time.

use burn::tensor::{Bool, Tensor, assert_shape};

use crate::StatePredictor;

/// The states `[batch, n_edits, d_state]` along edit lists, each from the one before it; zeros where
/// the mask is false.
pub(crate) fn edit_by_edit<P: StatePredictor + ?Sized>(
    predictor: &P,
    state: Tensor<2>,
    actions: Tensor<3>,
    mask: Tensor<2, Bool>,
) -> Tensor<3> {
    let [batch, n_edits, d_action] = actions.dims();
    assert_shape!(mask, [batch, n_edits]);
    let mut current = state;
    let states = (0..n_edits).map(|i| {
        let action = actions.clone().narrow(1, i, 1).reshape([batch, d_action]);
        let present = mask.clone().narrow(1, i, 1);
        let next = predictor.predict_single(current.clone(), action);
        let kept = present.clone().bool_not().expand(next.dims());
        current = next.mask_where(kept, current.clone());
        current.clone() * present.float()
    });
    Tensor::stack(states.collect(), 1)
}

/// Of each row the last state whose mask is true, or the given one where there is none.
pub(crate) fn last_of_each(
    given: Tensor<2>,
    states: Tensor<3>,
    mask: Tensor<2, Bool>,
) -> Tensor<2> {
    let n = mask.dims()[1];
    (0..n).fold(given, |last, i| {
        let present = mask.clone().narrow(1, i, 1).expand(last.dims());
        let state = states.clone().narrow(1, i, 1).squeeze_dim(1);
        last.mask_where(present, state)
    })
}
