//! Rotary positions of steps.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

/// Base of the wavelengths, that of long texts: haplotypes are short.
const THETA: f64 = 10_000.0;

/// The angles `θ^(−2i/d)` that a position adds to each pair of a head of width `d`.
pub(crate) fn frequencies(d_head: usize) -> Vec<f64> {
    let pairs = 0..d_head / 2;
    let exponents = pairs.map(|i| -2.0 * i as f64 / d_head as f64);
    exponents.map(|exponent| THETA.powf(exponent)).collect()
}

/// Turns pairs `(xᵢ, xᵢ₊₍d/2₎)` of a head by `p · θ^(−2i/d)` at position `p`.
pub(super) struct Rotation {
    /// `[1, 1, n, d/2]`.
    cos: Tensor<4>,
    sin: Tensor<4>,
}

impl Rotation {
    pub(super) fn new(d_head: usize, positions: Range<usize>, device: &Device) -> Self {
        let frequencies = &frequencies(d_head);
        let shape = [1, 1, positions.len(), frequencies.len()];
        let table = |of: fn(f64) -> f64| {
            let angles = positions
                .clone()
                .flat_map(|p| frequencies.iter().map(move |f| p as f64 * f));
            let values: Vec<f32> = angles.map(|angle| of(angle) as f32).collect();
            Tensor::from_data(TensorData::new(values, shape), device)
        };
        Self {
            cos: table(f64::cos),
            sin: table(f64::sin),
        }
    }

    /// Rotates `[batch, n_heads, n, d_head]`.
    pub(super) fn turn(&self, x: Tensor<4>) -> Tensor<4> {
        let half = x.dims()[3] / 2;
        let (a, b) = (x.clone().narrow(3, 0, half), x.narrow(3, half, half));
        let (cos, sin) = (self.cos.clone(), self.sin.clone());
        let turned_a = a.clone() * cos.clone() - b.clone() * sin.clone();
        let turned_b = b * cos + a * sin;
        Tensor::cat(vec![turned_a, turned_b], 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_rotated_rows_depend_on_their_distance_alone() {
        let device = Device::flex();
        let row = |values: [f32; 4]| Tensor::<4>::from_floats([[[values]]], &device);
        let (q, k) = (row([0.3, -1.0, 2.0, 0.7]), row([1.1, 0.2, -0.4, 0.9]));
        let product = |at: usize, to: usize| -> f32 {
            let turn = |x: &Tensor<4>, p| Rotation::new(4, p..p + 1, &device).turn(x.clone());
            (turn(&q, at) * turn(&k, to)).sum().into_scalar()
        };
        assert!((product(0, 0) - product(7, 7)).abs() < 1e-5);
        assert!((product(1, 4) - product(13, 16)).abs() < 1e-5);
        assert!((product(1, 4) - product(1, 5)).abs() > 1e-3);
    }
}
