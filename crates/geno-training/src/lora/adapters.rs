//! Changes of low rank beside the encoder's layers.

use burn::{
    module::{Module, Param, ParamId},
    tensor::{Device, Tensor, TensorData},
};
use geno_core::RandomStream;
use geno_encoder::{AttentionLayer, CarbonConfig, CarbonEncoder};
use geno_weights::{NewTensor, WeightDtype, WeightError, WeightFile};

use super::{
    peft,
    settings::{LoraSettings, LoraSettingsError, shape},
};

/// Changes of low rank beside some layers of an encoder, which then compute
///
/// ```text
/// W x + (α / r) · B A x          A: [r, n_in], B: [n_out, r]
/// ```
///
/// `A` is drawn evenly from `±1/√n_in`, `B` is 0, so that a fresh adapted encoder gives the bits of the
/// encoder itself.
///
/// # Source
///
/// Hu et al., *LoRA: low-rank adaptation of large language models*, 2021, with the names and the draw
/// of the PEFT library.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use geno_core::{Dtype, PoolType, RandomStream, StateContract, Window};
/// use geno_encoder::{
///     CarbonConfig, CarbonEncoder, EmbeddingRows, SiteEncoder, StateSettings, random_checkpoint,
/// };
/// use geno_training::{Adapters, LoraSettings};
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
/// let (device, stream) = (Device::flex(), &mut RandomStream::new(0, "doc"));
/// let files = random_checkpoint(&config, EmbeddingRows::Dna, stream)?;
/// let settings = StateSettings {
///     state_layer: 2,
///     pool_type: PoolType::DownstreamMean,
///     pool_radius: 8,
///     contract: StateContract::L2NormalizedV2,
/// };
/// let encoder = CarbonEncoder::load(files, settings, Dtype::F32, &device)?;
///
/// let adapters = Adapters::draw(&LoraSettings::default(), &config, 2, stream, &device)?;
/// let window = Window::new(0, b"ACGT".repeat(60))?;
/// let state = |encoder: &CarbonEncoder| encoder.encode_windows(&[(&window, Some(120))]);
/// let adapted = state(&adapters.adapt(&encoder))?;
/// assert_eq!(adapted.into_data(), state(&encoder)?.into_data());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct Adapters {
    changes: Vec<Change>,
    #[module(skip)]
    settings: LoraSettings,
}

/// The change of one layer.
#[derive(Module, Debug)]
struct Change {
    /// `[r, n_in]`.
    a: Param<Tensor<2>>,
    /// `[n_out, r]`.
    b: Param<Tensor<2>>,
    #[module(skip)]
    place: Place,
}

/// A layer of an encoder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    block: usize,
    layer: AttentionLayer,
}

impl Adapters {
    /// Draws changes that change nothing yet, for an encoder whose states are its hidden state
    /// `state_layer`, counted from 0.
    ///
    /// # Errors
    ///
    /// [`LoraSettingsError`].
    pub fn draw(
        settings: &LoraSettings,
        config: &CarbonConfig,
        state_layer: usize,
        stream: &mut RandomStream,
        device: &Device,
    ) -> Result<Self, LoraSettingsError> {
        let rank = settings.rank;
        let changes = places(settings, config, state_layer)?.map(|place| {
            let [n_in, n_out] = shape(place.layer, config);
            let bound = (n_in as f64).sqrt().recip();
            let mut draw = || ((2. * stream.unit() - 1.) * bound) as f32;
            let a = (0..rank * n_in).map(|_| draw()).collect();
            Change {
                a: parameter(a, [rank, n_in], device),
                b: parameter(vec![0.; n_out * rank], [n_out, rank], device),
                place,
            }
        });
        Ok(Self {
            changes: changes.collect(),
            settings: settings.clone(),
        })
    }

