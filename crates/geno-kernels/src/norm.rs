//! Root-mean-square norms.

use rayon::prelude::*;

use crate::cpu::{Kernel, for_each_width};

/// Partial sums of a row, which do not depend on the width of registers.
pub(crate) const LANES: usize = 16;

/// `x / sqrt(mean(x²) + ε) · w` over each row.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    /// One weight a column.
    pub weight: Vec<f32>,
    /// Added to the mean square.
    pub epsilon: f32,
}

impl RmsNorm {
    /// Norms each row of `x`, `[rows, weight.len()]`, into the same place of `out`.
    ///
    /// # Panics
    ///
    /// If `out` is not as long as `x`, or the rows are not whole.
    pub fn forward(&self, kernel: Kernel, x: &[f32], out: &mut [f32]) {
        let width = self.weight.len();
        assert_eq!(x.len(), out.len(), "norms of other rows");
        assert_eq!(x.len() % width, 0, "a part of a row");
        for (x, out) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            norm_row(kernel, x, &self.weight, self.epsilon, out);
        }
    }
}

/// Rows whose part of a weight's gradient is summed up before it is added to that of others.
const BLOCK: usize = 256;

/// The gradients of a norm.
#[derive(Clone, Debug, PartialEq)]
pub struct NormGradients {
    /// `[rows, width]`.
    pub x: Vec<f32>,
    /// `[width]`.
    pub weight: Vec<f32>,
}

impl RmsNorm {
    /// [`forward`](Self::forward) with all threads.
    pub fn forward_rows(&self, kernel: Kernel, x: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; x.len()];
        let block = BLOCK * self.weight.len();
        let blocks = out.par_chunks_mut(block).zip(x.par_chunks(block));
        blocks.for_each(|(out, x)| self.forward(kernel, x, out));
        out
    }

    /// The gradients of what came in and of the weights, given that of what went out.
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
    pub fn backward(&self, kernel: Kernel, x: &[f32], gradient: &[f32]) -> NormGradients {
        let width = self.weight.len();
        let back = |x: &[f32], gradient: &[f32], out: &mut [f32], sums: &mut [f32]| {
            row_back(kernel, x, &self.weight, self.epsilon, gradient, out, sums);
        };
        let (x, weight) = rows_back(width, width, x, gradient, back);
        NormGradients { x, weight }
    }
}

/// Runs `back` on each row of `x` with its gradient, its part of the first output, and sums over rows,
/// which are made 256 rows at a time, whatever the number of threads.
pub(crate) fn rows_back(
    width: usize,
    n_sums: usize,
    x: &[f32],
    gradient: &[f32],
    back: impl Fn(&[f32], &[f32], &mut [f32], &mut [f32]) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    assert_eq!(x.len(), gradient.len(), "a gradient of other rows");
    assert_eq!(x.len() % width, 0, "a part of a row");
    let mut out = vec![0.0; x.len()];
    let blocks = out
        .par_chunks_mut(BLOCK * width)
        .zip(x.par_chunks(BLOCK * width))
        .zip(gradient.par_chunks(BLOCK * width));
    let parts = blocks.map(|((out, x), gradient)| {
        let mut sums = vec![0.0; n_sums];
        let rows = x.chunks_exact(width).zip(gradient.chunks_exact(width));
        for (out, (x, gradient)) in out.chunks_exact_mut(width).zip(rows) {
            back(x, gradient, out, &mut sums);
        }
        sums
    });
    let parts: Vec<Vec<f32>> = parts.collect();
    let mut sums = vec![0.0; n_sums];
    for part in parts {
        for (sum, part) in sums.iter_mut().zip(part) {
            *sum += part;
        }
    }
    (out, sums)
}

for_each_width! {
    /// `dx = f·(w∘g) − f³·mean(w∘g∘x)·x` and `dw += f·(g∘x)`, where `f = 1/√(mean(x²) + ε)`.
    fn row_back(
        x: &[f32],
        weight: &[f32],
        epsilon: f32,
        gradient: &[f32],
        out: &mut [f32],
        weight_gradient: &mut [f32],
    ) {
        let (mut squares, mut products) = ([0f32; LANES], [0f32; LANES]);
        for ((x, weight), gradient) in
            x.chunks(LANES).zip(weight.chunks(LANES)).zip(gradient.chunks(LANES))
        {
            for (i, ((x, weight), gradient)) in x.iter().zip(weight).zip(gradient).enumerate() {
                squares[i] += x * x;
                products[i] += x * weight * gradient;
            }
        }
        let n = x.len() as f32;
        let factor = 1.0 / (sum_lanes(squares) / n + epsilon).sqrt();
        let pull = factor * factor * factor * (sum_lanes(products) / n);
        let rows = out.iter_mut().zip(weight_gradient).zip(x).zip(weight).zip(gradient);
        for ((((out, sum), x), weight), gradient) in rows {
            *out = factor * (weight * gradient) - pull * x;
            *sum += factor * (gradient * x);
        }
    }
}

for_each_width! {
    fn norm_row(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
        let mean = sum_of(x, |value| value * value) / x.len() as f32;
        let factor = 1.0 / (mean + epsilon).sqrt();
        for ((out, value), weight) in out.iter_mut().zip(x).zip(weight) {
            *out = value * factor * weight;
        }
    }
}

/// The sum of a term of each value, in lanes.
#[inline(always)]
pub(crate) fn sum_of(x: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let (lanes, rest) = x.as_chunks::<LANES>();
    let mut sums = [0f32; LANES];
    for values in lanes {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += term(*value);
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += term(*value);
    }
    sum_lanes(sums)
}

/// The sum of the lanes, in pairs.
#[inline(always)]
pub(crate) fn sum_lanes(mut lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_divided_by_its_root_mean_square_alike_on_every_kernel() {
        let norm = RmsNorm {
            weight: (0..37).map(|i| 1.0 + i as f32 / 37.0).collect(),
            epsilon: 1e-6,
        };
        let x: Vec<f32> = (0..74).map(|i| ((i * 29) % 31) as f32 - 15.0).collect();
        let mut canonical = vec![0.0; 74];
        norm.forward(Kernel::PORTABLE, &x, &mut canonical);
        for (x, y) in x.chunks(37).zip(canonical.chunks(37)) {
            let square: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
            let root = (square / 37.0 + 1e-6).sqrt();
            for ((x, y), weight) in x.iter().zip(y).zip(&norm.weight) {
                let exact = f64::from(*x) / root * f64::from(*weight);
                assert!((f64::from(*y) - exact).abs() < 1e-6, "{y} {exact}");
            }
        }
        for kernel in Kernel::available() {
            let mut out = vec![0.0; 74];
            norm.forward(kernel, &x, &mut out);
            assert_eq!(out, canonical, "{kernel}");
        }
    }
}
