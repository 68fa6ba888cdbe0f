//! The Gaussian error linear unit.

use std::f32::consts::FRAC_2_SQRT_PI;

use rayon::prelude::*;

use crate::{
    Kernel,
    cpu::for_each_width,
    exp::exp,
    product::LARGEST_BLOCK,
    rows::{MatrixMut, for_each_block},
};

/// Replaces every value by `x·Φ(x)`, with the exact `Φ(x) = (1 + erf(x/√2)) / 2`.
///
/// Absolute errors are below `2e-7·max(|x|, 1)`. `values` are rows of `width`.
///
/// # Panics
///
/// If a row is not whole.
///
/// # Source
///
/// Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, without its approximations.
pub fn gelu(kernel: Kernel, values: &mut [f32], width: usize) {
    assert_eq!(values.len() % width, 0, "a part of a row");
    let rows = MatrixMut { values, width };
    for_each_block(rows, LARGEST_BLOCK, &|rows: MatrixMut<'_>| {
        gelu_values(kernel, rows.values);
    });
}

/// Values of one task on the way back.
const BLOCK: usize = 1 << 14;

/// The gradients of values `x`, given those of their [`gelu`]: `g·(Φ(x) + x·φ(x))`.
///
/// Absolute errors are below `4e-7·|g|`.
///
/// # Panics
///
/// If one is longer than the other.
pub fn gelu_backward(kernel: Kernel, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(x.len(), gradient.len(), "a gradient of other values");
    let mut out = vec![0.0; x.len()];
    let blocks = out
        .par_chunks_mut(BLOCK)
        .zip(x.par_chunks(BLOCK))
        .zip(gradient.par_chunks(BLOCK));
    blocks.for_each(|((out, x), gradient)| back(kernel, x, gradient, out));
    out
}

for_each_width! {
    fn gelu_values(values: &mut [f32]) {
        for x in values {
            let tail = upper_tail(x.abs(), bell(*x));
            *x *= if *x > 0.0 { 1.0 - tail } else { tail };
        }
    }
}

for_each_width! {
    fn back(x: &[f32], gradient: &[f32], out: &mut [f32]) {
        /// `1/√(2π)`.
        const DENSITY: f32 = 0.5 * FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2;
        for ((out, x), gradient) in out.iter_mut().zip(x).zip(gradient) {
            let bell = bell(*x);
            let tail = upper_tail(x.abs(), bell);
            let below = if *x > 0.0 { 1.0 - tail } else { tail };
            *out = gradient * (below + x * DENSITY * bell);
        }
    }
}

/// `e^(−x²/2)`.
#[inline(always)]
fn bell(x: f32) -> f32 {
    exp(-0.5 * x * x)
}

/// `1 − Φ(z)` for `z ≥ 0`, given its [`bell`].
///
/// `e^(−z²/2)·t·P(t)` with `t = 1/(1 + 0.3·z)`. `P` is the polynomial of degree 7 with the smallest
/// relative error for `z` up to 9.5, `5e-8`; past that the tail is below `2e-21`.
#[inline(always)]
fn upper_tail(z: f32, bell: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.3 * z);
    let mut sum = 0.037_547_85;
    for coefficient in [
        -0.165_076_66,
        0.220_083_56,
        -0.066_522_74,
        0.135_495_41,
        0.097_756_41,
        0.121_111_14,
        0.119_605_04,
    ] {
        sum = sum * t + coefficient;
    }
    bell * t * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Φ(x)` by Simpson's rule over the density, from 0.
    fn normal_cdf(x: f64) -> f64 {
        let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let n = 400;
        let step = x / f64::from(n);
        let inner: f64 = (1..n)
            .map(|i| f64::from(2 + 2 * (i % 2)) * density(f64::from(i) * step))
            .sum();
        0.5 + step / 3.0 * (density(0.0) + inner + density(x))
    }

    #[test]
    fn it_is_within_two_units_in_the_seventh_place_of_the_integral_alike_on_every_kernel() {
        let xs: Vec<f32> = (-12_000..=12_000).map(|i| i as f32 / 1_000.0).collect();
        let mut canonical = xs.clone();
        gelu(Kernel::PORTABLE, &mut canonical, 1);
        for (x, y) in xs.iter().zip(&canonical) {
            let wide = f64::from(*x);
            let exact = wide * normal_cdf(wide);
            let error = (f64::from(*y) - exact).abs();
            assert!(error <= 2e-7 * wide.abs().max(1.0), "{x}: {error:e}");
        }
        for kernel in Kernel::available() {
            let mut values = xs.clone();
            gelu(kernel, &mut values, 1);
            assert_eq!(values, canonical, "{kernel}");
        }
    }

    #[test]
    fn its_slope_is_within_four_units_in_the_seventh_place_alike_on_every_kernel() {
        let xs: Vec<f32> = (-12_000..=12_000).map(|i| i as f32 / 1_000.0).collect();
        let gradient: Vec<f32> = (0..xs.len()).map(|i| (i % 7) as f32 - 3.0).collect();
        let canonical = gelu_backward(Kernel::PORTABLE, &xs, &gradient);
        for ((x, gradient), y) in xs.iter().zip(&gradient).zip(&canonical) {
            let (wide, gradient) = (f64::from(*x), f64::from(*gradient));
            let density = (-wide * wide / 2.0).exp() / std::f64::consts::TAU.sqrt();
            let exact = gradient * (normal_cdf(wide) + wide * density);
            let error = (f64::from(*y) - exact).abs();
            assert!(error <= 4e-7 * gradient.abs(), "{x}: {error:e}");
        }
        for kernel in Kernel::available() {
            let values = gelu_backward(kernel, &xs, &gradient);
            assert_eq!(values, canonical, "{kernel}");
        }
    }

    #[test]
    fn it_goes_on_past_the_range_of_its_polynomial() {
        let mut values = [0.0, -0.0, 40.0, -40.0, f32::MAX, f32::NAN];
        gelu(Kernel::PORTABLE, &mut values, 6);
        assert_eq!(values[..3], [0.0, 0.0, 40.0]);
        assert!(values[3].abs() < 1e-30);
        assert_eq!(values[4], f32::MAX);
        assert!(values[5].is_nan());
    }
}
