//! Root-mean-square norms.

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

for_each_width! {
    fn norm_row(x: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
        let (lanes, rest) = x.as_chunks::<LANES>();
        let mut sums = [0f32; LANES];
        for values in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value * value;
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *sum += value * value;
        }
        let mean = sum_lanes(sums) / x.len() as f32;
        let factor = 1.0 / (mean + epsilon).sqrt();
        for ((out, value), weight) in out.iter_mut().zip(x).zip(weight) {
            *out = value * factor * weight;
        }
    }
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
