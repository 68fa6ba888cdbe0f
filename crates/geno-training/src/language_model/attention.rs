//! Causal attention of every token of a window to those up to itself.

use burn::tensor::{Tensor, TensorData, activation::softmax};
use geno_encoder::CarbonConfig;

#[cfg(feature = "cpu")]
use super::fused;
use super::rotation::Rotation;

/// `softmax(q · kᵀ / √head_dim) · v` over the tokens up to each, queries and keys being rotated;
/// heads of queries share keys and values in groups.
///
/// # Shapes
///
/// - queries: `[batch · len, n_heads · head_dim]`
/// - keys, values: `[batch · len, n_kv_heads · head_dim]`
/// - output: as the queries
pub(super) fn attention(
    inputs: [Tensor<2>; 3],
    config: &CarbonConfig,
    rotation: &Rotation,
) -> Tensor<2> {
    #[cfg(feature = "cpu")]
    if let Some(attended) = fused::attention(&inputs, config, rotation) {
        return attended;
    }
    composed(inputs, config, rotation)
}

/// [`attention`] in the operations of any device.
pub(super) fn composed(
    [queries, keys, values]: [Tensor<2>; 3],
    config: &CarbonConfig,
    rotation: &Rotation,
) -> Tensor<2> {
    let (n_heads, n_kv, head_dim) = (config.n_heads, config.n_kv_heads, config.head_dim);
    let (group, len) = (n_heads / n_kv, rotation.len());
    let batch = queries.dims()[0] / len;

    let queries = rotation.rotate(queries.reshape([batch, len, n_heads, head_dim]));
    let queries = queries.mul_scalar((head_dim as f64).powf(-0.5));
    let queries = queries
        .reshape([batch, len, n_kv, group, head_dim])
        .permute([0, 2, 3, 1, 4])
        .reshape([batch, n_kv, group * len, head_dim]);
    let keys = rotation.rotate(keys.reshape([batch, len, n_kv, head_dim]));
    let values = values.reshape([batch, len, n_kv, head_dim]);

    // −∞ is exact and, unlike a large negative number, fast in `exp`.
    let hidden = |row| (0..len).map(move |key| if key > row { f32::NEG_INFINITY } else { 0.0 });
    let mask: Vec<f32> = (0..group * len).flat_map(|row| hidden(row % len)).collect();
    let mask = TensorData::new(mask, [1, 1, group * len, len]);
    let mask = Tensor::<4>::from_data(mask, &queries.device());

    let scores = queries.matmul(keys.permute([0, 2, 3, 1])) + mask;
    let attended = softmax(scores, 3).matmul(values.permute([0, 2, 1, 3]));
    attended
        .reshape([batch, n_kv, group, len, head_dim])
        .permute([0, 3, 1, 2, 4])
        .reshape([batch * len, n_heads * head_dim])
}
