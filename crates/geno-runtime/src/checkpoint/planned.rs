//! The tensors of a checkpoint that is made from another.

use geno_encoder::{CheckpointPart, CheckpointTensor, DnaTokenizer};
use geno_weights::{StoredTensor, TensorDtype, TensorSpec, WeightDtype, WeightFile, scale_name};

use super::{CheckpointError, ConvertTo, Derivation, write::Written};

/// A tensor of the new checkpoint, and what of the old one it takes.
pub(super) struct Planned {
    pub(super) spec: TensorSpec,
    /// What is made of the old tensor.
    pub(super) written: Written,
    /// The old tensor.
    source: String,
    first_row: usize,
    part: CheckpointPart,
}

impl Planned {
    /// What is made of a tensor of the network: one tensor, or whole numbers and their scales.
    pub(super) fn of(
        tensor: CheckpointTensor,
        weights: &mut WeightFile<'_>,
        derivation: Derivation,
        tokenizer: &DnaTokenizer,
    ) -> Result<Vec<Self>, CheckpointError> {
        let CheckpointTensor {
            name,
            mut shape,
            part,
        } = tensor;
        if weights.is_int8(&name) {
            return Err(CheckpointError::Quantized { name });
        }
        let format = weights.take(&name, &shape)?.format();
        let first_row = match derivation {
            Derivation::Slice if part.is_vocabulary() => {
                let first = tokenizer.dna_start_id() - tokenizer.embedding_row_offset();
                (first as usize).min(shape[0])
            }
            _ => 0,
        };
        shape[0] -= first_row;
        let planned = |new: String, shape, dtype: TensorDtype, written| Self {
            spec: TensorSpec {
                name: new,
                shape,
                dtype,
            },
            written,
            source: name.clone(),
            first_row,
            part,
        };
        let dtype = match derivation {
            Derivation::Convert(ConvertTo::Int8) if part.is_layer() => {
                let scales = (vec![shape[0], 1], WeightDtype::F32.into());
                return Ok(vec![
                    planned(name.clone(), shape, TensorDtype::I8, Written::Whole),
                    planned(scale_name(&name), scales.0, scales.1, Written::Scales),
                ]);
            }
            Derivation::Convert(to) => Some(to.dtype().into()),
            Derivation::Slice => format.dtype(),
        };
        let Some(dtype) = dtype else {
            return Err(CheckpointError::Blocks { name });
        };
        let written = Written::Values(dtype);
        Ok(vec![planned(name.clone(), shape, dtype.into(), written)])
    }

    /// Whether it is made of a layer.
    pub(super) fn is_layer(&self) -> bool {
        self.part.is_layer()
    }

    /// The rows of the old tensor that it takes.
    pub(super) fn stored<'w>(&self, weights: &'w WeightFile<'_>) -> StoredTensor<'w> {
        let tensor = weights.stored(&self.source);
        let tensor = tensor.expect("a tensor that was taken");
        let n_rows = tensor.n_rows();
        match self.first_row {
            0 => tensor,
            first => tensor.rows(first..n_rows),
        }
    }
}
