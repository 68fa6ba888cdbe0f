//! The machine's rate of multiplying matrices, the floor of everything else.

use std::hint::black_box;

use anyhow::Result;
use burn::tensor::{DType, Device, Distribution, Tensor};
use geno_kernels::{Format, Kernel, PackedMatrix, add_product};

use crate::{line::Line, timings::Timings};

/// Rows, inner and outer width: a Carbon-500M feed-forward layer over 1,034 tokens.
const SHAPE: [usize; 3] = [1_034, 1_024, 3_072];

/// Times of one product in one dtype by one kernel.
pub(crate) struct MatrixRate {
    pub(crate) dtype: &'static str,
    kernel: &'static str,
    timings: Timings,
}

/// Operations of one product.
fn flops() -> u64 {
    2 * SHAPE.iter().product::<usize>() as u64
}

impl MatrixRate {
    /// Operations a second.
    pub(crate) fn rate(&self) -> f64 {
        flops() as f64 / self.timings.median()
    }

    pub(crate) fn line(&self) -> Line {
        let [m, k, n] = SHAPE;
        let work = format!("{} {m}x{k}x{n}", self.dtype);
        Line::new("matrix-rate", work, &self.timings)
            .with("dtype", self.dtype)
            .with("kernel", self.kernel)
            .flops(flops())
    }
}

/// Multiplies on the CPU with the kernels of this project, in every format they have.
///
/// # Errors
///
/// None: the work cannot fail.
pub(crate) fn of_kernels(kernel: Kernel, repeats: usize) -> Result<Vec<MatrixRate>> {
    let [m, k, n] = SHAPE;
    let value = |i: usize| (i % 251) as f32 / 251. - 0.5;
    let rows: Vec<f32> = (0..m * k).map(value).collect();
    let mut sums = vec![0.; m * n];
    let formats = [
        (Format::F32, "fp32"),
        (Format::Bf16, "bf16"),
        (Format::Int8, "int8"),
    ];
    let rates = formats.map(|(format, dtype)| {
        let weights = PackedMatrix::pack(format, k, n, |column, values| {
            let weights = values.iter_mut().enumerate();
            weights.for_each(|(i, weight)| *weight = value(column + 7 * i));
        });
        let timings = Timings::of(repeats, || {
            add_product(kernel, &rows, &weights, &mut sums);
            black_box(&sums);
            Ok(())
        })?;
        Ok(MatrixRate {
            dtype,
            kernel: kernel.as_str(),
            timings,
        })
    });
    rates.into_iter().collect()
}

/// Multiplies in one dtype through Burn.
///
/// # Errors
///
/// If the device fails.
pub(crate) fn of_burn(
    device: &Device,
    kernel: &'static str,
    dtype: (&'static str, DType),
    repeats: usize,
) -> Result<MatrixRate> {
    let [m, k, n] = SHAPE;
    let random = |shape| {
        let uniform = Tensor::<2>::random(shape, Distribution::Uniform(-1., 1.), device);
        uniform.cast(dtype.1)
    };
    let (left, right) = (random([m, k]), random([k, n]));
    let timings = Timings::of(repeats, || {
        let product = left.clone().matmul(right.clone());
        device.sync()?;
        black_box(product);
        Ok(())
    })?;
    Ok(MatrixRate {
        dtype: dtype.0,
        kernel,
        timings,
    })
}

#[cfg(test)]
impl MatrixRate {
    /// A rate in operations a second that was never measured.
    pub(crate) fn made_up(dtype: &'static str, rate: f64) -> Self {
        Self {
            dtype,
            kernel: "made-up",
            timings: Timings::made_up(&[flops() as f64 / rate]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_takes_two_operations_a_pair_of_numbers() {
        assert_eq!(flops(), 6_505_365_504);
        let rate = MatrixRate {
            dtype: "bf16",
            kernel: "some-kernel",
            timings: Timings::made_up(&[2.]),
        };
        assert_eq!(rate.rate(), 3_252_682_752.);
        let json = rate.line().into_json();
        assert_eq!(json["name"], "matrix-rate");
        let names = (&json["dtype"], &json["kernel"]);
        assert_eq!(names, (&"bf16".into(), &"some-kernel".into()));
        assert_eq!(json["gflop_per_s"], 3.252682752);
    }
}
