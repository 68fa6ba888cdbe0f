//! What the machine can do at most, measured in the same run as what is compared with it.

use std::{cell::OnceCell, hint::black_box};

use anyhow::Result;
use burn::tensor::{DType, Device};
use geno_core::{Digest, Dtype};
use geno_kernels::Kernel;
use geno_runtime::{Backend, BackendChoice};

use crate::{
    matrix_rate::{self, MatrixRate},
    memory_bandwidth::{self, MemoryBandwidth},
    timings::Timings,
};

/// Bytes hashed to learn the rate of SHA-256.
const HASHED: usize = 64 << 20;

/// The machine's limits, each measured when it is first asked for.
pub(crate) struct Machine {
    pub(crate) backend: Backend,
    device: Device,
    repeats: usize,
    matrix: OnceCell<Vec<MatrixRate>>,
    memory: OnceCell<MemoryBandwidth>,
    sha256: OnceCell<f64>,
}

impl Machine {
    /// # Errors
    ///
    /// If the backend cannot be used.
    pub(crate) fn new(choice: BackendChoice, repeats: usize) -> Result<Self> {
        let (backend, device) = choice.select()?;
        Ok(Self {
            backend,
            device,
            repeats,
            matrix: OnceCell::new(),
            memory: OnceCell::new(),
            sha256: OnceCell::new(),
        })
    }

    /// The backend's device.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// The rates of multiplying matrices: through the backend in every dtype that it computes in,
    /// and on CPUs by this project's kernels.
    pub(crate) fn matrix_rates(&self) -> Result<&[MatrixRate]> {
        if self.matrix.get().is_none() {
            let rates = self.measure_matrix_rates()?;
            return Ok(self.matrix.get_or_init(|| rates));
        }
        Ok(self.matrix.get().map_or(&[], Vec::as_slice))
    }

    fn measure_matrix_rates(&self) -> Result<Vec<MatrixRate>> {
        let is_gpu = matches!(self.backend, Backend::Wgpu | Backend::Cuda);
        let mut dtypes = vec![("fp32", DType::F32)];
        if is_gpu {
            let halves = [("bf16", DType::BF16), ("fp16", DType::F16)];
            dtypes.extend(
                halves
                    .iter()
                    .filter(|half| self.device.supports_dtype(half.1)),
            );
        }
        let kernel = self.backend.kernel();
        let burn = |dtype| matrix_rate::of_burn(&self.device, kernel, dtype, self.repeats);
        let mut rates: Vec<_> = dtypes.into_iter().map(burn).collect::<Result<_>>()?;
        if !is_gpu {
            rates.extend(matrix_rate::of_kernels(Kernel::detect(), self.repeats)?);
        }
        Ok(rates)
    }

    pub(crate) fn memory(&self) -> Result<&MemoryBandwidth> {
        if let Some(memory) = self.memory.get() {
            return Ok(memory);
        }
        let memory = memory_bandwidth::measure(self.repeats)?;
        Ok(self.memory.get_or_init(|| memory))
    }

    /// Bytes that one thread hashes in a second.
    pub(crate) fn sha256_rate(&self) -> Result<f64> {
        if let Some(rate) = self.sha256.get() {
            return Ok(*rate);
        }
        let bytes = vec![7; HASHED];
        let timings = Timings::of(self.repeats, || {
            black_box(Digest::of(black_box(&bytes)));
            Ok(())
        })?;
        Ok(*self.sha256.get_or_init(|| HASHED as f64 / timings.median()))
    }

    /// The least seconds for an encoder's operations and a predictor's, each in its dtype, with the
    /// reason in words. A dtype without a rate of its own is computed in f32.
    pub(crate) fn matrix_floor(
        &self,
        encoder: (Dtype, u64),
        predictor: (Dtype, u64),
    ) -> Result<(f64, String)> {
        let named = |(dtype, flops): (Dtype, u64)| (dtype.as_str(), flops);
        Ok(floor(
            self.matrix_rates()?,
            named(encoder),
            named(predictor),
        ))
    }
}

fn floor(rates: &[MatrixRate], encoder: (&str, u64), predictor: (&str, u64)) -> (f64, String) {
    let fastest = |dtype: &str| {
        let own = rates.iter().filter(|rate| rate.dtype == dtype);
        own.max_by(|a, b| a.rate().total_cmp(&b.rate()))
    };
    let f32 = fastest("fp32").expect("f32 is always measured");
    let [own, other] = [encoder.0, predictor.0].map(|dtype| fastest(dtype).unwrap_or(f32));
    let seconds = encoder.1 as f64 / own.rate() + predictor.1 as f64 / other.rate();
    let why = match (encoder.1, predictor.1) {
        (_, 0) => format!("the {} matrix rate", own.dtype),
        (0, _) => format!("the {} matrix rate", other.dtype),
        _ => format!(
            "the {} matrix rate, of the predictor {}",
            own.dtype, other.dtype
        ),
    };
    (seconds, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_held_against_the_best_rate_of_its_dtype() {
        let rates = [
            MatrixRate::made_up("fp32", 50.),
            MatrixRate::made_up("fp32", 100.),
            MatrixRate::made_up("bf16", 400.),
        ];
        let (seconds, why) = floor(&rates, ("bf16", 800), ("fp32", 100));
        assert!((seconds - 3.).abs() < 1e-9, "{seconds}");
        assert_eq!(why, "the bf16 matrix rate, of the predictor fp32");
        let (seconds, why) = floor(&rates, ("fp16", 800), ("fp32", 0));
        assert!((seconds - 8.).abs() < 1e-9, "{seconds}");
        assert_eq!(why, "the fp32 matrix rate");
        let (seconds, why) = floor(&rates, ("fp32", 0), ("bf16", 800));
        assert!((seconds - 2.).abs() < 1e-9, "{seconds}");
        assert_eq!(why, "the bf16 matrix rate");
    }
}
