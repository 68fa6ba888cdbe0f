//! Masks of missing actions, as numbers added to attention scores.

use burn::tensor::{Bool, Device, Tensor, TensorData};

/// Added where a query must not look: its weight becomes exactly 0, yet a row in which nothing is
/// left to look at stays finite.
const HIDDEN: f32 = -1e30;

/// What a mask says, in the forms the blocks need.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    /// 1 for an action, 0 for padding: `[batch, n_actions, 1]`.
    pub(crate) present: Tensor<3>,
    /// Over actions: `[batch, 1, 1, n_actions]`.
    pub(crate) over_actions: Tensor<4>,
    /// Over the state and the actions: `[batch, 1, 1, 1 + n_actions]`.
    pub(crate) over_tokens: Tensor<4>,
}

impl Mask {
    /// Reads a mask of `[batch, n_actions]`, true for actions.
    pub(crate) fn new(mask: Tensor<2, Bool>) -> Self {
        let present = mask.float();
        let [batch, n_actions] = present.dims();
        let hidden = present.clone().sub_scalar(1.).mul_scalar(-HIDDEN);
        let state = hidden.zeros_like().narrow(1, 0, 1);
        let tokens = Tensor::cat(vec![state, hidden.clone()], 1);
        Self {
            present: present.reshape([batch, n_actions, 1]),
            over_actions: hidden.reshape([batch, 1, 1, n_actions]),
            over_tokens: tokens.reshape([batch, 1, 1, n_actions + 1]),
        }
    }
}

/// Lets token `i` of `n` see the tokens `0..=i` and the `before` ones: `[1, 1, n, before + n]`.
pub(crate) fn causal(n: usize, before: usize, device: &Device) -> Tensor<4> {
    let seen = |query, key| key <= before + query;
    let values: Vec<f32> = (0..n)
        .flat_map(|query| {
            (0..before + n).map(move |key| if seen(query, key) { 0. } else { HIDDEN })
        })
        .collect();
    Tensor::from_data(TensorData::new(values, [1, 1, n, before + n]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_sees_those_before_and_itself() {
        let bias = causal(2, 1, &Device::flex()).into_data();
        let expected = [0., 0., HIDDEN, 0., 0., 0.];
        assert_eq!(bias.as_slice::<f32>().unwrap(), expected);
    }

    #[test]
    fn padding_is_hidden_and_the_state_is_not() {
        let mask = Tensor::<2, Bool>::from_data([[true, false]], &Device::flex());
        let tokens = Mask::new(mask).over_tokens.into_data();
        assert_eq!(tokens.as_slice::<f32>().unwrap(), [0., 0., HIDDEN]);
    }
}
