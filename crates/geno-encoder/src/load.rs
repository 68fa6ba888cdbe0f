//! Building the network from a checkpoint.

use std::borrow::Cow;

use burn::tensor::{Device, Tensor, TensorData};
use geno_core::{Coded, Dtype, ErrorCode};
use geno_weights::{ShardIndex, WeightDtype, WeightError, WeightFile};

use crate::{
    CarbonConfig, ConfigError, DnaTokenizer, TokenizerError,
    attention::Visibility,
    block::Block,
    dense::{Linear, RmsNorm},
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
    /// The weight files, as (file name, bytes).
    pub weights: Vec<(String, Cow<'a, [u8]>)>,
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
            Self::StateLayer { .. } | Self::Vocabulary { .. } => ErrorCode::ConfigGeneric,
            Self::NoIndex { .. } | Self::NotFinite { .. } => ErrorCode::ResourceWeights,
        }
    }
}

impl<'a> EncoderFiles<'a> {
    fn weight_file(self) -> Result<WeightFile<'a>, LoadError> {
        if let Some(index) = self.weight_index {
            let index = ShardIndex::parse(&index)?;
            return Ok(WeightFile::parse_shards(&index, self.weights)?);
        }
        let count = self.weights.len();
        let [(_, bytes)] =
            <[_; 1]>::try_from(self.weights).map_err(|_| LoadError::NoIndex { count })?;
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
        let mut loader = Loader {
            file: self.weight_file()?,
            dtype: dtype.into(),
            device,
            epsilon: config.rms_norm_eps,
        };
        let embedding = loader.embedding(config, tokenizer)?;
        let mut blocks = Vec::new();
        for i in 0..config.n_layers {
            if i < layer {
                blocks.push(loader.block(i, config)?);
            } else {
                loader.skip_block(i, config)?;
            }
        }
        let final_norm = match layer == config.n_layers {
            true => Some(loader.norm("model.norm.weight", config.hidden_size)?),
            false => {
                loader
                    .file
                    .skip("model.norm.weight", &[config.hidden_size])?;
                None
            }
        };
        loader.file.finish()?;

        Ok(Network {
            embedding,
            blocks,
            final_norm,
            rope: Rope::new(config, device),
            visibility: Visibility::new(device),
        })
    }
}

struct Loader<'a, 'd> {
    file: WeightFile<'a>,
    dtype: WeightDtype,
    device: &'d Device,
    epsilon: f64,
}

impl Loader<'_, '_> {
    fn embedding(
        &mut self,
        config: &CarbonConfig,
        tokenizer: &DnaTokenizer,
    ) -> Result<Tensor<2>, LoadError> {
        let (n, d) = (DnaTokenizer::N_ROWS, config.hidden_size);
        let offset = tokenizer.embedding_row_offset() as usize;
        let first = tokenizer.dna_start_id() as usize;
        if first + n > config.vocab_size {
            return Err(LoadError::Vocabulary {
                first,
                last: first + n - 1,
                vocab_size: config.vocab_size,
            });
        }

        let shape = [config.vocab_size - offset, d];
        if !config.tied {
            self.file.skip("lm_head.weight", &shape)?;
        }
        let name = "model.embed_tokens.weight";
        let rows = first - offset..first - offset + n;
        let values = self.file.take_rows_f32(name, &shape, rows)?;
        let values = self.round(name, values)?;
        Ok(Tensor::from_data(
            TensorData::new(values, [n, d]),
            self.device,
        ))
    }

    fn block(&mut self, i: usize, config: &CarbonConfig) -> Result<Block, LoadError> {
        let [query, key, value, output, gate, up, down] = linear_shapes(i, config);
        let [attention_norm, ffn_norm] = norm_names(i);
        let d = config.hidden_size;
        Ok(Block {
            attention_norm: self.norm(&attention_norm, d)?,
            query: self.linear(query)?,
            key: self.linear(key)?,
            value: self.linear(value)?,
            output: self.linear(output)?,
            ffn_norm: self.norm(&ffn_norm, d)?,
            gate: self.linear(gate)?,
            up: self.linear(up)?,
            down: self.linear(down)?,
            head_dim: config.head_dim,
        })
    }

    fn skip_block(&mut self, i: usize, config: &CarbonConfig) -> Result<(), LoadError> {
        for (name, shape) in linear_shapes(i, config) {
            self.file.skip(&name, &shape)?;
        }
        for name in norm_names(i) {
            self.file.skip(&name, &[config.hidden_size])?;
        }
        Ok(())
    }

    fn norm(&mut self, name: &str, len: usize) -> Result<RmsNorm, LoadError> {
        let values = self.file.take_f32(name, &[len])?;
        let values = self.round(name, values)?;
        Ok(RmsNorm {
            weight: Tensor::from_data(TensorData::new(values, [1, len]), self.device),
            epsilon: self.epsilon,
        })
    }

    /// A `[n_out, n_in]` tensor, turned over.
    fn linear(&mut self, (name, [n_out, n_in]): (String, [usize; 2])) -> Result<Linear, LoadError> {
        let values = self.file.take_f32(&name, &[n_out, n_in])?;
        let values = transposed(&self.round(&name, values)?, n_out, n_in);
        let values = TensorData::new(values, [1, n_in, n_out]);
        Ok(Linear {
            weight: Tensor::from_data(values, self.device),
        })
    }

    /// Rounds to the model's dtype, whatever the file's, and refuses what is not finite.
    fn round(&self, name: &str, mut values: Vec<f32>) -> Result<Vec<f32>, LoadError> {
        let mut finite = true;
        for value in &mut values {
            *value = self.dtype.round(*value);
            finite &= value.is_finite();
        }
        if finite {
            return Ok(values);
        }
        Err(LoadError::NotFinite { name: name.into() })
    }
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
