//! The predictor `causal_v2` on the kernels for CPUs.

mod block;
mod pass;
mod rollout;
mod sequences;

use std::sync::Mutex;

use burn::tensor::{Bool, Tensor};
use geno_core::Dtype;
use geno_kernels::{Kernel, LayerNorm};
use geno_weights::{WeightError, WeightFile};

pub use self::rollout::NativeRollout;
use self::{block::Block, sequences::Sequences};
use super::{
    layers::Layers,
    read_out::{ReadOut, hide},
    rows::over_values,
    tokens::Tokens,
};
use crate::{
    StatePredictor,
    causal::build::{FINAL_NORM, READ_OUT, block_name},
    causal_config::CausalConfig,
    error::LoadError,
};

/// Tokens for each thread that are computed together: what lies between two steps stays in a cache.
const TOKENS_A_THREAD: usize = 140;

/// A causal predictor on this machine's processor.
///
/// Its definition is [`CausalPredictor`](crate::CausalPredictor): predictions agree within 10⁻⁵
/// where products are in `f32`. A row's prediction is the same to the last bit whatever stands in
/// the rows beside it, how many there are, how many threads compute them, and whether its edits came
/// at once or one by one through a [`NativeRollout`].
///
/// # Cost
///
/// `2` operations a weight for each token, but that nothing is asked of the state's token in the
/// last block.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use geno_core::{Dtype, RandomStream};
/// use geno_kernels::Kernel;
/// use geno_predictor::{CausalConfig, CausalPredictor, NativeCausalPredictor, Network};
/// use geno_weights::{WeightFile, write_weights};
///
/// let config = CausalConfig { d_hidden: 16, n_heads: 2, ffn_dim: 16, ..CausalConfig::new(3, 4) };
/// let drawn = CausalPredictor::init(&config, &mut RandomStream::new(7, "doc"), &Device::flex())?;
/// let mut file = WeightFile::parse(write_weights(&drawn.to_weights())?)?;
/// let predictor = NativeCausalPredictor::load(&mut file, &config, Dtype::F32, Kernel::detect())?;
/// let predicted = predictor.predict(&[0., 3., 4.], &[1.; 8], &[true, true]);
/// // Untrained, it predicts no change: the state, at length 1.
/// assert_eq!(predicted, [0., 0.6, 0.8, 0., 0.6, 0.8]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct NativeCausalPredictor {
    kernel: Kernel,
    tokens: Tokens,
    blocks: Vec<Block>,
    final_norm: LayerNorm,
    read_out: ReadOut,
    config: CausalConfig,
    /// Those that no call is using.
    idle: Mutex<Vec<Sequences>>,
}

impl NativeCausalPredictor {
    /// Loads the predictor that a configuration describes.
    ///
    /// Products are in `bf16` for [`Dtype::Bf16`], weights and rows rounded, and in `f32` otherwise;
    /// sums, attention and everything else are in `f32`.
    ///
    /// # Errors
    ///
    /// As of [`Network::load`](crate::Network::load).
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &CausalConfig,
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
        config: &CausalConfig,
        kernel: Kernel,
    ) -> Result<Self, WeightError> {
        let (d, d_state) = (config.d_hidden, config.d_state);
        let n_steps = config.limit().map(|limit| limit + 1);
        let tokens = Tokens::load(layers, Some(d_state), [config.d_action, d], n_steps)?;
        let blocks = (0..config.n_layers).map(|i| Block::load(layers, &block_name(i), config));
        Ok(Self {
            kernel,
            tokens,
            blocks: blocks.collect::<Result<_, _>>()?,
            final_norm: layers.norm(FINAL_NORM, d)?,
            read_out: ReadOut::load(layers, READ_OUT, [d, d_state])?,
            config: config.clone(),
            idle: Mutex::default(),
        })
    }

    /// The configuration it was built from.
    pub fn config(&self) -> &CausalConfig {
        &self.config
    }

    /// Predicts all steps of edit lists at once, as
    /// [`CausalPredictor::forward`](crate::CausalPredictor::forward).
    ///
    /// # Shapes
    ///
    /// - `states`: `[rows, d_state]`
    /// - `actions`: `[rows, n_edits, d_action]`
    /// - `present`: `[rows, n_edits]`, true for edits, false for what fills a shorter list up
    /// - output: `[rows, n_edits, d_state]`, of length 1, or 0 where `present` is false
    ///
    /// # Panics
    ///
    /// If shapes differ from these, or there are more edits than learned positions.
    pub fn predict(&self, states: &[f32], actions: &[f32], present: &[bool]) -> Vec<f32> {
        let CausalConfig {
            d_state, d_action, ..
        } = self.config;
        let n_rows = self.n_rows(states);
        assert_eq!(
            actions.len(),
            present.len() * d_action,
            "actions of another width"
        );
        if n_rows == 0 || present.is_empty() {
            assert!(present.is_empty(), "actions of other rows");
            return Vec::new();
        }
        let n_edits = present.len() / n_rows;
        assert_eq!(present.len(), n_rows * n_edits, "actions of other rows");

        let lock = || self.idle.lock().unwrap_or_else(|e| e.into_inner());
        let kept = lock().pop();
        let mut sequences = kept.unwrap_or_else(|| Sequences::new(&self.config));
        let mut out = vec![0.0; present.len() * d_state];
        let most = TOKENS_A_THREAD * rayon::current_num_threads() / (1 + n_edits);
        let rows = most.max(1);
        let parts = states
            .chunks(rows * d_state)
            .zip(actions.chunks(rows * n_edits * d_action));
        let outs = out.chunks_mut(rows * n_edits * d_state);
        rayon::scope(|_| {
            for ((states, actions), out) in parts.zip(outs) {
                sequences.begin(states.len() / d_state);
                self.read_in(states, actions, &mut sequences);
                self.through_blocks(&mut sequences);
                self.read_out(states, &mut sequences, out);
            }
        });
        lock().push(sequences);
        hide(&mut out, present);
        out
    }

    /// How many states these are.
    fn n_rows(&self, states: &[f32]) -> usize {
        let n_rows = states.len() / self.config.d_state;
        let whole = n_rows * self.config.d_state;
        assert_eq!(states.len(), whole, "a part of a state");
        n_rows
    }
}

impl StatePredictor for NativeCausalPredictor {
    fn d_state(&self) -> usize {
        self.config.d_state
    }

    fn max_edits(&self) -> Option<usize> {
        self.config.limit()
    }

    fn max_steps(&self) -> Option<usize> {
        self.config.limit()
    }

    fn forward(&self, state: Tensor<2>, actions: Tensor<3>, mask: Tensor<2, Bool>) -> Tensor<3> {
        let widths = [self.config.d_state, self.config.d_action];
        let predict = |states: &[f32], actions: &[f32], present: &[bool]| {
            self.predict(states, actions, present)
        };
        over_values(state, actions, mask, widths, predict)
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

impl std::fmt::Debug for NativeCausalPredictor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeCausalPredictor")
            .field("config", &self.config)
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}
