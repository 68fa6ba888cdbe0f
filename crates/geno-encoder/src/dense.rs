//! Matrix products and norms whose rows do not know how many they are.
//!
//! A state must not depend, in its last bit, on what else was computed with it. CPU matrix
//! libraries choose another summation order for
//! - one row, or one column: a matrix-vector product;
//! - few rows by few columns when both operands are contiguous along the summed axis;
//! - at most 64 rows by at most 64 columns summed over more than 512 values.
//!
//! Here the first and the last are avoided by padding rows, the second by keeping the right operand
//! contiguous along its columns. The tests try row counts from 1 to 600.

use burn::tensor::{DType, FloatDType, Tensor};

/// Sums of this many values or fewer are one block, whatever the number of rows.
const ONE_BLOCK: usize = 512;
/// More rows or more columns than this always take the general path.
const SMALL: usize = 64;

/// `left × right` for each of `batch` matrices.
///
/// Row `i` of the product depends on row `i` of `left` alone, to the last bit.
///
/// # Shapes
///
/// - `left`: `[batch, rows, inner]`
/// - `right`: `[batch, inner, columns]`, contiguous along the columns
/// - output: `[batch, rows, columns]`
pub(crate) fn matmul_rows(left: Tensor<3>, right: Tensor<3>) -> Tensor<3> {
    let [batch, rows, inner] = left.dims();
    let columns = right.dims()[2];
    let least = match inner > ONE_BLOCK && columns <= SMALL {
        true => SMALL + 1,
        false => 2,
    };
    if rows >= least {
        return product(left, right);
    }
    let padding = Tensor::zeros([batch, least - rows, inner], &left.device());
    let padded = Tensor::cat(vec![left, padding], 1);
    product(padded, right).narrow(1, 0, rows)
}

/// `left × right` in the dtype of the right operand, given in f32.
pub(crate) fn product<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    let dtype = right.dtype();
    left.cast(dtype).matmul(right).cast(DType::F32)
}

/// A layer without bias, `x · W`.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    /// `[1, n_in, n_out]`. Its dtype is that of the product.
    pub(crate) weight: Tensor<3>,
}

impl Linear {
    /// The same layer, multiplied in another dtype.
    pub(crate) fn cast(&mut self, dtype: FloatDType) {
        self.weight = self.weight.clone().cast(dtype);
    }

    /// # Shapes
    ///
    /// - `x`: `[rows, n_in]`
    /// - output: `[rows, n_out]`
    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        matmul_rows(x.unsqueeze_dim(0), self.weight.clone()).squeeze_dim(0)
    }
}

/// `x / sqrt(mean(x²) + ε) · w` over each row.
#[derive(Clone, Debug)]
pub(crate) struct RmsNorm {
    /// `[1, n]`.
    pub(crate) weight: Tensor<2>,
    pub(crate) epsilon: f64,
}

impl RmsNorm {
    /// # Shapes
    ///
    /// - `x`, output: `[rows, n]`
    pub(crate) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mean_square = x.clone().square().mean_dim(1);
        x * mean_square.add_scalar(self.epsilon).sqrt().recip() * self.weight.clone()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    use super::*;

    /// Numbers in −1..1 without a pattern.
    fn random(shape: [usize; 3], seed: u64) -> Tensor<3> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| next()).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    fn bits(x: Tensor<3>) -> Vec<u32> {
        let x = x.into_data();
        x.as_slice::<f32>()
            .unwrap()
            .iter()
            .map(|x| x.to_bits())
            .collect()
    }

    /// The rows from `cut` on, computed without and with those before.
    fn assert_rows_do_not_see_others(left: Tensor<3>, right: Tensor<3>, cut: usize) {
        let [_, rows, inner] = left.dims();
        let alone = matmul_rows(left.clone().narrow(1, cut, rows - cut), right.clone());
        let together = matmul_rows(left, right).narrow(1, cut, rows - cut);
        let same = bits(alone) == bits(together);
        assert!(same, "{rows} rows from {cut}, sums of {inner}");
    }

    #[test]
    fn rows_at_the_borders_of_the_fast_paths_do_not_depend_on_their_number() {
        for inner in [4, 32, 512, 513, 1024, 1_500] {
            let left = random([2, 600, inner], 1);
            for columns in [6, 16, 64, 65, 128] {
                let right = random([2, inner, columns], 2);
                for rows in [2, 3, 16, 17, 64, 65, 66, 128, 600] {
                    let left = left.clone().narrow(1, 0, rows);
                    for cut in [rows - 1, rows - 2, rows / 2] {
                        assert_rows_do_not_see_others(left.clone(), right.clone(), cut);
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn rows_do_not_depend_on_their_number(
            rows in 1..=600usize, inner in 1..700usize, columns in 2..300usize,
            cut in any::<prop::sample::Index>(),
        ) {
            let left = random([2, rows, inner], 1);
            let right = random([2, inner, columns], 2);
            assert_rows_do_not_see_others(left, right, cut.index(rows));
        }
    }

    #[test]
    fn a_norm_divides_by_the_root_mean_square() {
        let norm = RmsNorm {
            weight: Tensor::from_floats([[1.0, 2.0]], &Device::flex()),
            epsilon: 0.0,
        };
        let x = Tensor::from_floats([[3.0, 4.0]], &Device::flex());
        let y = norm.forward(x).into_data();
        let root = 12.5f32.sqrt();
        let expected = TensorData::from([[3.0 / root, 8.0 / root]]);
        y.assert_approx_eq::<f32>(&expected, burn::tensor::Tolerance::absolute(1e-6));
    }
}
