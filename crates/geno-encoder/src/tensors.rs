//! Which tensors a checkpoint holds.

use geno_weights::{WeightError, WeightFile};

use crate::{
    CarbonConfig, DnaTokenizer,
    load::{linear_shapes, norm_names},
};

/// A tensor that a checkpoint must hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CheckpointTensor {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it is for.
    pub part: CheckpointPart,
}

/// What a tensor is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum CheckpointPart {
    /// A row for each token of the vocabulary.
    Embedding,
    /// Queries, keys, values and outputs.
    Attention,
    /// The gated layers.
    GatedLayer,
    /// The norms of blocks, and the last one.
    Norm,
    /// The untied output layer: a row for each token, which states do not need.
    OutputLayer,
}

impl CheckpointPart {
    /// The name of the part.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embedding => "embedding",
            Self::Attention => "attention",
            Self::GatedLayer => "gated layer",
            Self::Norm => "norm",
            Self::OutputLayer => "output layer",
        }
    }

    /// Whether it is a layer's weights `[n_out, n_in]`, which an int8 checkpoint holds as whole
    /// numbers.
    pub fn is_layer(self) -> bool {
        matches!(self, Self::Attention | Self::GatedLayer)
    }

    /// Whether its rows are tokens of the vocabulary.
    pub fn is_vocabulary(self) -> bool {
        matches!(self, Self::Embedding | Self::OutputLayer)
    }
}

impl CheckpointTensor {
    /// Ticks the tensor off in a file, and its scales where it is a layer of whole numbers.
    ///
    /// # Errors
    ///
    /// [`WeightError`] for a tensor that is missing or does not fit.
    pub fn skip(&self, file: &mut WeightFile<'_>) -> Result<(), WeightError> {
        match (
            &self.shape[..],
            self.part.is_layer() && file.is_int8(&self.name),
        ) {
            (&[n_out, n_in], true) => file.take_int8(&self.name, [n_out, n_in]).map(drop),
            _ => file.skip(&self.name, &self.shape),
        }
    }
}

/// The tensors that a checkpoint of this network holds, all of them and no other.
///
/// Rows of the vocabulary begin at the tokenizer's
/// [`embedding_row_offset`](DnaTokenizer::embedding_row_offset).
pub fn checkpoint_tensors<'c>(
    config: &'c CarbonConfig,
    tokenizer: &DnaTokenizer,
) -> impl Iterator<Item = CheckpointTensor> + use<'c> {
    let (d, offset) = (config.hidden_size, tokenizer.embedding_row_offset());
    let rows = config.vocab_size.saturating_sub(offset as usize);
    let tensor = |name: String, shape: Vec<usize>, part| CheckpointTensor { name, shape, part };
    let vocabulary = |name: &str, part| tensor(name.to_owned(), vec![rows, d], part);

    let embedding = vocabulary("model.embed_tokens.weight", CheckpointPart::Embedding);
    let output = vocabulary("lm_head.weight", CheckpointPart::OutputLayer);
    let blocks = (0..config.n_layers).flat_map(move |i| {
        let linear = linear_shapes(i, config).into_iter().enumerate();
        let linear = linear.map(move |(k, (name, shape))| {
            let part = match k {
                0..4 => CheckpointPart::Attention,
                _ => CheckpointPart::GatedLayer,
            };
            tensor(name, shape.to_vec(), part)
        });
        let norms = norm_names(i).into_iter();
        linear.chain(norms.map(move |name| tensor(name, vec![d], CheckpointPart::Norm)))
    });
    let last = tensor(
        "model.norm.weight".to_owned(),
        vec![d],
        CheckpointPart::Norm,
    );
    [embedding]
        .into_iter()
        .chain((!config.tied).then_some(output))
        .chain(blocks)
        .chain([last])
}
