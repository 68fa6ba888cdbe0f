//! The action encoder `kmer_v1`.

pub(crate) mod build;

use burn::{
    module::{Module, Param},
    tensor::{Bool, Int, Tensor, TensorData, activation::gelu},
};
use geno_action::RelEdit;
use geno_core::{Coded, ErrorCode};

use crate::{
    action_config::ActionEncoderConfig,
    kmer::DistinctAlleles,
    layer::{LayerNorm, Linear},
    sequence_encoder::SequenceEncoder,
    sinusoid::Sinusoid,
};

/// Turns edits into vectors.
///
/// An edit is its position in the window as sines and cosines, its type's embedding, and the
/// encodings of its reference and alternate alleles by one small transformer over 6-mers; two
/// affine maps bring these to the width of an action. The result has no fixed length.
///
/// # Source
///
/// `ActionEncoder` of geno-lewm 0.2.1, tensor for tensor, weaknesses included: alleles that differ
/// only in trailing As of a 6-mer, or in the order of their 6-mers, have one encoding.
///
/// # Initial weights
///
/// The rules are PyTorch's: embeddings standard normal (the empty 6-mer zero), weights and biases
/// uniform within `±1/√fan_in`, attention's input weights within `±√(6/4d)` and its biases zero,
/// padding zero. Unlike the reference, the layers start out different.
#[derive(Module, Debug)]
pub struct ActionEncoder {
    /// `[d_action]`, what stands for a missing edit.
    padding: Param<Tensor<1>>,
    /// `[6, d_type]`.
    type_embedding: Param<Tensor<2>>,
    sequence_encoder: SequenceEncoder,
    inner: Linear,
    norm: LayerNorm,
    outer: Linear,
    #[module(skip)]
    sinusoid: Sinusoid,
    #[module(skip)]
    config: ActionEncoderConfig,
}

/// Edit lists of several rows, filled up to the longest.
#[derive(Clone, Debug)]
pub struct EncodedEdits {
    /// `[batch, n_actions, d_action]`, the learned padding where a row has no edit left.
    pub actions: Tensor<3>,
    /// `[batch, n_actions]`, true for edits.
    pub mask: Tensor<2, Bool>,
}

/// Why an edit cannot be encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EncodeEditsError {
    /// The edit lies beyond the positions the encoder tells apart.
    #[error("edit at base {rel_pos} of its window, where the action encoder takes {max_window_bp}")]
    PositionTooLarge {
        /// The position, 0-based.
        rel_pos: usize,
        /// Positions are below this.
        max_window_bp: usize,
    },
}

impl EncodeEditsError {
    /// Refuses positions from `max_window_bp` on.
    pub(crate) fn unless_within(rel_pos: usize, max_window_bp: usize) -> Result<(), Self> {
        match rel_pos < max_window_bp {
            true => Ok(()),
            false => Err(Self::PositionTooLarge {
                rel_pos,
                max_window_bp,
            }),
        }
    }
}

impl Coded for EncodeEditsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputOutOfWindow
    }
}

impl ActionEncoder {
    /// The configuration it was built from.
    pub fn config(&self) -> &ActionEncoderConfig {
        &self.config
    }

    /// Encodes edits one by one: `[n, d_action]`.
    ///
    /// Alleles that occur more than once are encoded once.
    ///
    /// # Errors
    ///
    /// [`EncodeEditsError::PositionTooLarge`] for the first edit at or beyond `max_window_bp`.
    pub fn encode_each<'a>(
        &self,
        edits: impl IntoIterator<Item = &'a RelEdit>,
    ) -> Result<Tensor<2>, EncodeEditsError> {
        let device = self.padding.val().device();
        let max_window_bp = self.config.max_window_bp;
        let (mut positions, mut types) = (Vec::new(), Vec::new());
        let (mut references, mut alternates) = (Vec::new(), Vec::new());
        let mut alleles = DistinctAlleles::default();
        for edit in edits {
            let rel_pos = edit.rel_pos();
            EncodeEditsError::unless_within(rel_pos, max_window_bp)?;
            self.sinusoid.extend(&mut positions, rel_pos as isize);
            types.push(i32::from(edit.edit_type().id()));
            references.push(alleles.index(edit.reference()));
            alternates.push(alleles.index(edit.alternate()));
        }
        let n = types.len();
        if n == 0 {
            return Ok(Tensor::zeros([0, self.config.d_action], &device));
        }

        let indices =
            |values: Vec<i32>| Tensor::<1, Int>::from_data(TensorData::new(values, [n]), &device);
        let positions = TensorData::new(positions, [n, self.config.d_pos]);
        let sequences = self.sequence_encoder.forward(alleles.tokens());
        let features = vec![
            Tensor::from_data(positions, &device),
            self.type_embedding.val().select(0, indices(types)),
            sequences.clone().select(0, indices(references)),
            sequences.select(0, indices(alternates)),
        ];
        let hidden = gelu(self.inner.forward(Tensor::cat(features, 1)));
        Ok(self.outer.forward(self.norm.forward(hidden)))
    }

    /// Encodes one edit list a row, filled up to the longest with the learned padding.
    ///
    /// # Errors
    ///
    /// As [`encode_each`](Self::encode_each).
    pub fn forward(&self, batch: &[&[RelEdit]]) -> Result<EncodedEdits, EncodeEditsError> {
        let encoded = self.encode_each(batch.iter().copied().flatten())?;
        let lengths: Vec<usize> = batch.iter().map(|row| row.len()).collect();
        Ok(fill_up(encoded, self.padding.val(), &lengths))
    }
}

/// Sorts encoded edits `[n, d_action]` into rows of these lengths, filled up to the longest.
pub(crate) fn fill_up(encoded: Tensor<2>, padding: Tensor<1>, lengths: &[usize]) -> EncodedEdits {
    let device = encoded.device();
    let [after, d_action] = encoded.dims();
    let n_actions = lengths.iter().copied().max().unwrap_or(0);
    let dims = [lengths.len(), n_actions];
    let (mut rows, mut mask, mut next) = (Vec::new(), Vec::new(), 0);
    for len in lengths {
        for i in 0..n_actions {
            let present = i < *len;
            mask.push(present);
            rows.push(if present { next } else { after } as i32);
            next += usize::from(present);
        }
    }
    let mask = Tensor::from_data(TensorData::new(mask, dims), &device);
    if after == 0 {
        let actions = Tensor::zeros([dims[0], n_actions, d_action], &device);
        return EncodedEdits { actions, mask };
    }
    let rows = TensorData::new(rows, [dims[0] * n_actions]);
    let rows = Tensor::<1, Int>::from_data(rows, &device);
    let table = Tensor::cat(vec![encoded, padding.unsqueeze()], 0);
    EncodedEdits {
        actions: table
            .select(0, rows)
            .reshape([dims[0], n_actions, d_action]),
        mask,
    }
}
