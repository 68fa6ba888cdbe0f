//! Made-up haplotypes, for what takes states and actions as they come.

use burn::tensor::{Bool, Device, Tensor, TensorData};
use geno_core::RandomStream;
use rand::RngExt;

use crate::networks::random_state;

/// States and the edits after them, none missing.
pub(crate) struct Haplotypes {
    /// `[batch, d_state]`, of length 1.
    pub(crate) state: Tensor<2>,
    /// `[batch, n_edits, d_action]`.
    pub(crate) actions: Tensor<3>,
    /// `[batch, n_edits]`, all true.
    pub(crate) present: Tensor<2, Bool>,
}

impl Haplotypes {
    /// The edits `[batch, d_action]` of one step.
    pub(crate) fn action(&self, step: usize) -> Tensor<2> {
        self.actions.clone().narrow(1, step, 1).squeeze_dim(1)
    }

    pub(crate) fn random(
        [batch, n_edits]: [usize; 2],
        d_state: usize,
        d_action: usize,
        device: &Device,
    ) -> Self {
        let state = |row| random_state(&format!("bench/rollout/{row}"), d_state);
        let states: Vec<f32> = (0..batch).flat_map(state).collect();
        let mut stream = RandomStream::new(0, "bench/rollout/actions");
        let n_actions = batch * n_edits;
        let actions = (0..n_actions * d_action).map(|_| stream.random_range(-1f32..1.));
        let actions = TensorData::new(actions.collect(), [batch, n_edits, d_action]);
        let present = TensorData::new(vec![true; n_actions], [batch, n_edits]);
        Self {
            state: Tensor::from_data(TensorData::new(states, [batch, d_state]), device),
            actions: Tensor::from_data(actions, device),
            present: Tensor::from_data(present, device),
        }
    }
}
