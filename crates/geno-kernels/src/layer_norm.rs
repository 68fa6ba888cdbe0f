//! Layer normalisation.

use crate::{
    Kernel,
    cpu::for_each_width,
    norm::{LANES, sum_lanes},
    product::LARGEST_BLOCK,
    rows::{Matrix, MatrixMut, for_each_block},
};

/// `(x − mean) / √(variance + ε) · w + b` over each row.
///
/// # Source
///
/// Ba, Kiros and Hinton, "Layer Normalization", 2016. The variance is that of the row, not the
/// estimate of a population's.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    /// One weight a column.
    pub weight: Vec<f32>,
    /// One bias a column.
    pub bias: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f32,
}

impl LayerNorm {
    /// Norms each row of `x`, `[rows, weight.len()]`, into the same place of `out`.
    ///
    /// # Panics
    ///
    /// If `out` is not as long as `x`, the rows are not whole, or there is not a bias a weight.
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_kernels::{Kernel, LayerNorm};
    ///
    /// let norm = LayerNorm { weight: vec![2., 2.], bias: vec![0., 1.], epsilon: 0. };
    /// let mut out = [0.; 2];
    /// norm.forward(Kernel::PORTABLE, &[3., 7.], &mut out);
    /// assert_eq!(out, [-2., 3.]);
    /// ```
    pub fn forward(&self, kernel: Kernel, x: &[f32], out: &mut [f32]) {
        let width = self.weight.len();
        assert_eq!(self.bias.len(), width, "biases of another width");
        assert_eq!(x.len(), out.len(), "norms of other rows");
        assert_eq!(x.len() % width, 0, "a part of a row");
        let rows = (
            Matrix { values: x, width },
            MatrixMut { values: out, width },
        );
        for_each_block(rows, LARGEST_BLOCK, &|(x, out): (
            Matrix<'_>,
            MatrixMut<'_>,
        )| {
            let rows = x.values.chunks_exact(width);
            for (x, out) in rows.zip(out.values.chunks_exact_mut(width)) {
                norm_row(kernel, x, &self.weight, &self.bias, self.epsilon, out);
            }
        });
    }
}

for_each_width! {
    fn norm_row(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32]) {
        let n = x.len() as f32;
        let (lanes, rest) = x.as_chunks::<LANES>();
        let mut sums = [0f32; LANES];
        for values in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value;
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *sum += value;
        }
        let mean = sum_lanes(sums) / n;

        let mut squares = [0f32; LANES];
        for values in lanes {
            for (sum, value) in squares.iter_mut().zip(values) {
                *sum += (value - mean) * (value - mean);
            }
        }
        for (sum, value) in squares.iter_mut().zip(rest) {
            *sum += (value - mean) * (value - mean);
        }
        let factor = 1.0 / (sum_lanes(squares) / n + epsilon).sqrt();
        for (((out, value), weight), bias) in out.iter_mut().zip(x).zip(weight).zip(bias) {
            *out = (value - mean) * factor * weight + bias;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_mean_taken_and_is_divided_by_its_deviation_alike_on_every_kernel() {
        let norm = LayerNorm {
            weight: (0..37).map(|i| 1.0 + i as f32 / 37.0).collect(),
            bias: (0..37).map(|i| i as f32 / 5.0 - 3.0).collect(),
            epsilon: 1e-5,
        };
        let x: Vec<f32> = (0..74).map(|i| ((i * 29) % 31) as f32 + 100.0).collect();
        let mut canonical = vec![0.0; 74];
        norm.forward(Kernel::PORTABLE, &x, &mut canonical);
        for (x, y) in x.chunks(37).zip(canonical.chunks(37)) {
            let mean: f64 = x.iter().map(|x| f64::from(*x)).sum::<f64>() / 37.0;
            let square: f64 = x.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum();
            let root = (square / 37.0 + 1e-5).sqrt();
            for (i, (x, y)) in x.iter().zip(y).enumerate() {
                let normed = (f64::from(*x) - mean) / root;
                let exact = normed * f64::from(norm.weight[i]) + f64::from(norm.bias[i]);
                // The mean, near 115, is rounded to 4e-6, and the deviation is near 9.
                assert!((f64::from(*y) - exact).abs() < 3e-6, "{y} {exact}");
            }
        }
        for kernel in Kernel::available() {
            let mut out = vec![0.0; 74];
            norm.forward(kernel, &x, &mut out);
            assert_eq!(out, canonical, "{kernel}");
        }
    }
}
