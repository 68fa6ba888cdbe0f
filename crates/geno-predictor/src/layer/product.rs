//! Matrix products whose rows do not see one another.

use burn::tensor::Tensor;

/// Widest output that the CPU's matrix product gives a cutting of its own when rows are few.
const NARROW: usize = 64;

/// Longest sum that it never cuts.
const UNCUT: usize = 512;

/// `x · weight`, each row independent of the number of rows.
///
/// The `gemm` crate 0.19 behind Burn's CPU backend adds up a row's products in one order, except
/// that (a) a single row goes through a matrix-vector path, so a second one is put beside it, and
/// (b) up to 64 rows by up to 64 columns cut sums longer than 512 elsewhere than more rows do, so
/// such sums are cut here.
pub(super) fn product(x: Tensor<2>, weight: Tensor<2>) -> Tensor<2> {
    let [rows, d_in] = x.dims();
    let [_, d_out] = weight.dims();
    if rows == 1 {
        return product(x.repeat_dim(0, 2), weight).narrow(0, 0, 1);
    }
    if d_out > NARROW || d_in <= UNCUT {
        return x.matmul(weight);
    }

    let parts = (0..d_in).step_by(UNCUT).map(|start| {
        let len = UNCUT.min(d_in - start);
        let part = x.clone().narrow(1, start, len);
        part.matmul(weight.clone().narrow(0, start, len))
    });
    parts.reduce(Tensor::add).expect("at least one part")
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData, Tolerance};
    use geno_core::RandomStream;
    use proptest::prelude::*;

    use super::*;
    use crate::source::{Init, Source};

    fn random<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
        let Ok(values) = RandomStream::new(3, name).values("", &shape, Init::Normal(1.));
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    #[test]
    fn a_sum_that_is_cut_is_the_sum() {
        let (x, weight) = (random("x", [3, 1_100]), random("w", [1_100, 5]));
        let expected = x.clone().matmul(weight.clone()).into_data();
        let tolerance = Tolerance::rel_abs(1e-4, 1e-4);
        product(x, weight)
            .into_data()
            .assert_approx_eq::<f32>(&expected, tolerance);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_row_does_not_see_how_many_rows_there_are(
            d_in in prop_oneof![3usize..40, 500usize..530, 760usize..780, 1_000usize..1_100],
            d_out in prop_oneof![2usize..20, 60usize..70, 120usize..136],
            rows in prop_oneof![2usize..10, 60usize..70, 100usize..140],
        ) {
            let (x, weight) = (random("x", [rows, d_in]), random("w", [d_in, d_out]));
            let all = product(x.clone(), weight.clone());
            for len in [1, 2, 3, rows / 2].into_iter().filter(|len| (1..=rows).contains(len)) {
                let start = rows - len;
                let some = product(x.clone().narrow(0, start, len), weight.clone());
                let expected = all.clone().narrow(0, start, len);
                some.into_data().assert_eq(&expected.into_data(), true);
            }
        }
    }
}
