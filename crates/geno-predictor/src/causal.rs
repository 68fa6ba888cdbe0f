//! The predictor `causal_v2`.

pub(crate) mod attention;
pub(crate) mod block;
pub(crate) mod build;
mod rollout;
pub(crate) mod rotation;

use burn::{
    module::Module,
    tensor::{Bool, Tensor, assert_shape},
};

pub use self::rollout::Rollout;
use self::{attention::KeyValues, block::CausalBlock, rotation::Rotation};
use crate::{causal_config::CausalConfig, layer::LayerNorm, read_out::ReadOut, tokens::Tokens};

/// Predicts the states of a window along a haplotype, from its state and the edits' vectors.
///
/// The tokens are the state and then each edit. They run through pre-norm blocks in which a token
/// sees itself and those before it:
///
/// ```text
/// x ← x + attention(LN(x)),  x ← x + W₂·GELU(W₁·LN(x))
/// Δₖ = W·LN(GELU(V·LN(xₖ))),  ŝₖ = (s + Δₖ) / ‖s + Δₖ‖
/// ```
///
/// Every `ŝₖ` is a change of the state that was given, and depends on the edits up to the `k`-th
/// alone. So a pass over all edits and a [`Rollout`] edit by edit are one function, and all steps
/// can be trained at once.
///
/// # Initial weights
///
/// Those of [`Predictor`](crate::Predictor).
///
/// # Cost
///
/// For each token `2` operations a weight; the rollout's cache holds `2 · n_layers · d_hidden`
/// numbers a token.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Bool, Device, Tensor};
/// use geno_core::RandomStream;
/// use geno_predictor::{CausalConfig, CausalPredictor, Network};
///
/// let device = Device::flex();
/// let config = CausalConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..CausalConfig::new(3, 4) };
/// let predictor = CausalPredictor::init(&config, &mut RandomStream::new(7, "doc"), &device)?;
/// let state = Tensor::<2>::from_floats([[0., 3., 4.]], &device);
/// let mask = Tensor::<2, Bool>::from_data([[true, true]], &device);
/// let predicted = predictor.forward(state, Tensor::ones([1, 2, 4], &device), mask).into_data();
/// // Untrained, it predicts no change: the state, at length 1.
/// assert_eq!(predicted.as_slice::<f32>()?, [0., 0.6, 0.8, 0., 0.6, 0.8]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct CausalPredictor {
    tokens: Tokens,
    blocks: Vec<CausalBlock>,
    final_norm: LayerNorm,
    /// `d_hidden → d_state`.
    read_out: ReadOut,
    #[module(skip)]
    config: CausalConfig,
}

impl CausalPredictor {
    /// The configuration it was built from.
    pub fn config(&self) -> &CausalConfig {
        &self.config
    }

    /// Predicts all steps of edit lists at once.
    ///
    /// # Shapes
    ///
    /// - `state`: `[batch, d_state]`
    /// - `actions`: `[batch, n_edits, d_action]`
    /// - `mask`: `[batch, n_edits]`, true for edits, false for what fills a shorter list up
    /// - output: `[batch, n_edits, d_state]`, of length 1, or 0 where the mask is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these, or there are more edits than learned positions.
    pub fn forward(
        &self,
        state: Tensor<2>,
        actions: Tensor<3>,
        mask: Tensor<2, Bool>,
    ) -> Tensor<3> {
        let [batch, n_edits, _] = actions.dims();
        let [d_state, d_action] = [self.config.d_state, self.config.d_action];
        assert_shape!(state, [batch, d_state]);
        assert_shape!(actions, [batch, n_edits, d_action]);
        assert_shape!(mask, [batch, n_edits]);
        if batch == 0 || n_edits == 0 {
            return Tensor::zeros([batch, n_edits, d_state], &state.device());
        }
        let first = self.tokens.state(state.clone());
        let tokens = Tensor::cat(vec![first, self.tokens.edits(actions, 0)], 1);
        let x = self.through_blocks(tokens, &mut vec![None; self.blocks.len()]);
        let edits = x.narrow(1, 1, n_edits);
        self.read_out(state, edits) * mask.float().unsqueeze_dim(2)
    }

    /// Runs tokens that follow those in `past`, and adds their keys and values to it.
    fn through_blocks(&self, tokens: Tensor<3>, past: &mut [Option<KeyValues>]) -> Tensor<3> {
        let first = past
            .first()
            .and_then(Option::as_ref)
            .map_or(0, KeyValues::len);
        let rotation = match self.config.positions {
            crate::StepPositions::Rope => Some(Rotation::new(
                self.config.d_hidden / self.config.n_heads,
                first..first + tokens.dims()[1],
                &tokens.device(),
            )),
            crate::StepPositions::Learned => None,
        };
        let blocks = self.blocks.iter().zip(past);
        blocks.fold(tokens, |x, (block, past)| {
            block.forward(x, past, rotation.as_ref())
        })
    }

    /// Predictions `[batch, n, d_state]` from the edits' rows `[batch, n, d]`.
    fn read_out(&self, state: Tensor<2>, rows: Tensor<3>) -> Tensor<3> {
        self.read_out.forward(state, self.final_norm.forward(rows))
    }
}
