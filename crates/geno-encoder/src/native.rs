//! The Carbon encoder on the kernels for CPUs.

mod batch;
mod block;
mod engine;
mod likelihood;
mod load;
mod network;
mod next_base;
mod output_layer;
mod pool;

use burn::tensor::{Device, Tensor, TensorData};
use geno_action::{Haplotype, Site};
use geno_core::{Dtype, Window};
use geno_kernels::{Format, Kernel};

pub use self::likelihood::NativeLikelihood;
use self::{batch::Batch, engine::Engine, pool::StateRows};
use crate::{
    CarbonConfig, DnaTokenizer, EncodeError, EncoderFiles, LoadError, SiteEncoder, SiteStates,
    StateSettings, load::state_layer, plan::SitePlan, pool::WindowLen,
};

/// A frozen Carbon network on this machine's processor.
///
/// Its definition is [`CarbonEncoder`](crate::CarbonEncoder): states agree to rounding for
/// [`Dtype::F32`], and for [`Dtype::Bf16`] within what rounding activations to `bf16` does.
/// [`Dtype::Int8`] it has alone: a checkpoint of whole numbers.
///
/// # Cost
///
/// One pass over the tokens of every site up to the last pooled one, and `radius + 1` tokens an
/// edit, through the layers up to the state layer: `2` operations a weight and token, and `4` a head
/// dimension, token and token seen. Memory beside the weights: `4` bytes a value of the residual
/// stream, 256 MiB at most, and what 2,048 rows of queries, keys and values take.
pub struct NativeEncoder {
    engine: Engine,
    settings: StateSettings,
    device: Device,
}

impl NativeEncoder {
    /// Builds an encoder from the files of a checkpoint.
    ///
    /// Weights are rounded to `dtype` and packed straight from the bytes. For [`Dtype::Bf16`],
    /// activations are rounded too wherever they are multiplied; for [`Dtype::F16`], which no
    /// processor sums, arithmetic is in `f32`. For [`Dtype::Int8`], the checkpoint's whole numbers
    /// are packed as they are, and each row of activations is rounded to whole numbers with a scale
    /// of its own wherever a layer multiplies it, up to 4,096 values at a time (of the gated layer's
    /// inner width 1,024); attention is that of [`Dtype::Bf16`]. States come out as tensors on
    /// `device`.
    ///
    /// # Errors
    ///
    /// As of [`CarbonEncoder::load`](crate::CarbonEncoder::load), which has no [`Dtype::Int8`].
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use geno_core::{Dtype, PoolType, RandomStream, StateContract, Window};
    /// use geno_encoder::{
    ///     CarbonConfig, EmbeddingRows, NativeEncoder, SiteEncoder, StateSettings,
    ///     random_checkpoint,
    /// };
    /// use geno_kernels::Kernel;
    ///
    /// # let config = CarbonConfig {
    /// #     hidden_size: 32,
    /// #     n_layers: 2,
    /// #     n_heads: 4,
    /// #     n_kv_heads: 2,
    /// #     head_dim: 8,
    /// #     ffn_dim: 64,
    /// #     vocab_size: 155_776,
    /// #     max_positions: 8_192,
    /// #     rope_theta: 500_000.0,
    /// #     rms_norm_eps: 1e-6,
    /// #     tied: true,
    /// #     yarn: None,
    /// # };
    /// let files = random_checkpoint(&config, EmbeddingRows::Dna, &mut RandomStream::new(0, "doc"))?;
    /// let settings = StateSettings {
    ///     state_layer: -1,
    ///     pool_type: PoolType::DownstreamMean,
    ///     pool_radius: 8,
    ///     contract: StateContract::L2NormalizedV2,
    /// };
    /// let kernel = Kernel::detect();
    /// let encoder = NativeEncoder::load(files, settings, Dtype::Bf16, kernel, &Device::flex())?;
    /// let window = Window::new(0, b"ACGT".repeat(60))?;
    /// assert_eq!(encoder.encode_windows(&[(&window, Some(120))])?.dims(), [1, 32]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(
        files: EncoderFiles<'_>,
        settings: StateSettings,
        dtype: Dtype,
        kernel: Kernel,
        device: &Device,
    ) -> Result<Self, LoadError> {
        let config = CarbonConfig::from_json(&files.config)?;
        let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
        let layer = state_layer(&settings, &config)?;
        let network = load::network(files, &config, &tokenizer, layer, dtype)?;
        Ok(Self {
            engine: Engine::new(config, tokenizer, network, kernel),
            settings,
            device: device.clone(),
        })
    }

    /// The shape of the network.
    pub fn config(&self) -> &CarbonConfig {
        &self.engine.config
    }

    /// What turns hidden rows into a state.
    pub fn settings(&self) -> &StateSettings {
        &self.settings
    }

    /// The dtype in which it multiplies: that of the model, or `f32` for [`Dtype::F16`].
    pub fn products(&self) -> Dtype {
        match self.engine.network.format {
            Format::F32 => Dtype::F32,
            Format::Bf16 => Dtype::Bf16,
            Format::Int8 => Dtype::Int8,
        }
    }

    /// What computes.
    pub fn kernel(&self) -> Kernel {
        self.engine.kernel
    }

    /// The hidden rows `[n_tokens, d]` of a whole window at the state layer, tags included.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`].
    pub fn hidden_rows(&self, window: &Window) -> Result<Vec<f32>, EncodeError> {
        let tokens = self.engine.window_tokens(window)?;
        let mut batch = Batch::default();
        batch.push_sequence(&tokens, 0..tokens.len());
        Ok(self.engine.run(&batch, <[f32]>::to_vec))
    }

    fn encode_plans(&self, plans: Vec<SitePlan>) -> Vec<SiteStates> {
        let mut states: Vec<Rows> = plans.iter().map(|_| Rows::default()).collect();
        for together in self.engine.schedule(&plans) {
            let plans = &plans[together.sites.clone()];
            self.engine.run(&together.batch(plans), |rows| {
                let d = self.engine.config.hidden_size;
                let mut rows = StateRows::new(rows, &self.settings, d);
                for (plan, states) in plans.iter().zip(&mut states[together.sites.clone()]) {
                    let edits = together.edits_of(plan);
                    rows.pool_site(plan, edits, &mut states.reference, &mut states.edited);
                }
            });
        }
        let states = plans
            .into_iter()
            .zip(states)
            .map(|(plan, rows)| SiteStates {
                reference: self.tensor(rows.reference),
                edited: self.tensor(rows.edited),
                reuse: plan.reuse,
            });
        states.collect()
    }

    fn tensor(&self, rows: Vec<f32>) -> Tensor<2> {
        let d = self.engine.config.hidden_size;
        let shape = [rows.len() / d, d];
        Tensor::from_data(TensorData::new(rows, shape), &self.device)
    }
}

