//! Building the network from a checkpoint.

use std::{borrow::Cow, sync::Arc};

use burn::tensor::{Device, Tensor, TensorData};
use geno_core::{Coded, Dtype, ErrorCode};
use geno_kernels::MappedFile;
use geno_weights::{GgufError, ShardIndex, WeightError, WeightFile};

use crate::{
    CarbonConfig, ConfigError, DnaTokenizer, StateSettings, TokenizerError,
    attention::Visibility,
    block::Block,
    checked_tensors::{CheckedTensors, FINAL_NORM},
    dense::{Linear, RmsNorm},
    gguf,
    network::Network,
    rope::Rope,
};

/// The files of an encoder directory, as bytes.
#[derive(Clone, Debug)]
pub struct EncoderFiles<'a> {
    /// `config.json`.
    pub config: Cow<'a, [u8]>,
    /// `dna_config.json`.
    pub dna_config: Cow<'a, [u8]>,
    /// `model.safetensors.index.json`, needed when there are several weight files.
    pub weight_index: Option<Cow<'a, [u8]>>,
    /// The weight files, as (file name, bytes): safetensors, or one GGUF file.
    pub weights: Vec<(String, Cow<'a, [u8]>)>,
    /// The mappings that `weights` borrow from; empty for bytes in memory. What was turned into a
    /// tensor is released, so that the file does not stay in memory beside it.
    pub mapped: Vec<&'a MappedFile>,
}

/// Why an encoder could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// `config.json` is no network that this crate builds.
    #[error("cannot use the encoder's `config.json`")]
    Config(#[from] ConfigError),
    /// `dna_config.json` is no tokenizer that this crate has.
    #[error("cannot use the encoder's `dna_config.json`")]
    Tokenizer(#[from] TokenizerError),
    /// The weights are malformed or not those of this network.
    #[error("cannot use the encoder's weights")]
    Weights(#[from] WeightError),
    /// The GGUF file is malformed.
    #[error("cannot use the encoder's weights")]
    Gguf(#[from] GgufError),
    /// Without an index there must be one weight file.
    #[error("encoder has {count} weight files and no index")]
    NoIndex {
        /// How many there are.
        count: usize,
    },
    /// The DNA tokens do not fit the vocabulary.
    #[error("DNA tokens {first} to {last} are outside a vocabulary of {vocab_size}")]
    Vocabulary {
        /// The first id.
        first: usize,
        /// The last id.
        last: usize,
        /// Size of the vocabulary.
        vocab_size: usize,
    },
    /// The network has no such layer.
    #[error("state layer {state_layer} of an encoder with {n_layers} blocks does not exist")]
    StateLayer {
        /// The layer asked for.
        state_layer: i32,
        /// Number of blocks.
        n_layers: usize,
    },
    /// Probabilities over the whole vocabulary need its rows of text.
    #[error(
        "the checkpoint holds no tokens before {first_id}, and a softmax over all of them is asked for"
    )]
    NoTextRows {
        /// The first token that it has a row for.
        first_id: u32,
    },
    /// The model multiplies whole numbers, and the checkpoint holds none.
    #[error(
        "the model's dtype is int8, but tensor `{name}` holds no whole numbers: make an int8 \
         checkpoint with `geno-lewm encoder convert --dtype int8`"
    )]
    NotQuantized {
        /// A layer.
        name: String,
    },
    /// The checkpoint holds whole numbers, and the model is of another dtype.
    #[error(
        "the model's dtype is {dtype}, but tensor `{name}` holds whole numbers: an int8 checkpoint \
         belongs to a model whose dtype is int8"
    )]
    Quantized {
        /// A layer.
        name: String,
        /// The model's dtype.
        dtype: Dtype,
    },
    /// Whole numbers are multiplied by the kernels for CPUs alone.
    #[error(
        "int8 is computed by the native backend alone, which runs on every CPU: use \
         `--backend native`"
    )]
    Int8Backend,
    /// A tensor that is used holds NaN or infinity.
    #[error("tensor `{name}` holds a value that is not finite")]
    NotFinite {
        /// The tensor.
        name: String,
    },
}

impl Coded for LoadError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Config(source) => source.code(),
            Self::Tokenizer(source) => source.code(),
            Self::Weights(source) => source.code(),
            Self::Gguf(source) => source.code(),
            Self::StateLayer { .. }
            | Self::Vocabulary { .. }
            | Self::NotQuantized { .. }
            | Self::Quantized { .. }
            | Self::NoTextRows { .. } => ErrorCode::ConfigGeneric,
            Self::Int8Backend => ErrorCode::DeployBackendUnsupported,
            Self::NoIndex { .. } | Self::NotFinite { .. } => ErrorCode::ResourceWeights,
        }
    }
}

