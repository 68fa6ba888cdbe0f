//! Rows of values.

use burn::tensor::{Bool, Tensor, TensorData, assert_shape};

/// The values of a tensor, in row-major order.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Runs a prediction over the values of states `[batch, d_state]`, actions `[batch, n, d_action]` and
/// their mask `[batch, n]`, into `[batch, n, d_state]`.
pub(super) fn over_values(
    state: Tensor<2>,
    actions: Tensor<3>,
    mask: Tensor<2, Bool>,
    [d_state, d_action]: [usize; 2],
    predict: impl FnOnce(&[f32], &[f32], &[bool]) -> Vec<f32>,
) -> Tensor<3> {
    let [batch, n, _] = actions.dims();
    assert_shape!(state, [batch, d_state]);
    assert_shape!(actions, [batch, n, d_action]);
    assert_shape!(mask, [batch, n]);
    let device = state.device();
    let present: Vec<bool> = mask.into_data().iter::<bool>().collect();
    let predicted = predict(&values(state), &values(actions), &present);
    Tensor::from_data(TensorData::new(predicted, [batch, n, d_state]), &device)
}

/// Adds some rows to each as many, over and over.
pub(super) fn add_rows(rows: &mut [f32], added: &[f32]) {
    for row in rows.chunks_exact_mut(added.len()) {
        row.iter_mut().zip(added).for_each(|(x, added)| *x += added);
    }
}

/// Copies rows `[n, m, width]` to `[m, n, width]`.
pub(super) fn swap_axes(rows: &[f32], [n, m]: [usize; 2], out: &mut [f32]) {
    if rows.is_empty() {
        return;
    }
    let width = rows.len() / (n * m);
    for (i, row) in rows.chunks_exact(width).enumerate() {
        out[(i % m * n + i / m) * width..][..width].copy_from_slice(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_two_by_three_become_three_by_two_and_come_back() {
        let rows: Vec<f32> = (0..12u8).map(f32::from).collect();
        let (mut swapped, mut back) = ([0.; 12], [0.; 12]);
        swap_axes(&rows, [2, 3], &mut swapped);
        assert_eq!(swapped, [0., 1., 6., 7., 2., 3., 8., 9., 4., 5., 10., 11.]);
        swap_axes(&swapped, [3, 2], &mut back);
        assert_eq!(back.as_slice(), rows);
    }
}
