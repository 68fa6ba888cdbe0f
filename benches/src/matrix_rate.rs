//! The machine's rate of multiplying matrices, the floor of everything else.

use anyhow::Result;
use burn::tensor::{DType, Device, Distribution, Tensor};
use geno_core::Dtype;

use crate::{line::Line, timings::Timings};

/// Rows, inner and outer width: a Carbon-500M feed-forward layer over 1,034 tokens.
const SHAPE: [usize; 3] = [1_034, 1_024, 3_072];

/// Times of one product in one dtype.
pub(crate) struct MatrixRate {
    pub(crate) dtype: Dtype,
    kernel: &'static str,
    timings: Timings,
}

/// Operations of one product.
fn flops() -> u64 {
    2 * SHAPE.iter().product::<usize>() as u64
}

impl MatrixRate {
    /// Floating-point operations a second.
    pub(crate) fn rate(&self) -> f64 {
        flops() as f64 / self.timings.median()
    }

    pub(crate) fn line(&self) -> Line {
        let [m, k, n] = SHAPE;
        let work = format!("{} {m}x{k}x{n}", self.dtype);
        Line::new("matrix-rate", work, &self.timings)
            .with("dtype", self.dtype.as_str())
            .with("kernel", self.kernel)
            .flops(flops())
    }
}

/// Multiplies matrices in every dtype that the device computes in.
///
/// # Errors
///
/// If the device fails.
pub(crate) fn measure(
    device: &Device,
    kernel: &'static str,
    dtypes: &[Dtype],
    repeats: usize,
) -> Result<Vec<MatrixRate>> {
    let rates = dtypes.iter().map(|&dtype| {
        Ok(MatrixRate {
            dtype,
            kernel,
            timings: burn_product(device, dtype, repeats)?,
        })
    });
    rates.collect()
}

/// A product through the backend that the encoder runs on.
fn burn_product(device: &Device, dtype: Dtype, repeats: usize) -> Result<Timings> {
    let [m, k, n] = SHAPE;
    let dtype = match dtype {
        Dtype::F32 => DType::F32,
        Dtype::Bf16 => DType::BF16,
        Dtype::F16 => DType::F16,
    };
    let random = |shape| {
        let uniform = Tensor::<2>::random(shape, Distribution::Uniform(-1., 1.), device);
        uniform.cast(dtype)
    };
    let (left, right) = (random([m, k]), random([k, n]));
    Timings::of(repeats, || {
        let product = left.clone().matmul(right.clone());
        device.sync()?;
        std::hint::black_box(product);
        Ok(())
    })
}

#[cfg(test)]
impl MatrixRate {
    /// A rate in operations a second that was never measured.
    pub(crate) fn made_up(dtype: Dtype, rate: f64) -> Self {
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
            dtype: Dtype::Bf16,
            kernel: "some-kernel",
            timings: Timings::made_up(&[2.]),
        };
        assert_eq!(rate.rate(), 3_252_682_752.);
        let json = rate.line().into_json();
        assert_eq!(json["name"], "matrix-rate");
        assert_eq!(
            (&json["dtype"], &json["kernel"]),
            (&"bf16".into(), &"some-kernel".into())
        );
        assert_eq!(json["gflop_per_s"], 3.252682752);
    }
}