impl<'a> EncoderFiles<'a> {
    /// The tensors of all weight files, under the names of a Hugging Face checkpoint whatever the
    /// format.
    ///
    /// # Errors
    ///
    /// [`LoadError`] for files that are malformed or do not belong together.
    pub fn weight_file(self) -> Result<WeightFile<'a>, LoadError> {
        if let Some(index) = self.weight_index {
            let index = ShardIndex::parse(&index)?;
            return Ok(WeightFile::parse_shards(&index, self.weights)?);
        }
        let count = self.weights.len();
        let [(_, bytes)] =
            <[_; 1]>::try_from(self.weights).map_err(|_| LoadError::NoIndex { count })?;
        if gguf::is_gguf(&bytes) {
            return gguf::weight_file(bytes);
        }
        Ok(WeightFile::parse(bytes)?)
    }

    /// Builds the network up to hidden state `layer`.
    ///
    /// Every tensor of the checkpoint must exist with its shape and no other may; those above the
    /// state layer, the text rows of the embedding and an untied output layer are not read.
    pub(crate) fn network(
        self,
        config: &CarbonConfig,
        tokenizer: &DnaTokenizer,
        layer: usize,
        dtype: Dtype,
        device: &Device,
    ) -> Result<Network, LoadError> {
        // Of a sum in f32, whole products are exact up to 2^24 alone, which 1,041 of them may pass:
        // Burn could not give the numbers of the kernels.
        if dtype == Dtype::Int8 {
            return Err(LoadError::Int8Backend);
        }
        let tensors = CheckedTensors::check(self, config, tokenizer, dtype)?;
        let loader = Loader {
            tensors,
            config,
            device,
        };
        let embedding = loader.tensors.embedding()?;
        let shape = [DnaTokenizer::N_ROWS, config.hidden_size];
        let blocks: Result<_, _> = (0..layer).map(|i| loader.block(i)).collect();
        let final_norm = match layer == config.n_layers {
            true => Some(loader.norm(FINAL_NORM)?),
            false => None,
        };
        Ok(Network {
            embedding: Tensor::from_data(TensorData::new(embedding, shape), device),
            blocks: blocks?,
            final_norm,
            rope: Arc::new(Rope::new(config, device)),
            visibility: Visibility::new(device),
        })
    }
}

struct Loader<'a> {
    tensors: CheckedTensors<'a>,
    config: &'a CarbonConfig,
    device: &'a Device,
}

impl Loader<'_> {
    fn block(&self, i: usize) -> Result<Block, LoadError> {
        let [query, key, value, output, gate, up, down] = linear_shapes(i, self.config);
        let [attention_norm, ffn_norm] = norm_names(i);
        Ok(Block {
            attention_norm: self.norm(&attention_norm)?,
            query: self.linear(query)?,
            key: self.linear(key)?,
            value: self.linear(value)?,
            output: self.linear(output)?,
            ffn_norm: self.norm(&ffn_norm)?,
            gate: self.linear(gate)?,
            up: self.linear(up)?,
            down: self.linear(down)?,
            head_dim: self.config.head_dim,
        })
    }

    fn norm(&self, name: &str) -> Result<RmsNorm, LoadError> {
        let values = self.tensors.values(name)?;
        let shape = [1, values.len()];
        Ok(RmsNorm {
            weight: Tensor::from_data(TensorData::new(values, shape), self.device),
            epsilon: self.config.rms_norm_eps,
        })
    }

    /// A `[n_out, n_in]` tensor, turned over.
    fn linear(&self, (name, [n_out, n_in]): (String, [usize; 2])) -> Result<Linear, LoadError> {
        let values = transposed(&self.tensors.values(&name)?, n_out, n_in);
        let values = TensorData::new(values, [1, n_in, n_out]);
        Ok(Linear {
            weight: Tensor::from_data(values, self.device),
        })
    }
}

/// The state layer, counted from 0, if the network has it.
pub(crate) fn state_layer(
    settings: &StateSettings,
    config: &CarbonConfig,
) -> Result<usize, LoadError> {
    let layer = settings.layer(config.n_layers);
    layer.ok_or(LoadError::StateLayer {
        state_layer: settings.state_layer,
        n_layers: config.n_layers,
    })
}

/// The layers of block `i` in the order of [`Block`], with their `[n_out, n_in]`.
pub(crate) fn linear_shapes(i: usize, config: &CarbonConfig) -> [(String, [usize; 2]); 7] {
    let (d, q, kv, ffn) = (
        config.hidden_size,
        config.q_dim(),
        config.kv_dim(),
        config.ffn_dim,
    );
    [
        ("self_attn.q_proj", [q, d]),
        ("self_attn.k_proj", [kv, d]),
        ("self_attn.v_proj", [kv, d]),
        ("self_attn.o_proj", [d, q]),
        ("mlp.gate_proj", [ffn, d]),
        ("mlp.up_proj", [ffn, d]),
        ("mlp.down_proj", [d, ffn]),
    ]
    .map(|(layer, shape)| (format!("model.layers.{i}.{layer}.weight"), shape))
}

/// The norms of block `i`: before attention, before the gated layer.
pub(crate) fn norm_names(i: usize) -> [String; 2] {
    ["input_layernorm", "post_attention_layernorm"]
        .map(|norm| format!("model.layers.{i}.{norm}.weight"))
}

/// `[rows, columns]` turned into `[columns, rows]`, in tiles that stay in cache.
fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const TILE: usize = 32;
    let mut turned = vec![0.0; values.len()];
    for row_tile in (0..rows).step_by(TILE) {
        for column in 0..columns {
            for row in row_tile..rows.min(row_tile + TILE) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
    }
    turned
}
