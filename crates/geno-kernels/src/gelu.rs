//! The Gaussian error linear unit.

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

for_each_width! {
    fn gelu_values(values: &mut [f32]) {
        for x in values {
            let tail = upper_tail(x.abs());
            *x *= if *x > 0.0 { 1.0 - tail } else { tail };
        }
    }
}

/// `1 − Φ(z)` for `z ≥ 0`.
///
/// `e^(−z²/2)·t·P(t)` with `t = 1/(1 + 0.3·z)`. `P` is the polynomial of degree 7 with the smallest
/// relative error for `z` up to 9.5, `5e-8`; past that the tail is below `2e-21`.
#[inline(always)]
fn upper_tail(z: f32) -> f32 {
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
    exp(-0.5 * z * z) * t * sum
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
    fn it_goes_on_past_the_range_of_its_polynomial() {
        let mut values = [0.0, -0.0, 40.0, -40.0, f32::MAX, f32::NAN];
        gelu(Kernel::PORTABLE, &mut values, 6);
        assert_eq!(values[..3], [0.0, 0.0, 40.0]);
        assert!(values[3].abs() < 1e-30);
        assert_eq!(values[4], f32::MAX);
        assert!(values[5].is_nan());
    }
}
