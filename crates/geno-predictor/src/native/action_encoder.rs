//! The action encoder `kmer_v1` on the kernels for CPUs.

use burn::tensor::{Device, Tensor, TensorData};
use geno_action::RelEdit;
use geno_core::Dtype;
use geno_kernels::{Affine, Kernel, LayerNorm, PackedMatrix, gelu, multiply_rows};
use geno_weights::{WeightError, WeightFile};
use rayon::prelude::*;

use super::{layers::Layers, sequence_encoder::SequenceEncoder};
use crate::{
    EditEncoder, EncodeEditsError, PlacedEdit,
    action_config::{ActionEncoderConfig, N_EDIT_TYPES},
    action_encoder::build::{INNER, NORM, OUTER, PADDING, TYPE},
    error::LoadError,
    kmer::DistinctAlleles,
    sinusoid::Sinusoid,
};

/// An action encoder on this machine's processor.
///
/// Its definition is [`ActionEncoder`](crate::ActionEncoder): actions agree within 10⁻⁵. Products
/// are in `f32`.
///
/// # Cost
///
/// The first affine map of an edit is cut into what comes from its position, its type and its two
/// alleles. Alleles that occur more than once are encoded and mapped once, and the types are mapped
/// when the encoder is loaded.
pub struct NativeActionEncoder {
    kernel: Kernel,
    sequence_encoder: SequenceEncoder,
    /// What a type adds: `[6, d_hidden]`, the bias within it.
    types: Vec<f32>,
    /// `d_pos → d_hidden`.
    position: PackedMatrix,
    /// `d_seq → d_hidden`, of the reference and the alternate allele.
    alleles: [PackedMatrix; 2],
    norm: LayerNorm,
    outer: Affine,
    sinusoid: Sinusoid,
    config: ActionEncoderConfig,
    device: Device,
}

impl NativeActionEncoder {
    /// Loads the action encoder that a configuration describes. Actions come out as tensors on
    /// `device`.
    ///
    /// # Errors
    ///
    /// As of [`Network::load`](crate::Network::load).
    pub fn load(
        file: &mut WeightFile<'_>,
        config: &ActionEncoderConfig,
        kernel: Kernel,
        device: &Device,
    ) -> Result<Self, LoadError> {
        config.validate()?;
        let encoder = Self::build(&mut Layers::new(file, Dtype::F32), config, kernel, device)?;
        // What stands for a missing edit is never looked at.
        file.skip(PADDING, &[config.d_action])?;
        file.finish()?;
        Ok(encoder)
    }

    fn build(
        layers: &mut Layers<'_, '_>,
        config: &ActionEncoderConfig,
        kernel: Kernel,
        device: &Device,
    ) -> Result<Self, WeightError> {
        let (d_hidden, d_features) = (config.d_hidden, config.d_features());
        let weight = layers.values(&format!("{INNER}.weight"), &[d_hidden, d_features])?;
        let bias = layers.values(&format!("{INNER}.bias"), &[d_hidden])?;
        let columns = |layers: &Layers<'_, '_>, first: usize, width: usize| {
            let rows = weight.chunks_exact(d_features);
            let part: Vec<f32> = rows
                .flat_map(|row| &row[first..first + width])
                .copied()
                .collect();
            layers.matrix(&part, width)
        };
        let (pos, kind, seq) = (config.d_pos, config.d_type, config.d_seq);
        let embeddings = layers.values(TYPE, &[N_EDIT_TYPES, kind])?;
        let mut types = vec![0.0; N_EDIT_TYPES * d_hidden];
        let of_type = Affine::new(columns(layers, pos, kind), bias);
        of_type.forward(kernel, &embeddings, &mut types);
        Ok(Self {
            kernel,
            sequence_encoder: SequenceEncoder::load(layers, config, kernel)?,
            types,
            position: columns(layers, 0, pos),
            alleles: [pos + kind, pos + kind + seq].map(|first| columns(layers, first, seq)),
            norm: layers.norm(NORM, d_hidden)?,
            outer: layers.affine(OUTER, [d_hidden, config.d_action])?,
            sinusoid: Sinusoid::new(pos, config.max_window_bp),
            config: config.clone(),
            device: device.clone(),
        })
    }

    /// Encodes edits one by one: `[n, d_action]`, row after row.
    ///
    /// # Errors
    ///
    /// [`EncodeEditsError::PositionTooLarge`] for the first edit at or beyond `max_window_bp`.
    pub fn encode(&self, edits: &[&RelEdit]) -> Result<Vec<f32>, EncodeEditsError> {
        let max_window_bp = self.config.max_window_bp;
        let mut alleles = DistinctAlleles::default();
        let mut indices = Vec::with_capacity(edits.len());
        for edit in edits {
            EncodeEditsError::unless_within(edit.rel_pos(), max_window_bp)?;
            indices.push([edit.reference(), edit.alternate()].map(|allele| alleles.index(allele)));
        }
        let features = edits.par_iter().map(|edit| {
            let mut features = Vec::with_capacity(self.config.d_pos);
            self.sinusoid.extend(&mut features, edit.rel_pos() as isize);
            features
        });
        let features: Vec<_> = features.collect();
        Ok(self.actions(edits, &alleles, &indices, &features.concat()))
    }

    fn actions(
        &self,
        edits: &[&RelEdit],
        alleles: &DistinctAlleles,
        indices: &[[i32; 2]],
        positions: &[f32],
    ) -> Vec<f32> {
        let (kernel, width) = (self.kernel, self.config.d_hidden);
        let sequences = self.sequence_encoder.forward(alleles.tokens());
        let [references, alternates] = self.alleles.each_ref().map(|matrix| {
            let mut mapped = vec![0.0; alleles.tokens().len() * width];
            multiply_rows(kernel, &sequences, matrix, &mut mapped);
            mapped
        });
        let mut hidden = vec![0.0; edits.len() * width];
        multiply_rows(kernel, positions, &self.position, &mut hidden);
        let rows = hidden.par_chunks_exact_mut(width).zip(edits).zip(indices);
        rows.for_each(|((row, edit), [reference, alternate])| {
            add_row(row, &self.types, usize::from(edit.edit_type().id()));
            add_row(row, &references, *reference as usize);
            add_row(row, &alternates, *alternate as usize);
        });
        gelu(kernel, &mut hidden, width);
        let mut normed = vec![0.0; hidden.len()];
        self.norm.forward(kernel, &hidden, &mut normed);
        let mut actions = vec![0.0; edits.len() * self.config.d_action];
        self.outer.forward(kernel, &normed, &mut actions);
        actions
    }
}

/// Adds row `i` of a table.
fn add_row(row: &mut [f32], table: &[f32], i: usize) {
    let added = &table[i * row.len()..][..row.len()];
    row.iter_mut().zip(added).for_each(|(x, added)| *x += added);
}

impl EditEncoder for NativeActionEncoder {
    fn encode_each(&self, edits: &[PlacedEdit<'_>]) -> Result<Tensor<2>, EncodeEditsError> {
        let edits: Vec<&RelEdit> = edits.iter().map(|placed| placed.edit).collect();
        let shape = [edits.len(), self.config.d_action];
        let actions = TensorData::new(self.encode(&edits)?, shape);
        Ok(Tensor::from_data(actions, &self.device))
    }
}

impl std::fmt::Debug for NativeActionEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeActionEncoder")
            .field("config", &self.config)
            .field("kernel", &self.kernel)
            .finish_non_exhaustive()
    }
}