    /// Takes changes from a file as PEFT writes it, which may hold no other tensor.
    ///
    /// # Errors
    ///
    /// [`LoraError`](super::LoraError) for settings that do not fit the encoder, and for tensors that are
    /// missing, left over or of another shape.
    pub fn load(
        settings: &LoraSettings,
        config: &CarbonConfig,
        state_layer: usize,
        file: &mut WeightFile<'_>,
        device: &Device,
    ) -> Result<Self, super::LoraError> {
        let rank = settings.rank;
        let changes = places(settings, config, state_layer)?.map(|place| {
            let [n_in, n_out] = shape(place.layer, config);
            let [a, b] = peft::names(place.block, place.layer);
            let mut take = |name: &str, shape: [usize; 2]| {
                let values = file.take_f32(name, &shape)?;
                Ok::<_, WeightError>(parameter(values, shape, device))
            };
            Ok(Change {
                a: take(&a, [rank, n_in])?,
                b: take(&b, [n_out, rank])?,
                place,
            })
        });
        let changes = changes.collect::<Result<_, WeightError>>()?;
        file.finish()?;
        Ok(Self {
            changes,
            settings: settings.clone(),
        })
    }

    /// What they are set to.
    pub fn settings(&self) -> &LoraSettings {
        &self.settings
    }

    /// The blocks that are adapted, in order.
    pub fn blocks(&self) -> Vec<usize> {
        let mut blocks: Vec<_> = self.places().map(|(block, _)| block).collect();
        blocks.dedup();
        blocks
    }

    /// The name in a file of each parameter.
    pub fn parameters(&self) -> Vec<(String, ParamId)> {
        let named = self.changes.iter().flat_map(|change| {
            let names = peft::names(change.place.block, change.place.layer);
            names.into_iter().zip([change.a.id, change.b.id])
        });
        named.collect()
    }

    /// All tensors, under the names of PEFT: `….layers.3.self_attn.q_proj.lora_A.weight`.
    pub fn to_weights(&self) -> Vec<NewTensor> {
        let tensors = self.changes.iter().flat_map(|change| {
            let names = peft::names(change.place.block, change.place.layer);
            names
                .into_iter()
                .zip([&change.a, &change.b])
                .map(|(name, parameter)| {
                    let values = parameter.val().into_data().iter::<f32>().collect();
                    NewTensor::new(name, parameter.dims(), values, WeightDtype::F32)
                })
        });
        tensors.collect()
    }

    /// The encoder with its layers changed.
    ///
    /// Parameters on a device that records gradients have theirs from states; the encoder's own
    /// weights have none.
    ///
    /// # Panics
    ///
    /// If the encoder has another shape than the adapters were made for.
    #[must_use]
    pub fn adapt(&self, encoder: &CarbonEncoder) -> CarbonEncoder {
        encoder.map_attention(|block, layer, weight| match self.change(block, layer) {
            Some(change) => weight + change,
            None => weight,
        })
    }

    /// What is added to the weights `[n_in, n_out]` of a layer, `(α / r) · Aᵀ Bᵀ`.
    pub(super) fn change(&self, block: usize, layer: AttentionLayer) -> Option<Tensor<2>> {
        let place = Place { block, layer };
        let change = self.changes.iter().find(|change| change.place == place)?;
        let product = change
            .a
            .val()
            .transpose()
            .matmul(change.b.val().transpose());
        Some(product.mul_scalar(self.settings.scale()))
    }

    /// The layers that are changed.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, AttentionLayer)> {
        self.changes
            .iter()
            .map(|change| (change.place.block, change.place.layer))
    }
}

/// The layers to be adapted, in the order of a checkpoint.
fn places(
    settings: &LoraSettings,
    config: &CarbonConfig,
    state_layer: usize,
) -> Result<impl Iterator<Item = Place>, LoraSettingsError> {
    let blocks = settings.blocks(config, state_layer)?;
    let targets = settings.targets.clone();
    Ok(blocks.flat_map(move |block| {
        let layers = targets.clone().into_iter();
        layers.map(move |layer| Place { block, layer })
    }))
}

fn parameter(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Param<Tensor<2>> {
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}
