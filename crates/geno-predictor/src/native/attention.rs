//! The projections of an attention.

use geno_kernels::{Affine, Format, Kernel, PackedMatrix, multiply_rows};
use geno_weights::WeightError;

use super::layers::Layers;
use crate::layer::Attention;

/// `out · softmax(q·kᵀ/√d_head) · v`, its four affine maps.
#[derive(Debug)]
pub(super) struct Projections {
    pub(super) query: Affine,
    pub(super) key: Affine,
    pub(super) value: Affine,
    pub(super) output: Affine,
}

impl Projections {
    /// Layers `in_proj_weight`, `in_proj_bias` and `out_proj.*` under a name.
    pub(super) fn load(
        layers: &mut Layers<'_, '_>,
        name: &str,
        d: usize,
    ) -> Result<Self, WeightError> {
        let [query, key, value] = layers.cut(Attention::in_names(name), d, [d; 3])?;
        Ok(Self {
            query,
            key,
            value,
            output: layers.affine(&format!("{name}.out_proj"), [d, d])?,
        })
    }
}

/// What a query takes from a memory of one row: its weight is 1, so the value's map and the
/// output's are one after the other, `W_o·(W_v·x + b_v) + b_o = (W_o·W_v)·x + (W_o·b_v + b_o)`.
pub(super) fn of_only_key(
    layers: &mut Layers<'_, '_>,
    kernel: Kernel,
    name: &str,
    d: usize,
) -> Result<Affine, WeightError> {
    let [weight, bias] = Attention::in_names(name);
    let weights = layers.values(&weight, &[3 * d, d])?;
    let biases = layers.values(&bias, &[3 * d])?;
    let (value, value_bias) = (&weights[2 * d * d..], &biases[2 * d..]);
    let output = layers.values(&format!("{name}.out_proj.weight"), &[d, d])?;
    let mut bias = layers.values(&format!("{name}.out_proj.bias"), &[d])?;
    for (bias, row) in bias.iter_mut().zip(output.chunks_exact(d)) {
        let products = row.iter().zip(value_bias);
        let sum: f64 = products.map(|(w, b)| f64::from(*w) * f64::from(*b)).sum();
        *bias = (f64::from(*bias) + sum) as f32;
    }

    // Column `j` of the right operand is what value weights an input `j` has.
    let value = PackedMatrix::pack(Format::F32, d, d, |j, column| {
        for (weight, row) in column.iter_mut().zip(value.chunks_exact(d)) {
            *weight = row[j];
        }
    });
    let mut weights = vec![0.0; d * d];
    multiply_rows(kernel, &output, &value, &mut weights);
    Ok(Affine::new(layers.matrix(&weights, d), bias))
}
