//! The predictor `cross_attention_v1`.

pub(crate) mod build;

use burn::{
    module::Module,
    tensor::{Bool, Tensor, assert_shape},
};

use crate::{
    block::Block, config::PredictorConfig, cross_block::ActionsToState, mask::Mask,
    read_out::ReadOut, tokens::Tokens,
};

/// Predicts the state of a window after edits, from its state and the edits' vectors.
///
/// The state and each action become a token. Cross-attention blocks let, by turns, the state look
/// at the actions and each action at the state and the actions before it; self-attention blocks
/// let all look at all. A change `Δₖ` is read at action `k`, and the prediction is
/// `(s + Δₖ) / ‖s + Δₖ‖`: for every `k` a change of the state that was given, at length 1.
///
/// # Source
///
/// `Predictor` of geno-lewm 0.2.1, tensor for tensor.
///
/// # Initial weights
///
/// Untrained, it predicts that nothing changes: weights are normal with deviation `√(2 / fan_in)`,
/// cut at two deviations, embeddings normal with deviation 0.02, the last layer and all biases zero.
#[derive(Module, Debug)]
pub struct Predictor {
    tokens: Tokens,
    cross_blocks: Vec<CrossBlock>,
    self_blocks: Vec<Block>,
    /// `d_hidden → d_state`.
    read_out: ReadOut,
    #[module(skip)]
    config: PredictorConfig,
}

/// The even blocks and the odd ones.
#[derive(Module, Debug)]
enum CrossBlock {
    Even(Block),
    Odd(ActionsToState),
}

impl Predictor {
    /// The configuration it was built from.
    pub fn config(&self) -> &PredictorConfig {
        &self.config
    }

    /// Predicts all steps of edit lists at once.
    ///
    /// This is not [`predict_trajectory`](crate::StatePredictor::predict_trajectory): step `k` is
    /// predicted from the given state, and every step sees the later ones.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_actions, d_action]`, up to `max_actions`
    /// - `mask`: `[batch, n_actions]`, true for actions, in any pattern
    /// - output: `[batch, n_actions, d_state]`, of length 1, or 0 where the mask is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these, or there are no actions or more than `max_actions`.
    pub fn forward(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        let [batch, n_actions, _] = actions.dims();
        assert_shape!(mask, [batch, n_actions]);
        let mask = Mask::new(mask);
        self.predict(state, actions, Some(&mask)) * mask.present
    }

    /// Predicts the state after one edit of each row: [`forward`](Self::forward) with one action.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `action`: `[batch, d_action]`
    /// - output: `[batch, d_state]`, of length 1
    pub fn predict_single(&self, state: Tensor<2>, action: Tensor<2>) -> Tensor<2> {
        self.predict(state, action.unsqueeze_dim(1), None)
            .squeeze_dim(1)
    }

    fn predict(&self, state: Tensor<2>, actions: Tensor<3>, mask: Option<&Mask>) -> Tensor<3> {
        let PredictorConfig {
            d_state,
            d_action,
            max_actions,
            ..
        } = self.config;
        let [batch, n_actions, _] = actions.dims();
        assert_shape!(state, [batch, d_state]);
        assert_shape!(actions, [batch, n_actions, d_action]);
        assert!(
            (1..=max_actions).contains(&n_actions),
            "{n_actions} actions, expected 1 to {max_actions}",
        );
        if batch == 0 {
            return Tensor::zeros([0, n_actions, d_state], &state.device());
        }

        let mut s = self.tokens.state(state.clone());
        let mut a = self.tokens.edits(actions, 0);
        for block in &self.cross_blocks {
            match block {
                CrossBlock::Even(block) => s = block.forward_state(s, a.clone(), mask),
                CrossBlock::Odd(block) => a = block.forward(s.clone(), a, mask),
            }
        }
        let tokens = Tensor::cat(vec![s, a], 1);
        let (last, others) = self.self_blocks.split_last().expect("at least one block");
        let tokens = others
            .iter()
            .fold(tokens, |x, block| block.forward(x, mask));
        let actions = last.forward_actions(tokens, mask);
        self.read_out.forward(state, actions)
    }
}