/// The states of a site as they are made, row after row.
#[derive(Default)]
struct Rows {
    reference: Vec<f32>,
    edited: Vec<f32>,
}

impl SiteEncoder for NativeEncoder {
    fn encode_sites(&self, sites: &[Site]) -> Result<Vec<SiteStates>, EncodeError> {
        let plans = self.engine.plans(sites, &self.settings)?;
        Ok(self.encode_plans(plans))
    }

    fn encode_trajectories(
        &self,
        haplotypes: &[Haplotype],
    ) -> Result<Vec<SiteStates>, EncodeError> {
        let plans = self.engine.trajectory_plans(haplotypes, &self.settings)?;
        Ok(self.encode_plans(plans))
    }

    fn encode_windows(
        &self,
        windows: &[(&Window, Option<usize>)],
    ) -> Result<Tensor<2>, EncodeError> {
        let mut states = Vec::with_capacity(windows.len() * self.engine.config.hidden_size);
        let mut batch = Batch::default();
        let mut flush = |batch: &mut Batch| {
            self.engine.run(batch, |rows| {
                let mut rows = StateRows::new(rows, &self.settings, self.engine.config.hidden_size);
                for segment in batch.wanted() {
                    rows.pool_window(segment.n_queries(), &mut states);
                }
            });
            *batch = Batch::default();
        };
        let enough = self.engine.enough_rows();
        for (window, locus) in windows {
            let tokens = self.engine.window_tokens(window)?;
            let len = WindowLen::of(window.bases(), &tokens);
            let span = self.settings.pooled(*locus, len)?;
            batch.push_sequence(&tokens[..span.end], span);
            if batch.n_rows() >= enough {
                flush(&mut batch);
            }
        }
        flush(&mut batch);
        Ok(self.tensor(states))
    }

    fn d_state(&self) -> usize {
        self.engine.config.hidden_size
    }
}

impl std::fmt::Debug for NativeEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeEncoder")
            .field("config", &self.engine.config)
            .field("settings", &self.settings)
            .field("kernel", &self.engine.kernel)
            .finish_non_exhaustive()
    }
}
