//! The Carbon encoder: tokenizer, network and pooling.

use burn::tensor::{Device, FloatDType, Tensor};
use geno_action::{Haplotype, Site};
use geno_core::{Dtype, Window};
use rayon::prelude::*;

use crate::{
    CarbonConfig, DnaTokenizer, EncodeError, EncoderFiles, LoadError, SiteEncoder, SiteStates,
    StateSettings, load::state_layer, network::Network, plan::window_tokens, pool::WindowLen,
};

/// Networks up to this width do not fill the cores with one site, so sites run side by side.
const MAX_PARALLEL_WIDTH: usize = 512;
/// Suffixes of one batch. On CPUs larger ones are slower: their scores leave the caches.
const CPU_BATCH: usize = 8;
/// The same on accelerators, which wait for work more than for memory.
const ACCELERATOR_BATCH: usize = 256;

/// A frozen Carbon network on one device.
#[derive(Clone, Debug)]
pub struct CarbonEncoder {
    pub(crate) config: CarbonConfig,
    pub(crate) tokenizer: DnaTokenizer,
    pub(crate) settings: StateSettings,
    pub(crate) network: Network,
    pub(crate) device: Device,
    products: Dtype,
    pub(crate) max_batch: usize,
    pub(crate) max_parallel_width: usize,
}

impl CarbonEncoder {
    /// Builds an encoder from the files of a checkpoint.
    ///
    /// Weights are rounded to `dtype`, whatever the files hold; arithmetic is in `f32`.
    ///
    /// # Errors
    ///
    /// [`LoadError`] for files that are malformed or do not belong together, and for settings that
    /// name a layer which does not exist.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use geno_core::{Dtype, PoolType, RandomStream, StateContract, Window};
    /// use geno_encoder::{
    ///     CarbonConfig, CarbonEncoder, EmbeddingRows, SiteEncoder, StateSettings, random_checkpoint,
    /// };
    ///
    /// let config = CarbonConfig {
    ///     hidden_size: 32,
    ///     n_layers: 2,
    ///     n_heads: 4,
    ///     n_kv_heads: 2,
    ///     head_dim: 8,
    ///     ffn_dim: 64,
    ///     vocab_size: 155_776,
    ///     max_positions: 8_192,
    ///     rope_theta: 500_000.0,
    ///     rms_norm_eps: 1e-6,
    ///     tied: true,
    ///     yarn: None,
    /// };
    /// let files = random_checkpoint(&config, EmbeddingRows::Dna, &mut RandomStream::new(0, "doc"))?;
    ///
    /// let settings = StateSettings {
    ///     state_layer: -1,
    ///     pool_type: PoolType::DownstreamMean,
    ///     pool_radius: 8,
    ///     contract: StateContract::L2NormalizedV2,
    /// };
    /// let encoder = CarbonEncoder::load(files, settings, Dtype::F32, &Device::flex())?;
    /// let window = Window::new(0, b"ACGT".repeat(60))?;
    /// assert_eq!(encoder.encode_windows(&[(&window, Some(120))])?.dims(), [1, 32]);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(
        files: EncoderFiles<'_>,
        settings: StateSettings,
        dtype: Dtype,
        device: &Device,
    ) -> Result<Self, LoadError> {
        let config = CarbonConfig::from_json(&files.config)?;
        let tokenizer = DnaTokenizer::from_json(&files.dna_config)?;
        let layer = state_layer(&settings, &config)?;
        let network = files.network(&config, &tokenizer, layer, dtype, device)?;
        Ok(Self {
            config,
            tokenizer,
            settings,
            network,
            device: device.clone(),
            products: Dtype::F32,
            max_batch: CPU_BATCH,
            max_parallel_width: MAX_PARALLEL_WIDTH,
        })
    }

    /// Uses the device as an accelerator: sites one after another in large batches, since one fills
    /// it, and matrices multiplied in `products`.
    ///
    /// Everything else stays in f32: norms, rotary positions, softmax, the residual stream. A product
    /// is rounded to its dtype once. States move by about 1 % of their length in bf16 and 0.1 % in
    /// fp16, whose range a trained model may exceed.
    ///
    /// # Panics
    ///
    /// For [`Dtype::Int8`], and on use if the device does not multiply in this dtype.
    #[must_use]
    pub fn on_accelerator(mut self, products: Dtype) -> Self {
        let float = match products {
            Dtype::F32 => FloatDType::F32,
            Dtype::Bf16 => FloatDType::BF16,
            Dtype::F16 => FloatDType::F16,
            Dtype::Int8 => panic!("whole numbers are multiplied by the native backend alone"),
        };
        for block in &mut self.network.blocks {
            block.cast(float);
        }
        self.products = products;
        self.max_batch = ACCELERATOR_BATCH;
        self.max_parallel_width = 0;
        self
    }

    /// The dtype in which matrices are multiplied.
    pub fn products(&self) -> Dtype {
        self.products
    }

    /// The shape of the network.
    pub fn config(&self) -> &CarbonConfig {
        &self.config
    }

    /// What turns hidden rows into a state.
    pub fn settings(&self) -> &StateSettings {
        &self.settings
    }

    /// The hidden rows `[n_tokens, d]` of a whole window at the state layer, tags included.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`].
    pub fn hidden_rows(&self, window: &Window) -> Result<Tensor<2>, EncodeError> {
        let limit = self.config.max_positions;
        let tokens = window_tokens(window.bases(), &self.tokenizer, limit)?;
        Ok(self.network.extend(&tokens, 0, &[], 0..tokens.len()).0)
    }

    fn encode_window(
        &self,
        window: &Window,
        locus: Option<usize>,
    ) -> Result<Tensor<2>, EncodeError> {
        let limit = self.config.max_positions;
        let tokens = window_tokens(window.bases(), &self.tokenizer, limit)?;
        let len = WindowLen::of(window.bases(), &tokens);
        let span = self.settings.pooled(locus, len)?;
        let needed = &tokens[..span.end];
        let (rows, _) = self.network.extend(needed, 0, &[], span.clone());
        Ok(self.settings.finish(rows.sum_dim(0), span.len()))
    }

    /// Runs `work` on every item, side by side where one item does not fill the cores.
    fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> Result<R, EncodeError> + Send + Sync,
    ) -> Result<Vec<R>, EncodeError> {
        if items.len() > 1 && self.config.hidden_size <= self.max_parallel_width {
            return items.par_iter().map(work).collect();
        }
        items.iter().map(work).collect()
    }
}

impl SiteEncoder for CarbonEncoder {
    fn encode_sites(&self, sites: &[Site]) -> Result<Vec<SiteStates>, EncodeError> {
        self.each(sites, |site| self.encode_site(site))
    }

    fn encode_trajectories(
        &self,
        haplotypes: &[Haplotype],
    ) -> Result<Vec<SiteStates>, EncodeError> {
        self.each(haplotypes, |haplotype| self.encode_trajectory(haplotype))
    }

    fn encode_windows(
        &self,
        windows: &[(&Window, Option<usize>)],
    ) -> Result<Tensor<2>, EncodeError> {
        let states = self.each(windows, |(window, locus)| {
            self.encode_window(window, *locus)
        })?;
        if states.is_empty() {
            return Ok(Tensor::zeros([0, self.d_state()], &self.device));
        }
        Ok(Tensor::cat(states, 0))
    }

    fn d_state(&self) -> usize {
        self.config.hidden_size
    }
}
