//! Layer normalisation.

use crate::{
    Kernel,
    cpu::for_each_width,
    norm::{LANES, rows_back, sum_lanes, sum_of},
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

    /// The gradients of what came in, of the weights and of the biases, given that of what went out.
    ///
    /// Sums over rows are made 256 rows at a time, whatever the number of threads.
    ///
    /// # Shapes
    ///
    /// - `x`, `gradient`: `[rows, weight.len()]`
    ///
    /// # Panics
    ///
    /// If the two are not equally long, or the rows are not whole.
    pub fn backward(&self, kernel: Kernel, x: &[f32], gradient: &[f32]) -> LayerNormGradients {
        let width = self.weight.len();
        let back = |x: &[f32], gradient: &[f32], out: &mut [f32], sums: &mut [f32]| {
            row_back(kernel, x, &self.weight, self.epsilon, gradient, out, sums);
        };
        let (x, mut weight) = rows_back(width, 2 * width, x, gradient, back);
        let bias = weight.split_off(width);
        LayerNormGradients { x, weight, bias }
    }
}

/// The gradients of a [`LayerNorm`].
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNormGradients {
    /// `[rows, width]`.
    pub x: Vec<f32>,
    /// `[width]`.
    pub weight: Vec<f32>,
    /// `[width]`.
    pub bias: Vec<f32>,
}

for_each_width! {
    fn norm_row(x: &[f32], weight: &[f32], bias: &[f32], epsilon: f32, out: &mut [f32]) {
        let (mean, factor) = moments(x, epsilon);
        for (((out, value), weight), bias) in out.iter_mut().zip(x).zip(weight).zip(bias) {
            *out = (value - mean) * factor * weight + bias;
        }
    }
}

for_each_width! {
    /// `dx = f·(w∘g − mean(w∘g) − y·mean(w∘g∘y))`, `dw += g∘y` and `db += g`, where
    /// `y = f·(x − mean(x))` and `f = 1/√(variance + ε)`; weights stand before biases.
    fn row_back(
        x: &[f32],
        weight: &[f32],
        epsilon: f32,
        gradient: &[f32],
        out: &mut [f32],
        of_parameters: &mut [f32],
    ) {
        let (mean, factor) = moments(x, epsilon);
        let (mut sums, mut products) = ([0f32; LANES], [0f32; LANES]);
        let rows = x.chunks(LANES).zip(weight.chunks(LANES)).zip(gradient.chunks(LANES));
        for ((x, weight), gradient) in rows {
            for (i, ((x, weight), gradient)) in x.iter().zip(weight).zip(gradient).enumerate() {
                let pulled = weight * gradient;
                sums[i] += pulled;
                products[i] += pulled * ((x - mean) * factor);
            }
        }
        let n = x.len() as f32;
        let (shift, pull) = (sum_lanes(sums) / n, sum_lanes(products) / n);
        let (of_weight, of_bias) = of_parameters.split_at_mut(x.len());
        let rows = out.iter_mut().zip(of_weight.iter_mut().zip(of_bias)).zip(x).zip(weight).zip(gradient);
        for ((((out, (of_weight, of_bias)), x), weight), gradient) in rows {
            let normed = (x - mean) * factor;
            *out = factor * (weight * gradient - shift - normed * pull);
            *of_weight += gradient * normed;
            *of_bias += gradient;
        }
    }
}

/// The mean of a row, and one over its deviation.
#[inline(always)]
fn moments(x: &[f32], epsilon: f32) -> (f32, f32) {
    let n = x.len() as f32;
    let mean = sum_of(x, |value| value) / n;
    let variance = sum_of(x, |value| (value - mean) * (value - mean)) / n;
    (mean, 1.0 / (variance + epsilon).sqrt())
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

    /// `Σ g·y` of one row, in 64 bits.
    fn loss(norm: &LayerNorm, x: &[f64], gradient: &[f64]) -> f64 {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let square: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
        let root = (square / n + f64::from(norm.epsilon)).sqrt();
        let terms = x
            .iter()
            .zip(gradient)
            .zip(norm.weight.iter().zip(&norm.bias));
        terms
            .map(|((x, gradient), (weight, bias))| {
                gradient * ((x - mean) / root * f64::from(*weight) + f64::from(*bias))
            })
            .sum()
    }

    #[test]
    fn gradients_are_the_differences_of_the_exact_norm_alike_on_every_kernel() {
        let mut norm = LayerNorm {
            weight: (0..21).map(|i| 0.5 + i as f32 / 21.0).collect(),
            bias: (0..21).map(|i| i as f32 / 5.0 - 2.0).collect(),
            epsilon: 1e-5,
        };
        let value = |i: u16| f32::from(i * 37 % 64) / 16.0 - 2.0;
        let x: Vec<f32> = (0..21).map(value).collect();
        let gradient: Vec<f32> = (30..51).map(value).collect();
        let found = norm.backward(Kernel::PORTABLE, &x, &gradient);

        let [wide_x, wide_gradient] =
            [&x, &gradient].map(|values| values.iter().copied().map(f64::from).collect::<Vec<_>>());
        const STEP: f64 = 1e-4;
        for i in 0..21 {
            let moved = |by: f64| {
                let mut x = wide_x.clone();
                x[i] += by;
                loss(&norm, &x, &wide_gradient)
            };
            let slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            assert!((f64::from(found.x[i]) - slope).abs() < 2e-6, "{i}: {slope}");
        }
        // The norm is linear in its weights and biases.
        for i in 0..21 {
            let whole = loss(&norm, &wide_x, &wide_gradient);
            let (weight, bias) = (norm.weight[i], norm.bias[i]);
            norm.weight[i] = weight + 1.0;
            let of_weight = loss(&norm, &wide_x, &wide_gradient) - whole;
            norm.weight[i] = weight;
            norm.bias[i] = bias + 1.0;
            let of_bias = loss(&norm, &wide_x, &wide_gradient) - whole;
            norm.bias[i] = bias;
            assert!((f64::from(found.weight[i]) - of_weight).abs() < 2e-6);
            assert!((f64::from(found.bias[i]) - of_bias).abs() < 2e-6);
        }

        // More rows than one task has: each has the gradient that it has alone, and sums are over all.
        let n = 600;
        let (many, gradients) = (x.repeat(n), gradient.repeat(n));
        for kernel in Kernel::available() {
            let all = norm.backward(kernel, &many, &gradients);
            assert_eq!(all.x, found.x.repeat(n), "{kernel}");
            for (sum, one) in all.bias.iter().zip(&found.bias) {
                assert!((sum - one * n as f32).abs() <= 1e-5 * (one * n as f32).abs());
            }
        }
    }
}
