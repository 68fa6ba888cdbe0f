//! The predictor `cross_attention_v1` on the kernels for CPUs.

use std::sync::Mutex;

use burn::tensor::{Bool, Tensor, TensorData, assert_shape};
use geno_core::Dtype;
use geno_kernels::Kernel;
use geno_weights::{WeightError, WeightFile};

use super::{
    layers::Layers,
    network::Network,
    pass::Wanted,
    read_out::{ReadOut, hide, move_states},
    rows::{add_rows, over_values, values},
    sight::Sight,
    tokens::Tokens,
    workspace::Workspace,
};
use crate::{
    StatePredictor, config::PredictorConfig, error::LoadError, predictor::build::READ_OUT,
};

/// Rows for each thread that are computed together: what lies between two steps stays in a cache.
const ROWS_A_THREAD: usize = 140;

/// A predictor on this machine's processor.
///
/// Its definition is [`Predictor`](crate::Predictor): predictions agree within 10⁻⁵ where products
/// are in `f32`. A row's prediction is the same to the last bit whatever stands in the rows beside
/// it, how many there are, and how many threads compute them.
///
/// # Cost
///
/// With `h = d_hidden` and `f = ffn_dim`, in multiplications of `h` by `h` a row with one action:
/// `1 + 2f/h` in an even cross block, whose query, key and softmax say nothing where there is one
/// key; `5 + 2f/h` in an odd one and in the last block; `7 + 4f/h` in the other self-attention
/// blocks. Keys are projected once for every two tokens, as only their difference counts.
pub struct NativePredictor {
    kernel: Kernel,
    tokens: Tokens,
    network: Network,
    read_out: ReadOut,
    config: PredictorConfig,
    workspaces: Mutex<Vec<Workspace>>,
}

