//! Haplotypes one edit at a time.

use burn::tensor::{Tensor, assert_shape};

use super::{CausalPredictor, attention::KeyValues};

/// A haplotype of each row under way: what the predictor keeps of the state and the edits so far.
///
/// Its steps are those of [`CausalPredictor::forward`] to rounding, each at the cost of one token.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use geno_core::RandomStream;
/// use geno_predictor::{CausalConfig, CausalPredictor, Network};
///
/// let device = Device::flex();
/// let config = CausalConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..CausalConfig::new(3, 4) };
/// let predictor = CausalPredictor::init(&config, &mut RandomStream::new(7, "doc"), &device)?;
/// let mut rollout = predictor.rollout(Tensor::ones([2, 3], &device));
/// let first = rollout.step(Tensor::ones([2, 4], &device));
/// let second = rollout.step(Tensor::zeros([2, 4], &device));
/// assert_eq!((first.dims(), second.dims(), rollout.n_edits()), ([2, 3], [2, 3], 2));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rollout<'a> {
    predictor: &'a CausalPredictor,
    state: Tensor<2>,
    past: Vec<Option<KeyValues>>,
    n_edits: usize,
}

impl CausalPredictor {
    /// Begins haplotypes at states `[batch, d_state]`.
    ///
    /// # Panics
    ///
    /// If the states have another width, or there is none.
    pub fn rollout(&self, state: Tensor<2>) -> Rollout<'_> {
        assert_shape!(state, [_, self.config.d_state]);
        let mut past = vec![None; self.blocks.len()];
        self.through_blocks(self.tokens.state(state.clone()), &mut past);
        Rollout {
            predictor: self,
            state,
            past,
            n_edits: 0,
        }
    }
}

impl Rollout<'_> {
    /// Adds an edit `[batch, d_action]` to each haplotype and gives the states `[batch, d_state]`
    /// after it, of length 1.
    ///
    /// # Panics
    ///
    /// If the shape differs from that, or there are more edits than learned positions.
    pub fn step(&mut self, action: Tensor<2>) -> Tensor<2> {
        let [batch, _] = self.state.dims();
        assert_shape!(action, [batch, self.predictor.config.d_action]);
        let token = self
            .predictor
            .tokens
            .edits(action.unsqueeze_dim(1), self.n_edits);
        let row = self.predictor.through_blocks(token, &mut self.past);
        self.n_edits += 1;
        self.predictor
            .read_out(self.state.clone(), row)
            .squeeze_dim(1)
    }

    /// How many edits were added.
    pub fn n_edits(&self) -> usize {
        self.n_edits
    }
}
