//! Layers, packed from a weight file.

use geno_core::Dtype;
use geno_kernels::{Affine, Format, LayerNorm, PackedMatrix};
use geno_weights::{StoredTensor, WeightError, WeightFile};

use crate::layer::EPSILON;

/// Packs the layers of a network out of a weight file, each under the names it has there.
pub(super) struct Layers<'f, 'a> {
    file: &'f mut WeightFile<'a>,
    format: Format,
}

impl<'f, 'a> Layers<'f, 'a> {
    /// Layers whose products are in `bf16` for [`Dtype::Bf16`], and in `f32` otherwise.
    pub(super) fn new(file: &'f mut WeightFile<'a>, products: Dtype) -> Self {
        let format = match products {
            Dtype::Bf16 => Format::Bf16,
            _ => Format::F32,
        };
        Self { file, format }
    }

    /// The values of a tensor.
    pub(super) fn values(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightError> {
        self.file.take_f32(name, shape)
    }

    /// `{name}.weight`, `[columns, inner]`, and `{name}.bias`.
    pub(super) fn affine(
        &mut self,
        name: &str,
        [inner, columns]: [usize; 2],
    ) -> Result<Affine, WeightError> {
        let format = self.format;
        let weight = self
            .file
            .take(&format!("{name}.weight"), &[columns, inner])?;
        let weight = packed(format, &weight);
        let bias = self.values(&format!("{name}.bias"), &[columns])?;
        Ok(Affine::new(weight, bias))
    }

    /// An affine map of `inner` values whose columns are cut into maps of so many, with the names of
    /// its weight and its bias.
    pub(super) fn cut<const N: usize>(
        &mut self,
        [weight, bias]: [String; 2],
        inner: usize,
        columns: [usize; N],
    ) -> Result<[Affine; N], WeightError> {
        let all = columns.iter().sum();
        let bias = self.values(&bias, &[all])?;
        let format = self.format;
        let weight = self.file.take(&weight, &[all, inner])?;
        let mut first = 0;
        Ok(columns.map(|columns| {
            let rows = first..first + columns;
            first = rows.end;
            let part = packed(format, &weight.clone().rows(rows.clone()));
            Affine::new(part, bias[rows].to_vec())
        }))
    }

    /// A matrix of weights `[columns, inner]` that are at hand, row after row.
    pub(super) fn matrix(&self, weights: &[f32], inner: usize) -> PackedMatrix {
        let columns = weights.len() / inner;
        PackedMatrix::pack(self.format, inner, columns, |j, column| {
            column.copy_from_slice(&weights[j * inner..][..inner]);
        })
    }

    /// `{name}.weight` and `{name}.bias`.
    pub(super) fn norm(&mut self, name: &str, width: usize) -> Result<LayerNorm, WeightError> {
        Ok(LayerNorm {
            weight: self.values(&format!("{name}.weight"), &[width])?,
            bias: self.values(&format!("{name}.bias"), &[width])?,
            epsilon: EPSILON as f32,
        })
    }
}

fn packed(format: Format, weight: &StoredTensor<'_>) -> PackedMatrix {
    PackedMatrix::pack(format, weight.row_len(), weight.n_rows(), |j, column| {
        weight.read_row(j, column);
    })
}
