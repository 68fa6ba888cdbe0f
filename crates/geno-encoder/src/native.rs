//! The Carbon encoder on the kernels for CPUs.

mod batch;
mod block;
mod load;
mod network;
mod pool;

use std::sync::Mutex;

use burn::tensor::{Device, Tensor, TensorData};
use geno_action::Site;
use geno_core::{Dtype, Window};
use geno_kernels::{Format, Kernel};
use rayon::prelude::*;

use self::{
    batch::Batch,
    network::{Network, Workspace},
    pool::StateRows,
};
use crate::{
    CarbonConfig, DnaTokenizer, EncodeError, EncoderFiles, LoadError, SiteEncoder, SiteStates,
    StateSettings,
    load::state_layer,
    plan::{SitePlan, window_tokens},
    pool::WindowLen,
};

/// Rows for each thread that are computed together, so that threads have enough to share.
const ROWS_A_THREAD: usize = 512;
/// Most bytes of the residual stream: more edits of one site are computed in parts, each with a
/// reference pass of its own.
const MAX_STREAM_BYTES: usize = 256 << 20;

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
    config: CarbonConfig,
    tokenizer: DnaTokenizer,
    settings: StateSettings,
    network: Network,
    kernel: Kernel,
    device: Device,
    workspaces: Mutex<Vec<Workspace>>,
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
            config,
            tokenizer,
            settings,
            network,
            kernel,
            device: device.clone(),
            workspaces: Mutex::default(),
        })
    }

    /// The shape of the network.
    pub fn config(&self) -> &CarbonConfig {
        &self.config
    }

    /// What turns hidden rows into a state.
    pub fn settings(&self) -> &StateSettings {
        &self.settings
    }

    /// The dtype in which it multiplies: that of the model, or `f32` for [`Dtype::F16`].
    pub fn products(&self) -> Dtype {
        match self.network.format {
            Format::F32 => Dtype::F32,
            Format::Bf16 => Dtype::Bf16,
            Format::Int8 => Dtype::Int8,
        }
    }

    /// What computes.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// The hidden rows `[n_tokens, d]` of a whole window at the state layer, tags included.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`].
    pub fn hidden_rows(&self, window: &Window) -> Result<Vec<f32>, EncodeError> {
        let tokens = self.window_tokens(window)?;
        let mut batch = Batch::default();
        batch.push_sequence(&tokens, 0..tokens.len());
        Ok(self.run(&batch, <[f32]>::to_vec))
    }

    fn window_tokens(&self, window: &Window) -> Result<Vec<u32>, EncodeError> {
        window_tokens(window.bases(), &self.tokenizer, self.config.max_positions)
    }

    /// Runs a batch with memory that an earlier one has left.
    fn run<T>(&self, batch: &Batch, take: impl FnOnce(&[f32]) -> T) -> T {
        let lock = || self.workspaces.lock().unwrap_or_else(|e| e.into_inner());
        let kept = lock().pop();
        let mut workspace = kept.unwrap_or_else(|| self.network.workspace(self.kernel));
        let result = take(self.network.forward(self.kernel, batch, &mut workspace));
        lock().push(workspace);
        result
    }

    /// Most rows that are computed together.
    fn max_rows(&self) -> usize {
        MAX_STREAM_BYTES / (4 * self.config.hidden_size)
    }

    fn tensor(&self, rows: Vec<f32>) -> Tensor<2> {
        let d = self.config.hidden_size;
        let shape = [rows.len() / d, d];
        Tensor::from_data(TensorData::new(rows, shape), &self.device)
    }

    /// Adds the states of planned sites to `states`, all in one batch.
    fn run_sites(&self, plans: &[&SitePlan], edits: std::ops::Range<usize>, states: &mut [Rows]) {
        let mut batch = Batch::default();
        for plan in plans {
            let edits = edits.start..edits.end.min(plan.edits.len());
            batch.push_site(plan, edits);
        }
        self.run(&batch, |rows| {
            let mut rows = StateRows::new(rows, &self.settings, self.config.hidden_size);
            for (plan, states) in plans.iter().zip(states) {
                let edits = edits.start..edits.end.min(plan.edits.len());
                rows.pool_site(plan, edits, &mut states.reference, &mut states.edited);
            }
        });
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
        let limit = self.config.max_positions;
        let plans = sites
            .par_iter()
            .map(|site| SitePlan::new(site, &self.tokenizer, &self.settings, limit))
            .collect::<Result<Vec<_>, _>>()?;
        let mut states: Vec<Rows> = plans.iter().map(|_| Rows::default()).collect();

        let enough = ROWS_A_THREAD * rayon::current_num_threads();
        let mut next = 0;
        while next < plans.len() {
            let (first, mut n_rows) = (next, 0);
            while next < plans.len() && (next == first || n_rows < enough) {
                n_rows += plans[next].n_rows();
                next += 1;
            }
            let together: Vec<_> = plans[first..next].iter().collect();
            if n_rows <= self.max_rows() || together.len() > 1 {
                self.run_sites(&together, 0..usize::MAX, &mut states[first..next]);
                continue;
            }
            for edits in together[0].parts(self.max_rows()) {
                self.run_sites(&together, edits, &mut states[first..next]);
            }
        }
        let states = plans
            .into_iter()
            .zip(states)
            .map(|(plan, rows)| SiteStates {
                reference: self.tensor(rows.reference),
                edited: self.tensor(rows.edited),
                reuse: plan.reuse,
            });
        Ok(states.collect())
    }

    fn encode_windows(
        &self,
        windows: &[(&Window, Option<usize>)],
    ) -> Result<Tensor<2>, EncodeError> {
        let mut states = Vec::with_capacity(windows.len() * self.config.hidden_size);
        let mut batch = Batch::default();
        let mut flush = |batch: &mut Batch| {
            self.run(batch, |rows| {
                let mut rows = StateRows::new(rows, &self.settings, self.config.hidden_size);
                for segment in batch.wanted() {
                    rows.pool_window(segment.n_queries(), &mut states);
                }
            });
            *batch = Batch::default();
        };
        let enough = ROWS_A_THREAD * rayon::current_num_threads();
        for (window, locus) in windows {
            let tokens = self.window_tokens(window)?;
            let len = WindowLen {
                bases: window.len(),
                tokens: tokens.len(),
            };
            let span = self.settings.span(*locus, len)?;
            batch.push_sequence(&tokens[..span.end], span);
            if batch.n_rows() >= enough {
                flush(&mut batch);
            }
        }
        flush(&mut batch);
        Ok(self.tensor(states))
    }

    fn d_state(&self) -> usize {
        self.config.hidden_size
    }
}

impl std::fmt::Debug for NativeEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeEncoder")
            .field("config", &self.config)
            .field("settings", &self.settings)
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}