impl NativePredictor {
    /// Loads the predictor that a configuration describes.
    ///
    /// Products are in `bf16` for [`Dtype::Bf16`], weights and rows rounded, and in `f32` otherwise;
    /// sums and everything else are in `f32`.
    ///
    /// # Errors
    ///
    /// As of [`Network::load`](crate::Network::load).
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &PredictorConfig,
        products: Dtype,
        kernel: Kernel,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        let predictor = Self::build(&mut Layers::new(file, products), config, kernel)?;
        file.finish()?;
        Ok(predictor)
    }

    fn build(
        layers: &mut Layers<'_, '_>,
        config: &PredictorConfig,
        kernel: Kernel,
    ) -> Result<Self, WeightError> {
        let (d, d_state) = (config.d_hidden, config.d_state);
        let projected = (d_state != d).then_some(d_state);
        let n_steps = Some(config.max_actions + 1);
        Ok(Self {
            kernel,
            tokens: Tokens::load(layers, projected, [config.d_action, d], n_steps)?,
            network: Network::load(layers, kernel, config)?,
            read_out: ReadOut::load(layers, READ_OUT, [d, d_state])?,
            config: config.clone(),
            workspaces: Mutex::default(),
        })
    }

    /// Predicts all steps of edit lists at once, as
    /// [`Predictor::forward`](crate::Predictor::forward).
    ///
    /// # Shapes
    ///
    /// - `states`: `[rows, d_state]`
    /// - `actions`: `[rows, n_actions, d_action]`, up to `max_actions`
    /// - `present`: `[rows, n_actions]`, true for actions, in any pattern
    /// - output: `[rows, n_actions, d_state]`, of length 1, or 0 where `present` is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these, or there are no actions or more than `max_actions`.
    pub fn predict(&self, states: &[f32], actions: &[f32], present: &[bool]) -> Vec<f32> {
        self.steps(states, actions, present, Wanted::Every)
    }

    /// Predicts the last step of lists that have as many actions.
    ///
    /// # Shapes
    ///
    /// - `states`: `[rows, d_state]`
    /// - `actions`: `[rows, n_actions, d_action]`
    /// - output: `[rows, d_state]`, of length 1, the last step of [`predict`](Self::predict) to the
    ///   last bit
    ///
    /// # Cost
    ///
    /// In the last block and beyond, one action instead of all.
    ///
    /// # Panics
    ///
    /// As [`predict`](Self::predict).
    pub fn predict_last(&self, states: &[f32], actions: &[f32]) -> Vec<f32> {
        let present = vec![true; actions.len() / self.config.d_action];
        self.steps(states, actions, &present, Wanted::Last)
    }

    fn steps(&self, states: &[f32], actions: &[f32], present: &[bool], wanted: Wanted) -> Vec<f32> {
        let PredictorConfig {
            d_state,
            d_action,
            max_actions,
            ..
        } = self.config;
        let n_rows = states.len() / d_state;
        assert_eq!(states.len(), n_rows * d_state, "a part of a state");
        if n_rows == 0 {
            return Vec::new();
        }
        let n_actions = present.len() / n_rows;
        assert!(
            (1..=max_actions).contains(&n_actions),
            "{n_actions} actions, expected 1 to {max_actions}",
        );
        assert_eq!(present.len(), n_rows * n_actions, "actions of other rows");
        assert_eq!(
            actions.len(),
            present.len() * d_action,
            "actions of another width"
        );

        let lock = || self.workspaces.lock().unwrap_or_else(|e| e.into_inner());
        let kept = lock().pop();
        let mut workspace = kept.unwrap_or_default();
        let of_row = match wanted {
            Wanted::Every => n_actions,
            Wanted::Last => 1,
        };
        let mut out = vec![0.0; n_rows * of_row * d_state];
        let rows = ROWS_A_THREAD * rayon::current_num_threads();
        let parts = states
            .chunks(rows * d_state)
            .zip(actions.chunks(rows * n_actions * d_action));
        let present = present.chunks(rows * n_actions);
        let outs = out.chunks_mut(rows * of_row * d_state);
        for (((states, actions), present), out) in parts.zip(present).zip(outs) {
            let sight = Sight::new(present, n_actions);
            self.read_in(states, actions, &sight, &mut workspace);
            self.network.forward(&sight, wanted, &mut workspace);
            self.read_out(states, &mut workspace, out);
            if let Wanted::Every = wanted {
                hide(out, present);
            }
        }
        lock().push(workspace);
        out
    }

    /// Makes the tokens of states and actions.
    fn read_in(&self, states: &[f32], actions: &[f32], sight: &Sight, work: &mut Workspace) {
        let d = self.config.d_hidden;
        let n_states = sight.n_rows() * d;
        work.tokens.resize(n_states * (1 + sight.n_actions()), 0.0);
        let (state_tokens, action_tokens) = work.tokens.split_at_mut(n_states);
        self.tokens.states(self.kernel, states, state_tokens);
        let projection = &self.tokens.action_projection;
        projection.forward(self.kernel, actions, action_tokens);
        let added = &self.tokens.edit_tokens[..sight.n_actions() * d];
        add_rows(action_tokens, added);
    }

    /// Makes predictions of the actions' tokens.
    fn read_out(&self, states: &[f32], work: &mut Workspace, out: &mut [f32]) {
        let n_rows = states.len() / self.config.d_state;
        let actions = &work.tokens[n_rows * self.config.d_hidden..];
        self.read_out
            .forward(self.kernel, actions, &mut work.inner, &mut work.normed, out);
        move_states(out, states, self.config.d_state);
    }
}

impl StatePredictor for NativePredictor {
    fn d_state(&self) -> usize {
        self.config.d_state
    }

    fn max_edits(&self) -> Option<usize> {
        Some(self.config.max_actions)
    }

    fn max_steps(&self) -> Option<usize> {
        None
    }

    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3> {
        let widths = [self.config.d_state, self.config.d_action];
        let predict = |states: &[f32], actions: &[f32], present: &[bool]| {
            self.predict(states, actions, present)
        };
        over_values(state, actions, mask, widths, predict)
    }

    fn predict_together(&self, state: Tensor<2>, actions: Tensor<3>) -> Tensor<2> {
        let PredictorConfig {
            d_state, d_action, ..
        } = self.config;
        let [batch, n_actions, _] = actions.dims();
        assert_shape!(state, [batch, d_state]);
        assert_shape!(actions, [batch, n_actions, d_action]);
        let device = state.device();
        let predicted = self.predict_last(&values(state), &values(actions));
        Tensor::from_data(TensorData::new(predicted, [batch, d_state]), &device)
    }
}

impl std::fmt::Debug for NativePredictor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativePredictor")
            .field("config", &self.config)
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}
