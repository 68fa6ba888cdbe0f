//! A Carbon checkpoint as one GGUF file, in the layout of llama.cpp.

mod config;
mod names;

use std::borrow::Cow;

use geno_weights::{GGUF_MAGIC, GgufFile, WeightFile};

use crate::{CarbonConfig, DnaTokenizer, EncoderFiles, LoadError};

impl<'a> EncoderFiles<'a> {
    /// An encoder in one GGUF file: its configuration is read from the file's metadata, the DNA
    /// half of the vocabulary is Carbon's.
    ///
    /// # Errors
    ///
    /// [`LoadError::Gguf`] and [`LoadError::Config`].
    pub fn from_gguf(name: String, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, LoadError> {
        let bytes = bytes.into();
        let config = CarbonConfig::from_gguf(&GgufFile::parse(&*bytes)?)?;
        // The file's texts are not asked: one 6-mer is also a word of the text half, and older
        // converters wrote another text for it.
        let tokenizer = DnaTokenizer::carbon();
        // A vocabulary too small for the DNA tokens is told of when they are read.
        let dna = config
            .vocab_size
            .saturating_sub(tokenizer.dna_start_id() as usize);
        Ok(Self {
            config: Cow::Owned(config.to_json()),
            dna_config: Cow::Owned(tokenizer.to_json(dna.max(DnaTokenizer::N_ROWS))),
            weight_index: None,
            weights: vec![(name, bytes)],
            mapped: Vec::new(),
        })
    }
}

/// Whether a weight file is a GGUF file.
pub(crate) fn is_gguf(bytes: &[u8]) -> bool {
    bytes.starts_with(GGUF_MAGIC)
}

/// The tensors of a GGUF file under the names and in the order of a Hugging Face checkpoint.
pub(crate) fn weight_file(bytes: Cow<'_, [u8]>) -> Result<WeightFile<'_>, LoadError> {
    let file = GgufFile::parse(bytes)?;
    let CarbonConfig { head_dim, .. } = CarbonConfig::from_gguf(&file)?;
    Ok(WeightFile::from_gguf(file, |name| {
        names::in_checkpoint(name, head_dim)
    })?)
}
