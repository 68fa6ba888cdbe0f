//! Rows of values.

use burn::tensor::Tensor;

/// The values of a tensor, in row-major order.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
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
