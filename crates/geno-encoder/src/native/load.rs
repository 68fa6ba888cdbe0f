//! Packing a checkpoint's weights.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::Dtype;
use geno_kernels::{AttentionShape, Format, GatedLayer, PackedMatrix, RmsNorm, RotaryTable};
use geno_weights::{Int8Matrix, StoredTensor};

use super::{block::Block, network::Network, output_layer::OutputLayer};
use crate::{
    CarbonConfig, DnaTokenizer, EncoderFiles, LoadError, TokenDomain,
    checked_tensors::{CheckedTensors, FINAL_NORM},
    load::{linear_shapes, norm_names},
    rotary_frequencies::rotary_frequencies,
};

/// Packs the network up to hidden state `layer`.
///
/// Every tensor of the checkpoint must exist with its shape and no other may; those above the state
/// layer, the text rows of the embedding and an untied output layer are not read.
pub(super) fn network(
    files: EncoderFiles<'_>,
    config: &CarbonConfig,
    tokenizer: &DnaTokenizer,
    layer: usize,
    dtype: Dtype,
) -> Result<Network, LoadError> {
    let loader = Loader {
        tensors: CheckedTensors::check(files, config, tokenizer, dtype)?,
        format: format(dtype),
        config,
    };
    loader.network(layer)
}

/// How products are computed for a dtype.
fn format(dtype: Dtype) -> Format {
    match dtype {
        Dtype::F32 | Dtype::F16 => Format::F32,
        Dtype::Bf16 => Format::Bf16,
        Dtype::Int8 => Format::Int8,
    }
}

/// Packs the whole network, and its output layer apart from it: the last norm is that layer's.
pub(super) fn with_output_layer(
    files: EncoderFiles<'_>,
    config: &CarbonConfig,
    tokenizer: &DnaTokenizer,
    domain: TokenDomain,
    dtype: Dtype,
) -> Result<(Network, OutputLayer), LoadError> {
    let loader = Loader {
        tensors: CheckedTensors::check(files, config, tokenizer, dtype)?,
        format: format(dtype),
        config,
    };
    let mut network = loader.network(config.n_layers)?;
    let norm = network
        .final_norm
        .take()
        .expect("the norm after the last block");
    let output = loader.output_layer(norm, tokenizer, domain)?;
    Ok((network, output))
}

struct Loader<'a> {
    tensors: CheckedTensors<'a>,
    format: Format,
    config: &'a CarbonConfig,
}

