//! The tensors of a checkpoint, checked against its configuration.

use std::ops::Range;

use geno_core::Dtype;
use geno_kernels::MappedFile;
use geno_weights::{Int8Matrix, StoredTensor, WeightDtype, WeightFile};

use crate::{CarbonConfig, DnaTokenizer, EncoderFiles, LoadError, tensors::checkpoint_tensors};

/// The norm after the last block.
pub(crate) const FINAL_NORM: &str = "model.norm.weight";
const EMBEDDING: &str = "model.embed_tokens.weight";
const OUTPUT_LAYER: &str = "lm_head.weight";

/// All tensors of a network, each known to be there with its shape, and no others.
pub(crate) struct CheckedTensors<'a> {
    file: WeightFile<'a>,
    mapped: Vec<&'a MappedFile>,
    rounded: WeightDtype,
    dna_rows: Range<usize>,
    is_tied: bool,
}

impl<'a> CheckedTensors<'a> {
    /// Checks every tensor. No value is read but the scales of whole numbers, which layers hold
    /// for [`Dtype::Int8`] and for no other.
    pub(crate) fn check(
        files: EncoderFiles<'a>,
        config: &CarbonConfig,
        tokenizer: &DnaTokenizer,
        dtype: Dtype,
    ) -> Result<Self, LoadError> {
        let offset = tokenizer.embedding_row_offset() as usize;
        let first = tokenizer.dna_start_id() as usize;
        let n = DnaTokenizer::N_ROWS;
        if first + n > config.vocab_size {
            return Err(LoadError::Vocabulary {
                first,
                last: first + n - 1,
                vocab_size: config.vocab_size,
            });
        }

        let mapped = files.mapped.clone();
        let mut file = files.weight_file()?;
        for tensor in checkpoint_tensors(config, tokenizer) {
            tensor.skip(&mut file)?;
            let name = tensor.name;
            match (dtype, file.is_int8(&name)) {
                (Dtype::Int8, false) if tensor.part.is_layer() => {
                    return Err(LoadError::NotQuantized { name });
                }
                (Dtype::F32 | Dtype::Bf16 | Dtype::F16, true) => {
                    return Err(LoadError::Quantized { name, dtype });
                }
                _ => {}
            }
        }
        file.finish()?;
        Ok(Self {
            file,
            mapped,
            rounded: dtype.into(),
            dna_rows: first - offset..first - offset + n,
            is_tied: config.tied,
        })
    }

    /// A tensor of the network.
    pub(crate) fn stored(&self, name: &str) -> StoredTensor<'_> {
        self.file.stored(name).expect("a tensor that was checked")
    }

    /// The name of the output layer, which is the embedding where the two are tied.
    pub(crate) fn output_layer(&self) -> &'static str {
        match self.is_tied {
            true => EMBEDDING,
            false => OUTPUT_LAYER,
        }
    }

    /// A layer of whole numbers.
    pub(crate) fn int8(&self, name: &str) -> Int8Matrix<'_> {
        let shape = self.file.shape(name).expect("a tensor that was checked");
        let matrix = self.file.int8(name, [shape[0], shape[1]]);
        matrix.expect("a layer that was checked")
    }

    /// The embedding rows of DNA, the only ones that are read.
    pub(crate) fn embedding(&self) -> Result<Vec<f32>, LoadError> {
        let rows = self.stored(EMBEDDING).rows(self.dna_rows.clone());
        self.rounded_values(EMBEDDING, &rows)
    }

    /// All values of a tensor, rounded to the model's dtype.
    pub(crate) fn values(&self, name: &str) -> Result<Vec<f32>, LoadError> {
        self.rounded_values(name, &self.stored(name))
    }

    fn rounded_values(&self, name: &str, tensor: &StoredTensor<'_>) -> Result<Vec<f32>, LoadError> {
        let mut values = tensor.to_f32();
        self.release(tensor.extent());
        match self.round(tensor, &mut values) {
            true => Ok(values),
            false => Err(LoadError::NotFinite { name: name.into() }),
        }
    }

    /// Rounds values of a tensor to the model's dtype, whatever the file's; whether all are finite
    /// then.
    pub(crate) fn round(&self, tensor: &StoredTensor<'_>, values: &mut [f32]) -> bool {
        let is_rounded = tensor.format().dtype() == Some(self.rounded);
        if !is_rounded && self.rounded != WeightDtype::F32 {
            for value in &mut *values {
                *value = self.rounded.round(*value);
            }
        }
        // Without an early exit, many are looked at together.
        values
            .iter()
            .fold(true, |all, value| all & value.is_finite())
    }

    /// Gives back the memory of a part of a mapped file that is not read again.
    pub(crate) fn release(&self, extent: &[u8]) {
        for file in &self.mapped {
            file.release(extent);
        }
    }
}
