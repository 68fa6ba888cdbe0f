//! Checkpoints with random weights, in exactly Carbon's layout.

use std::borrow::Cow;

use geno_core::RandomStream;
use geno_weights::{NewTensor, WeightDtype, write_weights};
use rand_distr::{Distribution, Normal};

use crate::{
    CarbonConfig, ConfigError, DnaTokenizer, EncoderFiles,
    load::{linear_shapes, norm_names},
};

/// Standard deviation of a fresh weight, Carbon's `initializer_range`.
const INITIALIZER_RANGE: f32 = 0.02;

/// Which rows of the vocabulary a checkpoint holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EmbeddingRows {
    /// The whole vocabulary, as Carbon is published. Text rows are zero: only DNA is ever read.
    Full,
    /// From `<dna>` on, with `embedding_row_offset` in `dna_config.json`: smaller by 97 %.
    Dna,
}

/// Draws a checkpoint: `N(0, 0.02²)` weights, norms of one, stored as `BF16` in one file.
///
/// The bytes depend on the arguments alone. For tests, benchmarks and the start of a training.
///
/// # Errors
///
/// [`ConfigError`] if the sizes do not fit together, or the vocabulary is smaller than Carbon's
/// first DNA token and all 6-mers need.
///
/// # Panics
///
/// If the weights do not fit the address space.
pub fn random_checkpoint(
    config: &CarbonConfig,
    rows: EmbeddingRows,
    stream: &mut RandomStream,
) -> Result<EncoderFiles<'static>, ConfigError> {
    config.validate()?;
    let tokenizer = match rows {
        EmbeddingRows::Full => DnaTokenizer::carbon(),
        EmbeddingRows::Dna => DnaTokenizer::carbon().cut_to_dna(),
    };
    let first = tokenizer.dna_start_id() as usize;
    if config.vocab_size < first + DnaTokenizer::N_ROWS {
        return Err(ConfigError::Size {
            field: "vocab_size",
            value: config.vocab_size,
        });
    }

    let normal = Normal::new(0.0, INITIALIZER_RANGE).expect("a positive deviation");
    let mut draw = |n: usize| -> Vec<f32> { (0..n).map(|_| normal.sample(stream)).collect() };
    let d = config.hidden_size;
    let mut tensors = Vec::new();
    let mut add = |name: String, shape: Vec<usize>, values| {
        tensors.push(NewTensor::new(name, shape, values, WeightDtype::Bf16));
    };

    let text = first - tokenizer.embedding_row_offset() as usize;
    let dna = config.vocab_size - first;
    let mut vocabulary = || {
        let mut values = vec![0.0; text * d];
        values.extend(draw(dna * d));
        values
    };
    let shape = vec![text + dna, d];
    add(
        "model.embed_tokens.weight".into(),
        shape.clone(),
        vocabulary(),
    );
    if !config.tied {
        add("lm_head.weight".into(), shape, vocabulary());
    }
    for i in 0..config.n_layers {
        for (name, [n_out, n_in]) in linear_shapes(i, config) {
            add(name, vec![n_out, n_in], draw(n_out * n_in));
        }
        for name in norm_names(i) {
            add(name, vec![d], vec![1.0; d]);
        }
    }
    add("model.norm.weight".into(), vec![d], vec![1.0; d]);

    let weights = write_weights(&tensors).expect("names are unique and shapes hold");
    Ok(EncoderFiles {
        config: Cow::Owned(config.to_json()),
        dna_config: Cow::Owned(tokenizer.to_json(dna)),
        weight_index: None,
        weights: vec![("model.safetensors".into(), Cow::Owned(weights))],
        mapped: Vec::new(),
    })
}
