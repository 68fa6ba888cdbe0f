//! Products of activations and weights, over many rows.

use std::ops::Range;

use crate::{
    Kernel, PackedMatrix, RmsNorm,
    few_rows::{MOST_ROWS, few_rows},
    packed_rows::{PackedRows, parts},
    rows::{Matrix, MatrixMut, Rows, for_each_block},
    scratch::{Scratch, at_least, with_scratch},
};

/// Most tiles of a task: 140 rows are read from the second cache, and share each panel of weights.
pub(crate) const LARGEST_BLOCK: usize = 10;

/// Norms rows and multiplies them with some matrices: `out = norm(x) · W` for each.
///
/// # Shapes
///
/// - `x`: `[rows, inner]`
/// - each output: `[rows, columns of its matrix]`
///
/// # Cost
///
/// `2 · rows · inner · columns` operations a matrix. Weights are read once for every 140 rows.
///
/// # Panics
///
/// If a shape does not fit the others, or the matrices have different formats.
pub fn project<const N: usize>(
    kernel: Kernel,
    norm: &RmsNorm,
    x: &[f32],
    products: [(&PackedMatrix, &mut [f32]); N],
) {
    let inner = norm.weight.len();
    let format = products[0].0.format;
    let n_rows = x.len() / inner;
    assert_eq!(x.len(), n_rows * inner, "a part of a row");
    let weights = products.each_ref().map(|(weight, out)| {
        assert_eq!(weight.inner, inner, "weights for another width");
        assert_eq!(weight.format, format, "weights of another format");
        assert_eq!(
            out.len(),
            n_rows * weight.columns,
            "a product of other rows"
        );
        *weight
    });
    let outs = products.map(|(weight, values)| MatrixMut {
        values,
        width: weight.columns,
    });
    let x = Matrix {
        values: x,
        width: inner,
    };
    for_each_block((x, outs), LARGEST_BLOCK, &|(x, outs): (
        Matrix<'_>,
        [_; N],
    )| {
        with_scratch(|scratch| {
            let normed = at_least(&mut scratch.values, x.values.len());
            norm.forward(kernel, x.values, normed);
            let (rows, mut outs) = (&mut scratch.rows, outs);
            for part in parts(format, inner) {
                rows.pack(kernel, format, normed, x.n_rows(), part.clone(), inner);
                for (weight, out) in weights.iter().zip(&mut outs) {
                    let (columns, add) = (0..weight.columns, part.start > 0);
                    weight.multiply(kernel, rows, columns, part.start, out.values, add);
                }
            }
        });
    });
}

/// Multiplies rows with a matrix and adds the product: `x += rows · W`.
///
/// # Shapes
///
/// - `rows`: `[rows, inner]`
/// - `x`: `[rows, columns]`
///
/// # Cost
///
/// `2 · rows · inner · columns` operations. Weights are read once for every 140 rows.
///
/// # Panics
///
/// If a shape does not fit the others.
pub fn add_product(kernel: Kernel, rows: &[f32], weight: &PackedMatrix, x: &mut [f32]) {
    product(kernel, rows, weight, Start::There, x);
}

/// Multiplies rows with a matrix: `out = rows · W`, as [`add_product`].
///
/// # Panics
///
/// If a shape does not fit the others.
pub fn multiply_rows(kernel: Kernel, rows: &[f32], weight: &PackedMatrix, out: &mut [f32]) {
    product(kernel, rows, weight, Start::Zero, out);
}

/// What a product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    /// Nothing.
    Zero,
    /// What is there.
    There,
    /// A bias, one a column.
    Bias(&'a [f32]),
    /// What is there and a bias.
    AddedBias(&'a [f32]),
}

impl Start<'_> {
    /// Makes some columns of rows ready; returns whether the product is added to them.
    fn prepare(self, columns: Range<usize>, rows: &mut [f32]) -> bool {
        match self {
            Self::Zero => return false,
            Self::There => {}
            Self::Bias(bias) => {
                let bias = &bias[columns];
                for row in rows.chunks_exact_mut(bias.len()) {
                    row.copy_from_slice(bias);
                }
            }
            Self::AddedBias(bias) => {
                let bias = &bias[columns];
                for row in rows.chunks_exact_mut(bias.len()) {
                    row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
                }
            }
        }
        true
    }
}

/// `out = start + rows · W`.
pub(crate) fn product(
    kernel: Kernel,
    rows: &[f32],
    weight: &PackedMatrix,
    start: Start<'_>,
    out: &mut [f32],
) {
    let n_rows = rows.len() / weight.inner;
    assert_eq!(rows.len(), n_rows * weight.inner, "a part of a row");
    assert_eq!(
        out.len(),
        n_rows * weight.columns,
        "a product of other rows"
    );
    let rows = Matrix {
        values: rows,
        width: weight.inner,
    };
    let out = MatrixMut {
        values: out,
        width: weight.columns,
    };
    if n_rows <= MOST_ROWS {
        return few_rows(kernel, rows, weight, start, out);
    }
    for_each_block((rows, out), LARGEST_BLOCK, &|(rows, out)| {
        with_scratch(|scratch| {
            let Scratch { rows: packed, .. } = scratch;
            block(
                kernel,
                rows,
                weight,
                0..weight.columns,
                start,
                packed,
                out.values,
            );
        });
    });
}

/// Some columns of the product of a block of rows; `out` has those alone.
pub(crate) fn block(
    kernel: Kernel,
    rows: Matrix<'_>,
    weight: &PackedMatrix,
    columns: Range<usize>,
    start: Start<'_>,
    packed: &mut PackedRows,
    out: &mut [f32],
) {
    let add = start.prepare(columns.clone(), out);
    for part in parts(weight.format, weight.inner) {
        let (first, n_rows) = (part.start, rows.n_rows());
        packed.pack(
            kernel,
            weight.format,
            rows.values,
            n_rows,
            part,
            weight.inner,
        );
        weight.multiply(
            kernel,
            packed,
            columns.clone(),
            first,
            out,
            add || first > 0,
        );
    }
}
