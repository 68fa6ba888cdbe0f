//! What a softmax is made of.

use crate::{
    cpu::{Kernel, for_each_width},
    exp::exp,
    norm::{LANES, sum_lanes},
};

/// The scale of a row that [`exponentials`] has turned into powers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponentials {
    /// The row's largest value.
    pub largest: f32,
    /// The sum of the powers, 1 or more.
    pub sum: f32,
}

/// Turns each `x` of a row into `e^(x − largest)`, and gives the largest value and their sum.
///
/// So `e^x / Σ e^x` is a power divided by the sum, and `ln Σ e^x = largest + ln sum`. A power has a
/// relative error below `3e-7`, and one below `e⁻⁸⁷` is `e⁻⁸⁷`.
///
/// # Panics
///
/// If the row is empty.
///
/// # Examples
///
/// ```
/// use geno_kernels::{Kernel, exponentials};
///
/// let mut row = [2f32.ln(), 4f32.ln(), 2f32.ln()];
/// let found = exponentials(Kernel::detect(), &mut row);
/// assert!((row[0] - 0.5).abs() < 1e-6 && row[1] == 1.0);
/// assert!((found.sum - 2.0).abs() < 1e-6);
/// ```
pub fn exponentials(kernel: Kernel, row: &mut [f32]) -> Exponentials {
    assert!(!row.is_empty(), "a row of no values");
    exponentials_of_row(kernel, row)
}

for_each_width! {
    fn exponentials_of_row(row: &mut [f32]) -> Exponentials {
        let mut tops = [f32::NEG_INFINITY; LANES];
        let (lanes, rest) = row.as_chunks::<LANES>();
        for values in lanes {
            for (top, value) in tops.iter_mut().zip(values) {
                *top = top.max(*value);
            }
        }
        let largest = tops.into_iter().chain(rest.iter().copied()).fold(f32::NEG_INFINITY, f32::max);

        let mut sums = [0f32; LANES];
        let (lanes, rest) = row.as_chunks_mut::<LANES>();
        for values in lanes {
            for (sum, value) in sums.iter_mut().zip(values) {
                *value = exp(*value - largest);
                *sum += *value;
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *value = exp(*value - largest);
            *sum += *value;
        }
        Exponentials { largest, sum: sum_lanes(sums) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_their_sum_are_those_of_exact_arithmetic_alike_on_every_kernel() {
        let row: Vec<f32> = (0..4_099)
            .map(|i| ((i * 37) % 101) as f32 / 9.0 - 50.0)
            .collect();
        for len in [1, 15, 16, 33, 4_099] {
            let row = &row[..len];
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let exact: Vec<f64> = row
                .iter()
                .map(|x| (f64::from(*x) - f64::from(largest)).exp())
                .collect();
            let mut canonical = row.to_vec();
            let found = exponentials(Kernel::PORTABLE, &mut canonical);
            assert_eq!(found.largest, largest);
            let sum: f64 = exact.iter().sum();
            assert!((f64::from(found.sum) / sum - 1.0).abs() < 1e-6, "{len}");
            for (found, exact) in canonical.iter().zip(&exact) {
                // A difference of values up to 60 is itself rounded.
                assert!((f64::from(*found) / exact - 1.0).abs() < 3e-6);
            }
            for kernel in Kernel::available() {
                let mut powers = row.to_vec();
                assert_eq!(exponentials(kernel, &mut powers), found, "{kernel}");
                assert_eq!(powers, canonical, "{kernel}");
            }
        }
    }
}