impl Loader<'_> {
    fn network(&self, layer: usize) -> Result<Network, LoadError> {
        let config = self.config;
        let embedding = self.tensors.embedding()?;
        let blocks: Result<_, _> = (0..layer).map(|i| self.block(i)).collect();
        let final_norm = match layer == config.n_layers {
            true => Some(self.norm(FINAL_NORM)?),
            false => None,
        };
        let (frequencies, factor) = rotary_frequencies(config);
        Ok(Network {
            embedding,
            width: config.hidden_size,
            blocks: blocks?,
            final_norm,
            rotary: RotaryTable::new(frequencies, factor),
            shape: AttentionShape {
                n_heads: config.n_heads,
                n_kv_heads: config.n_kv_heads,
                head_dim: config.head_dim,
            },
            format: self.format,
        })
    }

    fn output_layer(
        &self,
        norm: RmsNorm,
        tokenizer: &DnaTokenizer,
        domain: TokenDomain,
    ) -> Result<OutputLayer, LoadError> {
        let (name, offset) = (
            self.tensors.output_layer(),
            tokenizer.embedding_row_offset(),
        );
        let n_rows = self.tensors.stored(name).n_rows();
        let first_dna = (tokenizer.dna_start_id() - offset) as usize;
        let text = match domain {
            TokenDomain::Dna => 0..0,
            TokenDomain::Vocabulary if offset == 0 => 0..first_dna,
            TokenDomain::Vocabulary => return Err(LoadError::NoTextRows { first_id: offset }),
        };
        let starts = text.clone().step_by(OutputLayer::MAX_COLUMNS);
        let text = starts.map(|start| {
            let rows = start..text.end.min(start + OutputLayer::MAX_COLUMNS);
            self.packed_rows(name, rows)
        });
        Ok(OutputLayer {
            norm,
            dna: self.packed_rows(name, first_dna..n_rows)?,
            text: text.collect::<Result<_, _>>()?,
        })
    }

    /// Some rows of a tensor.
    fn packed_rows(&self, name: &str, rows: Range<usize>) -> Result<PackedMatrix, LoadError> {
        self.packed_tensors(&[self.tensors.stored(name).rows(rows)], &[name])
    }

    fn block(&self, i: usize) -> Result<Block, LoadError> {
        let [query, key, value, output, gate, up, down] =
            linear_shapes(i, self.config).map(|(name, _)| name);
        let [attention_norm, ffn_norm] = norm_names(i);
        Ok(Block {
            norm: self.norm(&attention_norm)?,
            query: self.packed(&[&query])?,
            key_value: self.packed(&[&key, &value])?,
            output: self.packed(&[&output])?,
            gated: GatedLayer {
                norm: self.norm(&ffn_norm)?,
                gate: self.packed(&[&gate])?,
                up: self.packed(&[&up])?,
                down: self.packed(&[&down])?,
            },
        })
    }

    fn norm(&self, name: &str) -> Result<RmsNorm, LoadError> {
        Ok(RmsNorm {
            weight: self.tensors.values(name)?,
            epsilon: self.config.rms_norm_eps as f32,
        })
    }

    /// Some layers over the same input, one after the other.
    fn packed(&self, names: &[&str]) -> Result<PackedMatrix, LoadError> {
        if self.format == Format::Int8 {
            return Ok(self.packed_int8(names));
        }
        let tensors: Vec<_> = names.iter().map(|name| self.tensors.stored(name)).collect();
        self.packed_tensors(&tensors, names)
    }

    /// The same of tensors that hold numbers in one of the floating formats, as vocabularies do in
    /// checkpoints of whole numbers, too.
    fn packed_tensors(
        &self,
        tensors: &[StoredTensor<'_>],
        names: &[&str],
    ) -> Result<PackedMatrix, LoadError> {
        let columns = tensors.iter().map(StoredTensor::n_rows).sum();
        let is_finite = AtomicBool::new(true);
        let format = match self.format {
            Format::Int8 => Format::Bf16,
            format => format,
        };
        let packed = PackedMatrix::pack(format, tensors[0].row_len(), columns, |j, values| {
            let (tensor, row) = row_of(tensors, StoredTensor::n_rows, j);
            self.read(tensor, row, values, &is_finite);
        });
        for tensor in tensors {
            self.tensors.release(tensor.extent());
        }
        match is_finite.into_inner() {
            true => Ok(packed),
            false => Err(self.not_finite(names)),
        }
    }

    /// The same of whole numbers, which are packed as they are.
    fn packed_int8(&self, names: &[&str]) -> PackedMatrix {
        let tensors: Vec<_> = names.iter().map(|name| self.tensors.int8(name)).collect();
        let columns = tensors.iter().map(Int8Matrix::n_rows).sum();
        let packed = PackedMatrix::pack_int8(tensors[0].row_len(), columns, |j, whole| {
            let (tensor, row) = row_of(&tensors, Int8Matrix::n_rows, j);
            tensor.read_row(row, whole)
        });
        for tensor in tensors {
            self.tensors.release(tensor.extent());
        }
        packed
    }

    fn read(&self, tensor: &StoredTensor<'_>, row: usize, out: &mut [f32], finite: &AtomicBool) {
        tensor.read_row(row, out);
        if !self.tensors.round(tensor, out) {
            finite.store(false, Ordering::Relaxed);
        }
    }

    /// The error about the first of these tensors that is not finite.
    fn not_finite(&self, names: &[&str]) -> LoadError {
        let faults = names.iter().map(|name| self.tensors.values(name));
        let fault = faults.filter_map(Result::err).next();
        fault.expect("a value of one of them is not finite")
    }
}

/// The tensor that holds row `j` of all, one after the other, and which of its rows that is.
fn row_of<T>(tensors: &[T], n_rows: impl Fn(&T) -> usize, j: usize) -> (&T, usize) {
    let mut row = j;
    for tensor in tensors {
        match row.checked_sub(n_rows(tensor)) {
            Some(after) => row = after,
            None => return (tensor, row),
        }
    }
    unreachable!("a row past the last")
}
